#!/bin/bash
# The fault sweep over logs and exec: no process stays in the container.
# shellcheck source=tests/fault/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
engine run -d --name "l$ID" busybox sh -c 'echo out; echo err >&2; sleep 0.5; echo last' >/dev/null

processes() { engine top "c$ID" -o pid,args | tail -n +2 | sed 's/^ *[0-9]* *//'; }
alone() { [ "$(processes)" = 'sleep 1000' ]; }
unless_alone() { wait_for alone || echo "a process is left: $(processes)"; }

sweep logs "l$ID"
before=restart
restart() { engine restart -t 0 "l$ID"; }
sweep logs -f --tail 1 "l$ID"
before='' after=unless_alone
sweep exec "c$ID" sh -c 'echo out; echo err >&2; exit 0'
echo words >"$WORK/words" && input=$WORK/words
sweep exec -i "c$ID" cat
