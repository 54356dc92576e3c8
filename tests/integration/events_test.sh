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
