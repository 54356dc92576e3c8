#!/bin/bash
# The fault sweep over run: what failed on our side leaves no container behind.
# shellcheck source=tests/fault/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1

ours() { engine ps -aq --filter "label=sweep=$ID" "$@"; }
none() { [ -z "$(ours "$@")" ]; }
clean() { for id in $(ours); do engine rm -f "$id"; done; }
before=clean

# What was started and named on stdout stays, whatever came after that; everything else is gone.
unless_told() { [ -n "$out" ] || none || echo "a container is left: $(ours)"; }
after=unless_told
sweep run -d --label "sweep=$ID" --name "named$ID" busybox sleep 1000
sweep run -d --label "sweep=$ID" busybox sleep 1000

# In the foreground: what was started runs to its end and stays, as with docker; what was not is gone.
unless_started() { none --filter status=created || echo "a container that was not started is left"; }
after=unless_started
sweep run --label "sweep=$ID" --name "fore$ID" busybox echo out

unless_removed() { wait_for none || echo "a container is left: $(ours)"; }
after=unless_removed
sweep run --rm --label "sweep=$ID" busybox echo out
echo words >"$WORK/words" && input=$WORK/words
sweep run --rm -i --label "sweep=$ID" busybox cat
