#!/bin/bash
# health: the table, one container in full, exit codes, --run, --wait.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "good$ID" --health-cmd 'echo probed' --health-interval 1s busybox sleep 1000 >/dev/null
engine run -d --name "sick$ID" --health-cmd 'echo boom; false' --health-interval 1s --health-retries 1 busybox sleep 1000 >/dev/null
engine run -d --name "none$ID" busybox sleep 1000 >/dev/null

it "--wait until it is healthy"
qd health "good$ID" --wait 20s
expect_code 0
expect_out 'healthy since'
expect_out 'echo probed'

it "an unhealthy one: 8, and in the table with its output"
expect "it should become unhealthy" wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Health.Status}}' sick$ID | grep -q unhealthy"
qd health "sick$ID"
expect_code 8
qd health
expect_code 8
expect_out 'FAIL STREAK'
expect_out boom
expect "none is not healthy" [ "$(grep -c "none$ID  *none" "$WORK/out")" = 1 ]

it "--unhealthy leaves the others out"
qd health --unhealthy
expect_code 8
expect_out "sick$ID"
expect_no_out "good$ID"

it "--run runs the check now"
qd health --run "good$ID"
expect_code 0
expect_out 'exit 0  probed'
qd health --run "sick$ID"
expect_code 8

it "a missing container"
qd health "absent$ID"
expect_refusal 3 no_such_container

it "--strict: one that is still starting is not well"
engine run -d --name "begins$ID" --health-cmd true --health-interval 100s busybox sleep 1000 >/dev/null
qd health "begins$ID"
expect_code 0
qd health --strict "begins$ID"
expect_code 8

it "--watch shows it again until it is interrupted"
LIMIT=5 qd health --watch=0.2 "begins$ID"
expect_code 124 130
expect "several times" [ "$(grep -c "begins$ID" <<<"$out")" -gt 2 ]
