#!/bin/bash
# logs -f by name: through a container that is made anew.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1

it "a recreated container is taken up again, and the place is marked"
engine run -d --name "r$ID" busybox sh -c 'while :; do echo old; sleep 1; done' >/dev/null
"$QD_PROGRAM" logs -f --grep . "r$ID" >"$WORK/follow" 2>"$WORK/follow.err" &
follower=$!
wait_for grep -q old "$WORK/follow"
engine rm -f "r$ID" >/dev/null
engine run -d --name "r$ID" busybox sh -c 'echo new; sleep 2' >/dev/null
wait $follower
expect "it should end with the new one's end" [ $? = 0 ]
expect "the new one's lines should be there" grep -q new "$WORK/follow"
expect "the place should be marked" grep -q 'recreated ──' "$WORK/follow.err"
