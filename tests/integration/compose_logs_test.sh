#!/bin/bash
# compose logs: the lines of a project's containers, merged; those that come while it follows.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
printf 'services:\n  web: {image: busybox}\n  db: {image: busybox}\n' >compose.yaml
member web 1 busybox sh -c 'echo one; sleep 1000'
wait_for sh -c "docker -H unix://$NAS_SOCKET logs $project-web-1 | grep -q one"
# The engine takes what comes on two streams at once in any order: the second line waits until the first is written down.
member web 2 busybox sh -c 'echo two; until [ -e /go ]; do sleep 0.05; done; echo bad >&2; sleep 1000'
wait_for sh -c "docker -H unix://$NAS_SOCKET logs $project-web-2 | grep -q two"
engine exec "$project-web-2" touch /go
wait_for sh -c "docker -H unix://$NAS_SOCKET logs $project-web-2 2>&1 | grep -q bad"
member db 1 --stop-timeout 0 busybox sh -c 'echo base; sleep 1000'
ONEOFF=True member web 9 busybox echo never
wait_for sh -c "docker -H unix://$NAS_SOCKET logs $project-db-1 | grep -q base"

it "all services, in the order of time, marked as compose v2 does; no one-off"
qd compose logs
expect_code 0
expect_exact $'web-1  | one\nweb-2  | two\nweb-2  | bad\ndb-1   | base'

it "some services, one container, lines from the end, no marks, times"
qd compose logs db
expect_exact 'db-1  | base'
qd compose logs --index 2 --tail 1 web
expect_exact 'web-2  | bad'
qd compose logs --no-log-prefix web
expect_exact $'one\ntwo\nbad'
qd compose logs -t --no-log-prefix db
expect "a time should stand in front" grep -Eq '^20[0-9-]+T[0-9:.]+Z base$' "$WORK/out"
qd compose logs --since 2099-01-01T00:00:00Z
expect_code 0
expect_exact ''

it "--json names the service"
qd compose logs --json db
expect_out '"service":"db"'
expect_out '"message":"base"'

it "a project that is known by its name alone"
cd /
qd compose -p "$project" logs web
expect_code 0
expect_exact $'web-1  | one\nweb-2  | two\nweb-2  | bad'
cd - >/dev/null || exit

it "what is not there says so"
qd compose logs nothing
expect_refusal 3 no_service
qd compose logs --index 2
expect_refusal 2 bad_arguments
qd compose logs --grep '[' web
expect_refusal 2 bad_pattern

it "-f takes up a container that is made, and one that runs again, and ends when all have ended"
"$QD_PROGRAM" compose logs -f --tail 1 db >"$WORK/follow" 2>"$WORK/follow.err" &
follower=$!
wait_for grep -q base "$WORK/follow"
member db 2 --stop-timeout 0 busybox sh -c 'echo first; echo second; sleep 1000'
member web 3 busybox echo not-of-db
expect "the new one should be there" wait_for grep -q 'db-2  | second' "$WORK/follow"
engine restart -t 0 "$project-db-1" >/dev/null
expect "the one that runs again, too" wait_for eval '[ "$(grep -c "db-1  | base" "$WORK/follow")" = 2 ]'
engine stop -t 0 "$project-db-1" "$project-db-2" >/dev/null
wait $follower
code=$?
expect_code 0
expect "no line should come twice" [ "$(grep -c second "$WORK/follow")" = 1 ]
expect "no other service's lines" [ "$(grep -c not-of-db "$WORK/follow")" = 0 ]

it "-f, interrupted: 130"
engine start "$project-db-1" >/dev/null
on_tty compose logs -f db <<'END'
expect base
send \x03
END
expect_code 130
expect_restored
gone

it "-f goes on over a connection that breaks, also with containers that come then"
nas_up clogs
"$nas" image "clogs$ID"
profile "clogs$ID"
export QNAP_DOCKER_PROFILE=clogs$ID
member db 1 --stop-timeout 0 busybox sh -c 'n=0; while :; do n=$((n + 1)); echo "n$n"; sleep 0.2; done'
"$QD_PROGRAM" compose logs -f --tail 1 >"$WORK/follow" 2>"$WORK/follow.err" &
follower=$!
wait_for grep -q 'db-1  | n' "$WORK/follow"
"$nas" kill-sshd "clogs$ID"
expect "it should notice" wait_for grep -q 'db-1 connection lost' "$WORK/follow.err"
"$nas" heal "clogs$ID"
expect "it should go on" wait_for grep -q 'db-1 connected again' "$WORK/follow.err"
member web 1 --stop-timeout 0 busybox sh -c 'echo later; sleep 1000'
expect "a container that came then" wait_for grep -q 'web-1  | later' "$WORK/follow"
# shellcheck disable=SC2046
engine stop -t 0 $(of_project container) >/dev/null
wait $follower
code=$?
expect_code 0
expect "no line should come twice" [ -z "$(sort "$WORK/follow" | uniq -d)" ]
gone
