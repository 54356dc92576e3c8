#!/bin/bash
# compose exec and cp: commands in the containers of a service, and files from and to them.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
printf 'services:\n  web: {image: busybox}\n  db: {image: busybox}\n' >compose.yaml
member web 1 --hostname first --stop-timeout 0 busybox sleep 1000
member web 2 --hostname second --stop-timeout 0 busybox sleep 1000
member db 1 busybox true
wait_for eval '[ "$(engine inspect -f "{{.State.Running}}" "$project-db-1")" = false ]'

it "in the first container; streams and exit code are the process's"
qd compose exec web sh -c 'hostname; echo bad >&2; exit 5'
expect_code 5
expect_exact first
expect_err bad

it "--index, user, environment, working directory"
qd compose exec --index 2 -u 12:34 -e 'A=a b' -w /tmp web sh -c 'echo "$(hostname) $(id -u):$(id -g) $A $(pwd)"'
expect_code 0
expect_exact 'second 12:34 a b /tmp'

it "stdin, with -T and without a terminal"
qd compose exec -T web wc -c < <(head -c 300000 /dev/zero)
expect_exact 300000

it "-d starts it and returns"
qd compose exec -d web touch /tmp/flag
expect_code 0
expect "it should have run" wait_for engine exec "$project-web-1" test -f /tmp/flag

it "--all: in every one, with names in front; the code where all have the same, else 7"
qd compose exec --all web sh -c 'hostname; printf open >&2; exit 4'
expect_code 4
expect "each one's output" [ "$(sort <<<"$out")" = $'web-1  | first\nweb-2  | second' ]
expect "each one's errors" [ "$(sort <<<"$err")" = $'web-1  | open\nweb-2  | open' ]
qd compose exec --all web sh -c '[ "$(hostname)" = first ]'
expect_code 7
qd compose exec --all -d web true
expect_refusal 1 conflicting_flags

it "on a terminal the command has one, and a shell is opened without one"
on_tty compose exec web <<'END'
expect /
send tty && exit 3\r
expect /dev/pts
END
expect_code 3
expect_restored
on_tty compose exec -T web sh -c 'tty; true' </dev/null
expect_out 'not a tty'

it "what does not run: run it in a container of its own"
qd compose exec db ls -l '/a b'
expect_refusal 1 not_running
expect_err "compose run --rm db ls -l '/a b'"
qd compose exec --index 3 web true
expect_refusal 1 not_running
qd compose exec absent true
expect_refusal 1 no_service
qd compose exec web
expect_refusal 1 missing_argument

it "cp: out of the first container, into all, or one of them, also one that does not run"
echo text >file
qd compose cp file web:/tmp/file
expect_code 0
expect_exact ''
expect "both should have it" [ "$(engine exec "$project-web-1" cat /tmp/file)$(engine exec "$project-web-2" cat /tmp/file)" = texttext ]
qd compose cp --index 2 file web:/tmp/second
expect "only the second should have it" [ "$(engine exec "$project-web-1" ls /tmp/second 2>/dev/null)$(engine exec "$project-web-2" ls /tmp/second)" = /tmp/second ]
qd compose cp web:/etc/hostname here
expect "it should be the first's" [ "$(cat here)" = first ]
qd compose cp --index 2 web:/etc/hostname - >/dev/null
expect "a tar of the second's" [ "$(tar xOf "$WORK/out" hostname)" = second ]
qd compose cp file db:/
expect_code 0

it "cp: what cannot be"
qd compose cp web:/a web:/b
expect_refusal 1 bad_arguments
qd compose cp a b
expect_refusal 1 bad_arguments
qd compose cp - web:/tmp
expect_refusal 2 bad_arguments
qd compose cp --index 9 file web:/tmp
expect_refusal 3 no_such_container
qd compose cp web:/nowhere here
expect_code 3
gone
