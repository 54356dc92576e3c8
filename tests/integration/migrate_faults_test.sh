#!/bin/bash
# migrate is hit at its journalled steps: killed (kill -9), an sshd or an engine of either NAS killed, a link cut, the target's disk full.
# Whatever happens: the source's data is as it was, never do both run, and resume or undo ends in a clean state.
# FULL=1: every fault at every step; STEPS="s8 s9" only these; FAULTS="kill_engine mga" only faults that begin so; TIMES=5: each so often.
# shellcheck disable=SC2016 # expectations are evaluated when they are asked
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/migrate_lib.sh
. "$here/migrate_lib.sh"
journal=$QNAP_DOCKER_HOME/state/journal mover='' struck=''

# What the source wrote before the move, without what it goes on writing.
still() { tree "$A" data | grep -v ' \./log\| \. $\|^[0-9a-f]*  \./log'; }
# strike STEP COMMAND...: moves web, and does COMMAND as soon as that step has begun.
strike() {
  local step=$1 pid file
  shift
  rm -rf "$journal"
  setsid env --default-signal=INT "$QD_PROGRAM" --yes migrate web --from "$A" --to "$B" >"$WORK/out" 2>"$WORK/err" </dev/null &
  pid=$!
  for _ in $(seq 200); do
    file=$(echo "$journal"/*.ndjson)
    [ -e "$file" ] && break
    sleep 0.05
  done
  # The journal says when; tail sees it within a millisecond or two.
  timeout 60 tail -n +1 -s 0.01 --pid="$pid" -f "$file" 2>/dev/null | grep -qm1 "\"step\":\"$step\",\"t\":\"started\""
  mover=$pid struck="$*"
  "$@"
  wait "$pid" 2>/dev/null
  code=$?
  out=$(<"$WORK/out") err=$(<"$WORK/err")
}
kill_ours() { kill -9 "$mover"; }
interrupt() { kill -INT "$mover"; }
kill_sshd() { "$nas" kill-sshd "$1"; }
kill_engine() { "$nas" kill-dockerd "$1"; }
cut_link() { "$nas" drop "$1"; }
fill_disk() { in_nas "$B" sh -c 'dd if=/dev/zero of=/share/CACHEDEV1_DATA/fill bs=1M 2>/dev/null; true'; }
mend() {
  local n
  "$nas" heal "$A" && "$nas" heal "$B"
  for n in "$A" "$B"; do
    on "$n" version >/dev/null 2>&1 || "$nas" restart-dockerd "$n"
    wait_for on "$n" version
  done
  in_nas "$B" rm -f /share/CACHEDEV1_DATA/fill
}
moved() { running "$B" web && ! running "$A" web && [ "$(policy "$A" web)" = no ]; }
back() { as_before && ! running "$B" web && { empty "$B" || [ "$(policy "$B" web)" = no ]; }; }
whole() { [ "$(still)" = "$before" ]; }
settled() { qd jobs -q --format '{{.State}}' && [[ $out != *interrupted* && $out != *failed* && $out != *running* ]]; }

# ends resume|undo: what was cut off is finished, or taken back; and nothing of it is left.
ends() {
  mend >/dev/null 2>&1
  qd jobs --format '{{.State}}'
  case $out in *interrupted* | *failed*) LIMIT=150 qd --yes --lock-wait 20s "$1" ;; esac
  local state=$out
  if ! settled; then LIMIT=150 qd --yes --lock-wait 20s undo; fi
  expect "it should have ended ($state): $(cat "$journal"/*.ndjson | cut -c1-300 | tail -n 5)" settled
  # All was done before the target's engine was gone, which leaves it stopped as it comes up: no fault of the move; undo brings it back.
  if [[ $struck == "kill_engine $B" && $state == finished* ]] && ! running "$B" web; then
    LIMIT=150 qd --yes --lock-wait 20s undo
    expect "it should be back: A $(on "$A" ps -a --format '{{.Names}} {{.State}}') $(policy "$A" web)" back
  fi
  unwatch
  expect "both ran at once" never_both
  expect "the source's data should be as it was: $(diff <(echo "$before") <(still))" whole
  wait_for eval 'moved || back' # an engine that comes up starts its containers by and by
  expect "it should be moved, or back: A $(on "$A" ps -a --format '{{.Names}} {{.State}}') $(policy "$A" web); B $(rest "$B" | paste -sd,)" \
    eval 'moved || back'
  wait_for no_helpers
  expect "no helper should be left" no_helpers
}

again() {
  unseed
  seed
  before=$(still)
  watch web
}

one() { # one STEP END COMMAND...
  local step=$1 end=$2 _
  shift 2
  [[ $* == "${FAULTS:-}"* ]] || return 0
  for _ in $(seq "${TIMES:-1}"); do
    again
    it "$* at $step, then $end"
    strike "$step" "$@"
    ends "$end"
  done
}

seed
qd migrate web --from "$A" --to "$B" -n --json
mapfile -t steps < <(grep -o '"id": *"s[0-9]*"' "$WORK/out" | grep -o 's[0-9]*' | sort -u -V)
it "a move has steps"
expect "steps: ${steps[*]}" [ ${#steps[@]} -gt 10 ]

if [ -n "${FULL:-}" ]; then
  for step in ${STEPS:-"${steps[@]}"}; do
    one "$step" resume kill_ours
    one "$step" undo kill_ours
    one "$step" resume interrupt
    for n in "$A" "$B"; do
      one "$step" resume kill_sshd "$n"
      one "$step" undo kill_engine "$n"
      one "$step" undo cut_link "$n"
    done
    one "$step" undo fill_disk
  done
else
  one s7 resume kill_ours   # the warm copy
  one s10 resume kill_ours  # the freeze
  one s13 undo kill_ours    # the start
  one s11 undo interrupt    # the rest of the data
  one s11 undo kill_sshd "$B"
  one s7 undo kill_engine "$A" # nothing is frozen, and its engine leaves it stopped
  one s10 undo kill_engine "$A"
  one s13 undo kill_engine "$B"
  one s7 undo fill_disk
fi
