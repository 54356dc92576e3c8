#!/bin/bash
# events: docker's lines and formats, the backlog, bad words.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
from=$(date +%s)
engine run --name "e$ID" --label b=2 busybox sh -c 'exit 3' >/dev/null
until=$(($(date +%s) + 1))
sleep 1

for flags in '' '--format json' '--format {{.Type}}/{{.Action}}/{{.ID}}/{{.Actor}}/{{.TimeNano}}' '-f event=die'; do
  it "events ${flags:-alone} is docker's, byte for byte"
  like_docker || { skip "docker here is older" && continue; }
  # shellcheck disable=SC2086
  qd events --since "$from" --until "$until" -f "container=e$ID" $flags
  expect_code 0
  # shellcheck disable=SC2086
  expect_exact "$(engine events --since "$from" --until "$until" -f "container=e$ID" $flags)"
done

it "system events is the same"
qd system events --since "$from" --until "$until" -f "container=e$ID" -f event=die
expect_code 0
expect_out 'exitCode=3'

it "--backlog ends, and says how much there is"
qd events --backlog -f "container=e$ID" --json
expect_code 0
expect_out '"action":"die"'
expect_err '256 events'

it "bad times, templates and filters"
qd events --since x
expect_refusal 1 bad_time
qd events --format '{{.Nope}}'
expect_refusal 64 bad_template
qd events -f nothing
expect_refusal 125 bad_filter

it "--collapse shows repetitions once, with their number, and leaves out what health probes do"
for _ in 1 2 3; do engine tag busybox "tag$ID:1"; done
id=$(engine image inspect -f '{{.Id}}' busybox)
engine run -d --name "p$ID" --health-cmd true --health-interval 500ms busybox sleep 1000 >/dev/null
healthy() { [ "$(engine inspect -f '{{.State.Health.Status}}' "p$ID")" = healthy ]; }
wait_for healthy
engine rm -f "p$ID" >/dev/null && engine rmi "tag$ID:1" >/dev/null # an engine has room for 256 events
end=$(($(date +%s) + 1))
sleep 1
qd events --since "$from" --until "$end" -f "image=$id" -f event=tag --collapse
expect_code 0
expect "one line" [ "$(grep -c "tag$ID" "$WORK/out")" = 1 ]
expect_out '(3 times)'
qd events --since "$from" --until "$end" -f "container=p$ID" --collapse --format '{{.Action}}'
expect_out start
expect_no_out exec_
qd events --since "$from" --until "$end" -f "container=p$ID" --collapse --all --format '{{.Action}}'
expect_out 'exec_start: '
qd events --since "$from" --until "$end" -f "container=p$ID" --json
expect_out '"profile":"nas1"'

it "on a terminal it says what a number means"
engine run --name "k$ID" busybox sh -c 'kill -9 $$' >/dev/null
end=$(($(date +%s) + 1))
sleep 1
on_tty 200x40 events --since "$from" --until "$end" -f "container=e$ID" -f "container=k$ID" -f "container=p$ID" </dev/null
expect_code 0
expect_out '— ended with code 3'
expect_out '— ended with code 137 (killed: by hand, or out of memory)'
expect_out '— is healthy'
