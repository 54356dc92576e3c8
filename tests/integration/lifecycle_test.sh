#!/bin/bash
# create, start, stop, restart and rm: one and several, those that are missing among them.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
state() { engine inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
is() { [ "$(state "$1")" = "$2" ]; }

it "create, start, stop, restart and rm of one"
qd create --name "one$ID" busybox sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
expect_code 0
qd start "one$ID"
expect_code 0
expect_exact "one$ID"
expect "it should run" is "one$ID" running
qd start "one$ID"
expect_code 0
started=$(engine inspect -f '{{.State.StartedAt}}' "one$ID")
qd restart -t 2 "one$ID"
expect_code 0
expect_exact "one$ID"
expect "it should have started anew" [ "$(engine inspect -f '{{.State.StartedAt}}' "one$ID")" != "$started" ]
qd stop "one$ID"
expect_code 0
expect_exact "one$ID"
expect "it should have stopped by itself" [ "$(engine inspect -f '{{.State.Status}} {{.State.ExitCode}}' "one$ID")" = 'exited 0' ]
qd rm "one$ID"
expect_code 0
expect_exact "one$ID"
expect "it should be gone" [ -z "$(state "one$ID")" ]

it "several at once, printed in their order"
for i in 1 2 3; do engine create --name "s$i$ID" busybox sleep 1000 >/dev/null; done
qd start "s3$ID" "s1$ID" "s2$ID"
expect_code 0
expect_exact "s3$ID"$'\n'"s1$ID"$'\n'"s2$ID"
qd stop -t 0 "s1$ID" "s2$ID" "s3$ID"
expect_code 0
expect "all should be stopped" [ "$(state "s1$ID")$(state "s2$ID")$(state "s3$ID")" = exitedexitedexited ]

for verb in start stop restart rm; do
  it "$verb with a missing one among several: the others are done, and it fails"
  case $verb in
    stop) flags='-t 0' && engine start "s1$ID" "s2$ID" >/dev/null ;;
    restart) flags='-t 0' ;;
    rm) flags='' && engine stop -t 0 "s1$ID" "s2$ID" >/dev/null ;;
    *) flags='' ;;
  esac
  # shellcheck disable=SC2086
  qd $verb $flags "s1$ID" "absent$ID" "s2$ID"
  expect "the exit code should tell of a failure, not $code" [ "$code" -ne 0 ]
  expect_exact "s1$ID"$'\n'"s2$ID"
  expect_err "absent$ID"
  expect_err 'o such container'
  expect_no_err traceback
done
expect "both should be removed" [ -z "$(state "s1$ID")$(state "s2$ID")" ]

it "start -a shows the output and gives the exit code"
engine create --name "a$ID" busybox sh -c 'echo out; echo err >&2; exit 4' >/dev/null
qd start -a "a$ID"
expect_code 4
expect_exact out
expect_err err

it "start of a container whose port is taken explains it"
engine run -d --name "p1$ID" -p 0:80 app sleep 1000 >/dev/null
engine create --name "p2$ID" -p "$(engine port "p1$ID" 80 | sed -n '1s/.*://p'):80" app sleep 1000 >/dev/null
qd start "p2$ID"
expect "the exit code should tell of a failure, not $code" [ "$code" -ne 0 ]
expect_err port_conflict
expect_err "p1$ID"

it "--wait waits until they are healthy, or stopped"
engine create --name "well$ID" --health-cmd 'test -e /well' --health-interval 200ms --health-retries 50 busybox \
  sh -c 'sleep 1; touch /well; exec sleep 1000' >/dev/null
engine create --name "ill$ID" --health-cmd false --health-interval 200ms --health-retries 2 busybox sleep 1000 >/dev/null
engine create --name "ends$ID" --health-cmd true --health-interval 60s busybox sh -c 'sleep 0.5' >/dev/null
qd start --wait "well$ID"
expect_code 0
expect_exact "well$ID"
expect "it is healthy" [ "$(engine inspect -f '{{.State.Health.Status}}' "well$ID")" = healthy ]
qd restart --wait -t 0 "well$ID"
expect_code 0
expect "it is healthy again" [ "$(engine inspect -f '{{.State.Health.Status}}' "well$ID")" = healthy ]
qd start --wait "ill$ID" "ends$ID"
expect_code 1
expect_exact ''
expect_err "container 'ill$ID' did not become healthy"
expect_err "container 'ends$ID' did not become healthy"
expect_err 'code: not_healthy'
qd stop --wait -t 0 "well$ID" "ill$ID"
expect_code 0
expect "it is stopped" is "well$ID" exited

it "stop --signal"
engine run -d --name "sig$ID" busybox sh -c 'trap "exit 33" USR1; while :; do sleep 0.1; done' >/dev/null
qd stop -s USR1 "sig$ID"
if [ "$(engine version -f '{{.Server.APIVersion}}')" = 1.41 ]; then
  expect_code 0 && expect_err "is left out" # docker stops it, too, and says nothing
else
  expect_code 0
  expect "it should have ended by the signal" [ "$(engine inspect -f '{{.State.ExitCode}}' "sig$ID")" = 33 ]
fi

it "rm refuses a running container, -f removes it; a named volume stays"
engine run -d --name "r$ID" -v "data$ID:/d" -v /anonymous busybox sleep 1000 >/dev/null
anonymous=$(engine inspect -f '{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}' "r$ID")
qd rm "r$ID"
expect_refusal 6 container_running
expect "it should still run" is "r$ID" running
qd rm -fv "r$ID"
expect_code 0
expect "the named volume should stay" [ "$(engine volume ls -qf "name=data$ID")" = "data$ID" ]
expect "the anonymous volume should be gone" bash -c '! docker -H "unix://$0" volume inspect "$1" >/dev/null 2>&1' "$NAS_SOCKET" "$anonymous"

it "on a terminal start and stop say what docker keeps to itself"
engine run -d --name "told$ID" busybox sleep 1000 >/dev/null
on_tty start "told$ID" </dev/null
expect_out "told$ID was running already"
on_tty stop -t 0 "told$ID" </dev/null
expect_out 'exit code 137: it was killed'
on_tty stop "told$ID" </dev/null
expect_code 0
expect_out "told$ID was not running"
qd stop "told$ID"
expect_code 0
expect "nothing of it in a pipe" [ -z "$err" ]

it "on a terminal rm says which volumes are kept"
engine run -d --name "kept$ID" -v "kept$ID:/data" -v /anon busybox sleep 1000 >/dev/null
on_tty rm -f "kept$ID" </dev/null
expect_code 0
expect_out "kept: volume kept$ID"

it "rm -f of what is not there is no failure, as in docker"
qd rm -f "absent$ID"
expect_code 0
expect_err "absent$ID"

it "an empty name is a failure, with rm -f too; the others are removed"
engine create --name "e1$ID" busybox true >/dev/null
for empty in '' ' ' /; do
  qd rm -f "$empty"
  expect_refusal 1 empty_name
done
qd rm -f '' "e1$ID"
expect "it should fail" [ "$code" = 1 ]
expect "the other should be gone" [ -z "$(state "e1$ID")" ]

it "slashes around a name count for nothing"
engine create --name "sl$ID" busybox sleep 1000 >/dev/null
qd start "sl$ID/"
expect_code 0
expect_exact "sl$ID/"
qd stop -t 0 "//sl$ID"
expect_code 0
expect "it should be stopped" is "sl$ID" exited

it "an empty --signal is none"
engine start "sl$ID" >/dev/null
qd stop -t 0 -s '' "sl$ID"
expect_code 0
expect "it should be stopped" is "sl$ID" exited

it "start --checkpoint needs an experimental engine"
for flag in --checkpoint=c1 --checkpoint-dir=/d; do
  qd start "$flag" "sl$ID"
  expect_refusal 1 experimental_only
done
qd start -a --checkpoint c1 "sl$ID"
expect_refusal 1 experimental_only
expect "it should not have been started" is "sl$ID" exited
qd start --checkpoint c1 "sl$ID" "p1$ID"
expect_refusal 1 one_only

it "start --checkpoint on one that is: the engine is told which"
printf 'HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\nDocker-Experimental: true\r\nContent-Length: 2\r\n\r\nOK' >"$WORK/ping"
printf 'HTTP/1.1 204 No Content\r\n\r\n' >"$WORK/started"
peer unix /_ping "$WORK/ping" keep 'web/start?checkpoint=c1 ' "$WORK/started" keep 'db/start?checkpoint-dir=d%26e ' "$WORK/started" keep
write_profile experimental "host=unix://$peer_socket"
qd start --profile experimental --checkpoint c1 web
expect_code 0
expect_exact web
qd start --profile experimental --checkpoint-dir "d&e" db
expect_code 0
expect_exact db

it "--all asks; without a terminal and --yes it is refused"
# shellcheck disable=SC2154
qd stop --all --no-input
expect "nothing should be stopped without an answer ($code)" is "p1$ID" running
expect_refusal 9

it "by id prefix"
qd stop -t 0 "$(engine inspect -f '{{.Id}}' "p1$ID" | cut -c 1-12)"
expect_code 0
expect "it should be stopped" is "p1$ID" exited

it "the beginning of several ids: which they are"
for n in {1..17}; do engine create --name "many$n-$ID" busybox true; done >/dev/null # 16 digits: two begin alike
digit=$(engine ps -aq --filter "name=many" | cut -c1 | sort | uniq -d | head -n 1)
qd stop "$digit"
expect_refusal 3 ambiguous_id
expect_err '(many'
qd rm -f "$digit"
expect_refusal 3 ambiguous_id
qd inspect "$digit"
expect_refusal 3 ambiguous_id

it "no container named"
qd stop
expect_refusal 1

it "start --wait: until it is healthy, or it is clear that it will not be"
engine create --name "well$ID" --health-cmd 'test -e /ok' --health-interval 200ms --health-retries 100 busybox \
  sh -c 'sleep 1; touch /ok; sleep 1000' >/dev/null
qd start --wait "well$ID"
expect_code 0
expect "it should be healthy" [ "$(engine inspect -f '{{.State.Health.Status}}' "well$ID")" = healthy ]
engine create --name "ill$ID" --health-cmd false --health-interval 200ms --health-retries 2 busybox sleep 1000 >/dev/null
qd start --wait "ill$ID"
expect_error 1 not_healthy
expect_err 'health check fails'

it "stop --wait: until it is stopped"
qd stop -t 0 --wait "well$ID" "ill$ID"
expect_code 0
expect "none should run" [ -z "$(engine ps -q --filter "name=well$ID" --filter "name=ill$ID")" ]
