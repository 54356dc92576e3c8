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

it "on a terminal: groups, and what looks like a secret is masked"
engine run -d --name "p$ID" -p 80 -v "v$ID:/data:ro" -e DB_PASSWORD=hunter22 -e MODE=fast --memory 64m --restart on-failure:3 busybox sleep 1000 >/dev/null
on_tty 120x80 inspect "p$ID" "v$ID" "n$ID" busybox </dev/null
expect_code 0
for words in "container p$ID" 'on-failure, 3 times at most' '80/tcp' "volume v$ID" '(read-only)' '64MiB' 'fast' "network n$ID" 'image busybox'; do
  expect_out "$words"
done
expect_no_out hunter22
expect_out --show-secrets
on_tty 120x80 inspect --show-secrets "p$ID" </dev/null
expect_out hunter22

it "a terminal gets the document with --json, and templates as everywhere"
on_tty 120x80 inspect --json "p$ID" </dev/null
expect_out '"Memory": 67108864'
on_tty 120x80 inspect -f '{{.HostConfig.Memory}}' "p$ID" </dev/null
expect_out 67108864

it "a name that is nearly right"
qd inspect "pp$ID"
expect_error 3 no_such_object
expect_err "did you mean p$ID"
