#!/bin/bash
# Projects as compose v2 brings them up (recorded by compose/record, see compose/lib.sh) and as we do: containers, networks and
# volumes compared by what the engine says of them. Every other project: the rest is in
# compose_live_rest_test.sh, beside it. ONLY: a pattern of names.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086
nas_up live ${NAS_OPTIONS:-}
"$nas" image "live$ID"
VIA=socket profile "live$ID"
# shellcheck source=tests/integration/compose/lib.sh
. "$here/compose/lib.sh"
settle
[ "$(cat "$recorded/abilities" 2>/dev/null)" = "$(abilities)" ] || skip_limits=1

n=0
for name in "$projects"/*; do
  name=${name##*/}
  [ $(((n += 1) % 2)) = "${HALF:-0}" ] || continue
  [[ $name =~ ${ONLY:-.} ]] || continue
  it "compose v2's $name"
  unlike=$(sed -n "s/^$api //p" "$projects/$name/unlike" 2>/dev/null)
  [ -z "$unlike" ] || { skip "$unlike" && continue; }
  [ -e "$recorded/$name.json" ] || { skip "nothing is recorded for API $api (compose/record)" && continue; }
  ready "$name"
  run env "${env[@]}" "$QD_PROGRAM" compose "${flags[@]}" up "${args[@]}"
  if expect_code 0; then
    capture >"$WORK/ours.json"
    out=$(diff -U 4 "$recorded/$name.json" "$WORK/ours.json") err='' || fail 'it should be as compose v2 makes it (-)'
  fi
  gone
done
