#!/bin/bash
# stats: docker's table and fields, JSON, order and sums, stopped and missing containers, several NASes.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "run$ID" busybox sleep 1000 >/dev/null
engine create --name "new$ID" busybox true >/dev/null

for format in '{{.Container}} {{.Name}} {{.ID}} {{.PIDs}} {{.CPUPerc}}' 'table {{.Name}}\t{{.NetIO}}\t{{.BlockIO}}'; do
  it "stats --no-stream --format '$format' of a stopped container is docker's"
  like_docker || { skip "docker here is older" && continue; }
  qd stats --no-stream --format "$format" "new$ID"
  expect_code 0
  expect_exact "$(engine stats --no-stream --format "$format" "new$ID")"
done

it "the default table"
qd stats --no-stream "run$ID" "new$ID"
expect_code 0
expect_out 'CONTAINER ID'
expect_out "run$ID"
expect_out 'MEM USAGE / LIMIT'

it "--json has numbers, --top and --totals what they say"
qd stats --no-stream --json --sort mem --top 1 --totals "run$ID" "new$ID"
expect_code 0
expect_out '"cpu_percent":'
expect_out "\"name\":\"run$ID\""
expect_no_out "new$ID"
expect_out '"total":true'

it "several missing ones are all told, and nothing is shown"
qd stats --no-stream "absent$ID" "run$ID" "gone$ID"
expect_code 3
expect_exact ''
expect_err "absent$ID"
expect_err "gone$ID"

it "a template that cannot be used"
qd stats --no-stream --format '{{.Nope}}'
expect_refusal 2 bad_template

for size in 80x24 200x50; do
  it "a live table of $size, interrupted"
  on_tty $size stats "run$ID" <<END
expect run$ID
send \x03
END
  expect_code 130
  expect_out 'CPU %'
  expect_no_out traceback
  expect_restored
done

it "several NASes: a line and a table for each"
write_profile here "host=unix://$NAS_SOCKET"
qd stats --no-stream --profile '*' "run$ID"
expect_code 0
expect_out PROFILE
expect_err 'load '

it "--interval, and --json with chosen fields"
engine run -d --name "again$ID" busybox sleep 1000 >/dev/null
LIMIT=6 qd stats --interval 0.5 --json=name "again$ID"
expect_code 124 130
expect "several samples" [ "$(grep -cxF "{\"name\":\"again$ID\"}" <<<"$out")" -gt 1 ]
