#!/bin/bash
# pull --relay: one NAS asks the registry, the others get the image through this machine.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
nas_up reg
"$nas" image "reg$ID"
"$nas" registry "reg$ID" >"$WORK/registry" 2>&1 || { cat "$WORK/registry" && exit 1; }
profile "reg$ID"
r=localhost:5000/relay$ID # a registry that only the NAS itself reaches
for tag in 1 2; do
  engine tag busybox "$r:$tag" && engine push -q "$r:$tag" >/dev/null && engine rmi "$r:$tag" >/dev/null
done
id_on() { use "$1" && engine image inspect -f '{{.Id}}' "$2" 2>/dev/null; }
both="reg$ID,nas1"

it "the first pulls, the second has the same image, without a registry"
qd --profile "$both" --yes pull --relay "$r:1"
expect_code 0
expect_out "Status: Downloaded newer image for $r:1"
id=$(id_on "reg$ID" "$r:1")
expect "the image should be on the first" [ -n "$id" ]
expect "the second should have it, too" [ "$(id_on nas1 "$r:1")" = "$id" ]

it "what is there already is not copied"
loads() { use nas1 && engine events --since 10m --until "$(($(date +%s) + 1))" -f event=load | wc -l; }
before=$(loads)
expect "the copy should have been seen" [ "$before" -gt 0 ]
qd --profile "$both" --yes pull --relay "$r:1"
expect_code 0
expect "nothing should be loaded again" [ "$(loads)" = "$before" ]

it "all tags"
qd --profile "$both" --yes pull --relay -a "$r"
expect_code 0
expect "the second tag should be there" [ -n "$(id_on nas1 "$r:2")" ]

it "a pull that fails copies nothing"
qd --profile "$both" --yes pull --relay "$r:absent"
expect "exit code $code" [ "$code" -ne 0 ]
expect "nothing should be there" [ -z "$(id_on nas1 "$r:absent")" ]
expect_err 'not begun after the failure: nas1'

it "a digest does not go through an archive, and one NAS simply pulls"
qd --profile "$both" --yes pull --relay "$r@sha256:$(printf '0%.0s' {1..64})"
expect_refusal 1 conflicting_flags
qd --profile "reg$ID" pull --relay "$r:1"
expect_code 0

use nas1
engine rmi "$r:1" "$r:2" >/dev/null
