#!/bin/bash
# events and logs -f over a connection that breaks, and over an engine that restarts: taken up again without repeating anything.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up again
"$nas" image "again$ID"
profile "again$ID"

# begin LABEL ARGUMENTS: the program in the background; its output is in $WORK/LABEL.out, .err.
declare -A running
begin() {
  timeout -k 5 100 "$QD_PROGRAM" "${@:2}" >"$WORK/$1.out" 2>"$WORK/$1.err" </dev/null &
  running[$1]=$!
}
# interrupt LABEL: ends it; what it printed and its code are the result.
interrupt() {
  kill -TERM "${running[$1]}"
  ended "$1"
}
ended() {
  wait "${running[$1]}"
  code=$? out=$(<"$WORK/$1.out") err=$(<"$WORK/$1.err")
  cp "$WORK/$1.out" "$WORK/out"
  cp "$WORK/$1.err" "$WORK/err"
}
holds() { grep -q -- "$2" "$WORK/$1"; }
no_repetition() { [ -z "$(sort "$WORK/out" | uniq -d)" ]; }

# A counter: each line is unlike any other, so that a missing or a repeated one shows.
COUNT='n=0; while :; do n=$((n + 1)); echo "n$n"; sleep 0.2; done'
engine run -d --name "count$ID" busybox sh -c "$COUNT" >/dev/null
engine run -d --name "other$ID" busybox sh -c 'while :; do echo beat; sleep 1; done' >/dev/null
engine run -d --name "quiet$ID" busybox sleep 1000 >/dev/null

it "sshd is killed: events, logs -f in a pipe, and logs -f of several go on"
begin events events --format '{{.TimeNano}} {{.Action}} {{.Actor.Attributes.name}}'
begin pipe logs -f "count$ID"
begin several logs -f -t "count$ID" "other$ID"
begin quiet logs -f --tail 0 "count$ID" --grep '^n'
engine run --rm --name "before$ID" busybox true
for label in events pipe several quiet; do
  expect "$label should begin" wait_for test -s "$WORK/$label.out"
done
expect "events should show the start" wait_for holds events.out "destroy before$ID"
"$nas" kill-sshd "again$ID"
expect "events should notice" wait_for holds events.err 'the connection broke'
expect "logs should notice" wait_for holds pipe.err 'connection lost'
engine run -d --name "between$ID" busybox sleep 1000 >/dev/null
gap=$(engine logs --tail 1 "count$ID")
"$nas" heal "again$ID"
for label in pipe several quiet; do
  expect "$label should go on" wait_for holds "$label.err" 'connected again'
done
expect "events should tell what was missed" wait_for holds events.err 'connected again'
engine run --rm --name "after$ID" busybox true
last=$(engine logs --tail 1 "count$ID")
expect "events should go on" wait_for holds events.out "destroy after$ID"
for label in pipe several quiet; do
  expect "$label should show what comes" wait_for holds "$label.out" "$last\$"
done
[ -n "$wrong" ] && run cat "$WORK"/*.err && fail "what they said"

it "events: nothing twice, and what the engine still had is there"
interrupt events
expect_out "start between$ID"
expect_no_err 'missed while disconnected'
expect "no event should come twice" no_repetition
expect_err 'connected again'

it "logs -f in a pipe: no line twice, none missing, and the gap is told on stderr"
interrupt pipe
expect "no line should come twice" no_repetition
expect "every line should be there" cmp -s <(head -n "$(wc -l <"$WORK/out")" <(engine logs "count$ID")) "$WORK/out"
expect_out "$gap"
expect_err "warning: count$ID: connection lost"

it "logs -f of several: no line twice, in the order of time, and the gap is marked"
interrupt several
expect "no line should come twice" no_repetition
expect "lines should come in the order of their times" \
  sort -c <(grep -Eo '20[0-9-]+T[0-9:.]+' "$WORK/out")
expect_out "other$ID | "
expect_err "── count$ID connection lost ──"

it "logs -f --tail 0: nothing from before it began"
interrupt quiet
expect "no line should come twice" no_repetition
expect_no_out $'n1\n'

it "the engine restarts while the link is down: events go on, and what it has forgotten is told"
begin events events -f type=container
begin pipe logs -f "quiet$ID"
begin by_name logs -f --reattach --tail 1 "count$ID"
expect "logs should begin" wait_for test -s "$WORK/by_name.out"
engine run --rm --name "first$ID" busybox true
expect "events should show it" wait_for holds events.out "first$ID"
"$nas" kill-sshd "again$ID"
expect "events should notice" wait_for holds events.err 'the connection broke'
"$nas" restart-dockerd "again$ID"
expect "the engine should be back" wait_for engine start "count$ID"
"$nas" heal "again$ID"
expect "what was missed should be told" wait_for holds events.err "missed while disconnected: .*quiet$ID exited"
engine run --rm --name "last$ID" busybox true
expect "events should go on" wait_for holds events.out "destroy.*last$ID"
expect "logs by name should say that it runs again" wait_for holds by_name.err "count$ID restarted"
ended pipe
expect "a pipe should end with the container (exit $code)" [ "$code" = 0 ]
interrupt by_name
interrupt events
expect "no event should come twice" no_repetition
