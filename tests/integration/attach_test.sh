#!/bin/bash
# attach: the process's streams, its exit code, signals, detaching, and what cannot be attached to.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
says() { engine logs "$1" 2>&1 | grep -q "$2"; }
is() { [ "$(engine inspect -f '{{.State.Status}}' "$1")" = "$2" ]; }
READER='trap "exit 7" INT; echo ready; while read l; do echo "got $l"; [ "$l" != end ] || exit 5; done; while :; do sleep 0.1; done'

it "input goes in, output comes out, and the exit code is the process's"
engine run -di --name "a$ID" busybox sh -c "$READER" >/dev/null
wait_for says "a$ID" ready
run "$QD_PROGRAM" attach "a$ID" < <(printf 'one\nend\n')
expect_code 5 && expect_exact $'got one\ngot end'

# attached ARGUMENTS...: attach in the background, once its first line was shown; `ends` is its end.
attached() {
  rm -f "$WORK/out" # what an earlier one printed must not be taken for its first line
  "$QD_PROGRAM" attach "$@" </dev/null >"$WORK/out" 2>"$WORK/err" &
  pid=$!
  wait_for grep -q tick "$WORK/out"
}
ends() {
  wait $pid
  code=$? out=$(<"$WORK/out") err=$(<"$WORK/err")
}
TICKER='trap "exit 7" TERM; while [ ! -e /go ]; do echo tick; sleep 0.1; done; echo out; echo err >&2; exit 3'

it "output and errors come apart, --no-stdin only watches"
engine run -di --name "b$ID" busybox sh -c "$TICKER" >/dev/null
attached --no-stdin "b$ID"
engine exec "b$ID" touch /go
ends
expect_code 3 && expect_out out && expect_no_out err && expect_err err

it "signals go to the process, unless --sig-proxy=false"
engine run -di --name "c$ID" busybox sh -c "$TICKER" >/dev/null
attached --sig-proxy=false "c$ID"
kill -TERM $pid
ends
expect_code 130 143
expect "it should still run" is "c$ID" running
attached "c$ID"
kill -TERM $pid
ends
expect_code 7
expect "it should have ended" is "c$ID" exited

it "a terminal, and the keys that leave it running"
engine run -dit --name "t$ID" -e 'PS1=# ' busybox sh >/dev/null
on_tty attach "t$ID" <<'END'
expect # 
send echo he''llo\r
expect hello
send \x10\x11
END
expect_code 0 && expect_restored
expect "it should still run" is "t$ID" running
on_tty attach --detach-keys ctrl-x "t$ID" <<'END'
expect # 
send \x18
END
expect_code 0 && expect_restored

it "the window's size is the process's"
on_tty 91x31 attach "t$ID" <<'END'
expect # 
send stty size\r
expect 31 91
send exit 4\r
END
expect_code 4 && expect_restored

it "what cannot be attached to"
qd attach "t$ID"
expect_error 1 not_running
engine run -d --name "p$ID" busybox sleep 1000 >/dev/null
engine pause "p$ID" >/dev/null
qd attach "p$ID"
expect_error 1 paused
qd attach "absent$ID"
expect_code 1 && expect_err no_such_container
qd attach
expect_error 1 missing_argument
engine start "t$ID" >/dev/null
qd attach "t$ID"
expect_error 1 no_tty
qd attach --no-stdin --detach-keys nope "t$ID"
expect_code 1
