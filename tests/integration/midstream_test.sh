#!/bin/bash
# What breaks while streams run: sshd killed, the engine killed or restarted, the link dropped. Each ends by itself with a code and
# words, and the terminal is as it was. A dropped link is noticed after 45 seconds: those cases wait side by side.
# shellcheck disable=SC2016,SC2034  # what a shell further on expands; $test of lib.sh
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
export LIMIT=150 # a dead link is seen after 45 to 75 seconds, and logs -f tries 30 more
nas_up mid
"$nas" image "mid$ID"
profile "mid$ID"
engine run -d --name "c$ID" busybox sh -c 'while :; do echo tick; sleep 1; done' >/dev/null

LONG='echo here; while :; do sleep 1; done'

# begin LABEL ARGUMENTS: the program in the background; its output is in $WORK/LABEL.out, .err.
labels=()
begin() {
  labels+=("$1")
  (
    timeout -k 5 "$LIMIT" "$QD_PROGRAM" "${@:2}" >"$WORK/$1.out" 2>"$WORK/$1.err" </dev/null
    echo $? >"$WORK/$1.code"
  ) &
}
# begin_tty LABEL ARGUMENTS: the same on a terminal, which the lines of stdin type into.
begin_tty() {
  labels+=("$1")
  cat >"$WORK/$1.typed"
  (
    TERM=xterm timeout -k 5 "$LIMIT" "$programs/pty" 80x24 "$QD_PROGRAM" "${@:2}" >"$WORK/$1.out" 2>"$WORK/$1.err" <"$WORK/$1.typed"
    echo $? >"$WORK/$1.code"
  ) &
}
# shows LABEL WORD: it runs.
shows() { wait_for grep -q "$2" "$WORK/$1.out" || { run cat "$WORK/$1.out" "$WORK/$1.err" && fail "$1 does not begin"; }; }
# ended LABEL: what became of it is the result.
ended() {
  wait_for_end "$1"
  code=$(<"$WORK/$1.code") out=$(<"$WORK/$1.out") err=$(<"$WORK/$1.err")
  cp "$WORK/$1.err" "$WORK/err"
}
wait_for_end() { until [ -s "$WORK/$1.code" ]; do sleep 0.1; done; }

# all_begin: every kind of stream at once.
all_begin() {
  rm -f "$WORK"/*.code
  labels=()
  begin logs logs -f --tail 1 "c$ID"
  begin exec exec "c$ID" sh -c "$LONG"
  begin run run --label "mid=$ID" busybox sh -c "$LONG"
  begin_tty tty exec -it "c$ID" sh -c "$LONG" <<<'expect here'
  shows logs tick
  shows exec here
  shows run here
  shows tty here
}
# all_end CAUSE CODE CODE CODE: how they should end: logs, exec, run.
all_end() {
  it "$1: logs -f"
  ended logs
  expect_refusal "$2"
  it "$1: exec"
  ended exec
  expect_refusal "$3"
  it "$1: run in the foreground"
  ended run
  expect_refusal "$4"
  it "$1: exec -it: the terminal is as before"
  ended tty
  expect_code "$3"
  expect_out 'error: '
  expect_out 'code: '
  expect_restored
}
clean() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter "label=mid=$ID") >/dev/null 2>&1
}

it "sshd is killed"
all_begin
"$nas" kill-sshd "mid$ID"
all_end "sshd is killed" 5 1 125
"$nas" heal "mid$ID"
clean

it "the link is dropped"
all_begin
"$nas" drop "mid$ID"
all_end "the link is dropped" 5 1 125
"$nas" heal "mid$ID"
clean

it "the engine is killed"
all_begin
"$nas" kill-dockerd "mid$ID"
all_end "the engine is killed" 5 1 125
"$nas" restart-dockerd "mid$ID"
engine start "c$ID" >/dev/null 2>&1
clean

it "afterwards everything works"
qd exec "c$ID" echo fine
expect_code 0
expect_exact fine
