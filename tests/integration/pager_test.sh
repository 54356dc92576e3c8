#!/bin/bash
# The pager: what is longer than a terminal is read through $QNAP_DOCKER_PAGER, $PAGER or less; nothing else is.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" busybox sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line-$i; done; echo last >&2; sleep 1000' >/dev/null
wait_for sh -c "docker -H unix://$NAS_SOCKET logs c$ID 2>&1 | grep -q last"
pager() { printf '#!/bin/sh\n%s\n' "$1" >"$WORK/pager" && chmod +x "$WORK/pager" && export QNAP_DOCKER_PAGER="$WORK/pager --quiet"; }

it "a log longer than the terminal is read by the pager, both streams of it; its arguments are passed on"
pager 'echo "[pager $1]"; n=$(wc -l); echo "[$n lines]"; exit 7'
on_tty 80x24 logs "c$ID" </dev/null
expect_code 0
expect_out '[pager --quiet]'
expect_out '[20001 lines]'
expect_no_out line-
expect_restored

it "what fits does not start it"
on_tty 80x24 logs -n 5 "c$ID" </dev/null
expect_out line-20000
expect_no_out '[pager'

it "nor does a log that is followed, a pipe, or --no-pager"
on_tty 80x24 logs -f "c$ID" <<'END'
expect line-20000
send \x03
END
expect_no_out '[pager'
on_tty 80x24 logs -n 50 --no-pager "c$ID" </dev/null
expect_out line-20000
expect_no_out '[pager'
qd logs -n 50 "c$ID"
expect_out line-20000
expect_no_out '[pager'
QNAP_DOCKER_PAGER='' on_tty 80x24 logs -n 50 "c$ID" </dev/null
expect_out line-20000
expect_no_out '[pager'

it "a line that wraps counts as the rows it takes"
on_tty 40x6 inspect -f '{{printf "%0500d" 7}}' "c$ID" </dev/null
expect_out '[pager --quiet]'

it "a pager that ends early ends nothing else: the exit code and what failed are told behind it"
pager 'read -r line; echo "[read $line]"'
on_tty 80x24 logs "c$ID" </dev/null
expect_code 0
expect_out '[read line-1'
expect_no_out line-20000
on_tty 80x5 inspect "c$ID" "absent$ID" </dev/null
expect_code 3
expect_out '[read'
expect_out "no such object: absent$ID"
expect_restored

it "also what a command writes while it still works, and in answer to the terminal's size alone"
pager 'n=$(grep -c container); echo "[$n containers]"'
on_tty 80x5 health "c$ID" "c$ID" </dev/null
expect_code 0
expect_out '[2 containers]'
on_tty 80x50 health "c$ID" </dev/null
expect_no_out '[2'

it "Ctrl-C is the pager's own, however often"
pager 'trap "echo [int]" INT; echo "[reads]"; until read -r x </dev/tty && [ "$x" = over ]; do :; done; echo "[$x, $(wc -l) lines]"'
on_tty 80x24 logs "c$ID" <<'END'
expect [reads]
send \x03
expect [int]
send \x03
expect [int]
send \x03
expect [int]
send \x03
expect [int]
send over\r
expect [over, 20001 lines]
END
expect_code 0
expect_restored

it "one that is not there: the output is shown all the same"
unset QNAP_DOCKER_PAGER PAGER
mkdir -p "$WORK/empty"
TERM=xterm run "$programs/pty" 80x24 /usr/bin/env PATH="$WORK/empty" "$QD_PROGRAM" logs -n 50 "c$ID" </dev/null
expect_code 0
expect_out line-20000

if command -v less >/dev/null; then
  it "less: q leaves it, and the terminal is as it was"
  on_tty 80x24 logs "c$ID" <<'END'
expect line-20
send q
END
  expect_code 0
  expect_restored

  it "a signal ends us and less"
  on_tty 80x24 logs -n 100 "c$ID" <<'END'
expect line-199
signal 15
END
  expect_code 130
  expect_restored
fi
