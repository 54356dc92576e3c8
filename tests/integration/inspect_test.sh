#!/bin/bash
# inspect: objects of every kind, templates, what is missing.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" --label who=me -e A=b busybox sleep 1000 >/dev/null
engine volume create "v$ID" >/dev/null
engine network create "n$ID" >/dev/null
same() { diff <(engine inspect "${@:2}" "$1") "$WORK/out" >"$WORK/diff" || { head -n 5 "$WORK/diff" && false; }; }

for kind in container:c volume:v network:n; do
  it "a ${kind%:*}, as docker shows it"
  qd inspect "${kind#*:}$ID"
  expect_code 0
  expect "the document should be docker's" same "${kind#*:}$ID"
done
it "an image, as docker shows it"
qd inspect busybox
expect_code 0
expect "the document should be docker's" same busybox

it "--type chooses among objects of one name"
engine volume create "c$ID" >/dev/null
qd inspect --type volume "c$ID"
expect_code 0
expect_out '"Mountpoint"'
qd inspect --type container "c$ID"
expect_out '"Config"'

it "templates"
qd inspect -f '{{.State.Status}} {{index .Config.Labels "who"}} {{len .Mounts}} {{json .Config.Cmd}}' "c$ID"
expect_code 0
expect_exact 'running me 0 ["sleep","1000"]'
qd inspect -f '{{range .Config.Env}}{{.}};{{end}}' "c$ID"
expect_out 'A=b;'
qd inspect -f '{{if .State.Running}}{{printf "%s-%d" .Name (len .Config.Cmd)}}{{else}}no{{end}}' "c$ID"
expect_exact "/c$ID-2"

it "several, in their order; a missing one is told and the others are shown"
qd inspect -f '{{.Name}}' "n$ID" "absent$ID" "v$ID"
expect_code 3
expect_exact "n$ID"$'\n'"v$ID"
expect_err "absent$ID"
expect_no_err traceback

it "-s adds sizes"
qd inspect -s -f '{{.SizeRootFs}}' "c$ID"
expect_code 0
expect "a number of bytes, not $out" [ "$out" -gt 100000 ]

it "a template that is none, and one that asks for what is not there"
qd inspect -f '{{.Name' "c$ID"
expect "exit code $code" [ "$code" -ne 0 ]
expect_no_err traceback
qd inspect -f '{{.Nothing.At.All}}' "c$ID"
expect "exit code $code" [ "$code" -ne 0 ]
expect_no_err traceback

it "a type that is empty, and one that is not managed here"
qd inspect --type '' "c$ID"
expect_code 1
expect_err 'type is empty'
qd inspect --type service web
expect_refusal 6 no_swarm

it "an unknown type"
qd inspect --type frob "c$ID"
expect_refusal 1 bad_type
