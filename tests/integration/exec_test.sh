#!/bin/bash
# exec: streams, exit codes, settings; what a container that does not run says.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null

it "streams and exit code are the process's"
qd exec "c$ID" sh -c 'echo out; echo err >&2; exit 5'
expect_code 5
expect_exact out
expect_err err

it "user, environment and working directory"
printf 'FROM_FILE=f\n# a comment\n' >"$WORK/env"
qd exec -u 12:34 -e 'A=a b' --env-file "$WORK/env" -w /tmp "c$ID" sh -c 'echo "$(id -u):$(id -g) $A $FROM_FILE $(pwd)"'
expect_code 0
expect_exact '12:34 a b f /tmp'

it "-i: stdin, to its end"
qd exec -i "c$ID" wc -c < <(head -c 3000000 /dev/zero)
expect_code 0
expect_exact 3000000

it "-i with nothing to read ends at once"
qd exec -i "c$ID" cat </dev/null
expect_code 0
expect_exact ''

it "without -i, stdin is not taken"
qd exec "c$ID" sh -c 'cat | wc -c' < <(echo words)
expect_code 0
expect_exact 0

it "a process that closes its stdin early gives its own end"
qd exec -i "c$ID" head -c 5 < <(head -c 2000000 /dev/zero | tr '\0' x)
expect_code 0
expect_exact xxxxx

it "much output arrives whole"
qd exec "c$ID" sh -c 'head -c 5000000 /dev/zero | tr "\0" a; echo end'
expect_code 0
expect "5000004 bytes expected, not $(wc -c <"$WORK/out")" [ "$(wc -c <"$WORK/out")" = 5000004 ]

it "-d starts it and returns"
qd exec -d "c$ID" sh -c 'echo done >/tmp/flag'
expect_code 0
expect "it should have run" wait_for engine exec "c$ID" test -f /tmp/flag

for command in no-such-program /etc; do
  it "a command that cannot run, $command: as docker says it"
  theirs=$(engine exec "c$ID" $command 2>/dev/null)
  their_code=$?
  qd exec "c$ID" $command
  expect_code $their_code
  expect_exact "$theirs"
done

it "a container that does not run, or does not exist: docker's exit code, for ours could be the process's"
engine create --name "stopped$ID" busybox true >/dev/null
qd exec "stopped$ID" true
expect_refusal 1 not_running
expect_err "qnap-docker start stopped$ID"
qd exec "absent$ID" true
expect_refusal 1 no_such_container

it "no command and no terminal: what is missing"
qd exec "c$ID"
expect_refusal 1 missing_argument

it "a killed process gives 128 + its signal"
qd exec "c$ID" sh -c 'kill -KILL $$'
expect_code 137
