#!/bin/bash
# compose ps, ls, top, images, port, version, events, volumes, stats, wait, attach, commit, export; and beside compose v2's own answers
# where COMPOSE_V2 names a docker-compose of version 2.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
files=(--label "com.docker.compose.project.config_files=$PWD/compose.yaml")
quick=(--stop-timeout 0)
engine volume create --label "com.docker.compose.project=$project" --label com.docker.compose.volume=data "${project}_data" >/dev/null
member db 1 "${quick[@]}" "${files[@]}" --health-cmd true --health-interval 1s -v "${project}_data:/data" busybox sleep 100000
member web 1 "${quick[@]}" "${files[@]}" -p 80 -p 127.0.0.1::53/udp --expose 9000 busybox sh -c 'sleep 100000 & sleep 200000'
member web 2 "${quick[@]}" "${files[@]}" busybox sleep 100000
member job 1 "${files[@]}" busybox sh -c 'exit 3'
ONEOFF=True member web 9 "${files[@]}" busybox true
printf 'services: {db: {image: busybox}, web: {image: busybox, scale: 2}, job: {image: busybox}, unborn: {image: busybox, scale: 0}}\n' >compose.yaml
c() { echo "$project-$1"; }
other=q$ID
wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Health.Status}}' $(c db-1) | grep -q healthy"

# as_v2 WORD...: stdout is compose v2's, byte for byte. What goes by the clock is tried again.
as_v2() {
  local theirs
  for _ in {1..25}; do
    theirs=$(DOCKER_HOST=unix://$NAS_SOCKET "$COMPOSE_V2" "$@" 2>/dev/null </dev/null; echo .)
    qd compose "$@"
    [ "$(cat "$WORK/out" && echo .)" != "$theirs" ] || return 0
  done
  fail "compose v2 prints: $theirs"
}
it "stdout is compose v2's"
if [ -n "${COMPOSE_V2:-}" ]; then
  as_v2 ps
  as_v2 ps -a
  as_v2 ps -aq
  as_v2 ps --services
  as_v2 ps --services -a web job
  as_v2 ps --services --status paused
  as_v2 ps --status exited
  as_v2 ps --filter status=running web
  as_v2 ps --orphans=false
  as_v2 ps --no-trunc
  as_v2 ps --format '{{.Name}} {{.Names}} {{.Service}} {{.Project}} {{.State}} {{.Health}} {{.ExitCode}} {{.Size}} {{.ID}} {{.Ports}}' -a
  as_v2 ps --format 'table {{.Name}}\t{{.Status}}\t{{.Label "com.docker.compose.service"}}'
  as_v2 -p "absent$ID" ps
  as_v2 ls --filter "name=$project"
  as_v2 ls -a --filter "name=^p$ID\$"
  as_v2 ls -aq --filter "name=$project"
  as_v2 ls -a --format json --filter "name=$project"
  as_v2 ls --format json --filter name=absent
  as_v2 top
  as_v2 top web
  as_v2 top job
  as_v2 images
  as_v2 images web
  as_v2 images -q
  as_v2 -p "absent$ID" images
  as_v2 port web 80
  as_v2 port --protocol udp web 53
  as_v2 stats --no-stream --format '{{.Name}} {{.PIDs}}'
  as_v2 stats --no-stream --format '{{.Name}} {{.PIDs}}' web
  theirs=$(DOCKER_HOST=unix://$NAS_SOCKET "$COMPOSE_V2" ps -a --format json job)
  qd compose ps -a --format json job
  for field in Command CreatedAt ExitCode Health ID Image LocalVolumes Mounts Name Names Networks Ports Project Publishers Service Size State; do
    expect "$field differs" [ "$(grep -o "\"$field\":[^,}]*" "$WORK/out")" = "$(grep -o "\"$field\":[^,}]*" <<<"$theirs")" ]
  done
else
  skip 'COMPOSE_V2 names no docker-compose'
fi

it "ps: a project by its name, a service, all projects"
qd compose ps -a
expect_code 0 && expect_out "$(c web-9)" && expect_out "$(c job-1)"
qd compose ps
expect_no_out "$(c web-9)" && expect_no_out "$(c job-1)" && expect_out 'SERVICE'
qd compose ps unborn
expect_code 0
qd compose ps nosuch
expect_error 3 no_service
cd "$WORK" || exit
qd compose ps "$project" --services
expect_code 0 && expect_exact $'db\nweb'
qd compose ps "$project" db --services
expect_code 0 && expect_exact db
qd compose ps "absent$ID"
expect_error 3 no_such_project
qd compose ps
expect_code 0 && expect_out 'PROJECT' && expect_out "$(c web-1)"
qd compose -p "absent$ID" ps -q
expect_code 0 && expect_exact '' && expect_err 'compose ls -a'
cd "$project" || exit

it "ps: further forms; what is not as declared"
qd compose ps --json=name,service,number,health,exit_code,orphan job db -a
expect_exact '[{"exit_code":null,"health":"healthy","name":"'"$(c db-1)"'","number":1,"orphan":false,"service":"db"},{"exit_code":3,"health":null,"name":"'"$(c job-1)"'","number":1,"orphan":false,"service":"job"}]'
qd compose ps --check
expect_code 8 && expect_err "job: $(c job-1) ended with exit code 3" && expect_no_err web
engine rm "$(c job-1)" >/dev/null && member job 1 "${files[@]}" busybox true
wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Status}}' $(c job-1) | grep -q exited"
qd compose ps --check
expect_code 0
qd compose ps --filter name=x
expect_code 1 && expect_err 'unknown filter name'
member old 1 "${quick[@]}" "${files[@]}" busybox sleep 100000
qd compose ps --orphans=false --services
expect_exact $'db\nweb'
on_tty 140x24 compose ps
expect_out 'old (orphan)' && expect_out HEALTH && expect_restored

it "ls: names, JSON, several NASes"
write_profile other "host=unix://$NAS_SOCKET"
qd compose ls --profile '*' -q --filter "name=$project"
expect_exact "$project"$'\n'"$project"
qd compose ls --json=name,profile,containers -a --filter "name=$project"
expect_exact '[{"containers":6,"name":"'"$project"'","profile":"nas1"}]'
qd compose ls -aq --filter "name=absent$ID"
expect_code 0 && expect_exact ''
qd compose ls --filter 'name=(a|b)'
expect_refusal 2 bad_filter

it "top, images, volumes: JSON"
qd compose top --json db
expect_out '"service":"db"' && expect_out '"cmd":"sleep 100000"'
qd compose images --json=container,repository,tag,service db
expect_exact '[{"container":"'"$(c db-1)"'","repository":"busybox","service":"db","tag":"latest"}]'
qd compose volumes
expect_exact "$(engine volume ls --filter "label=com.docker.compose.project=$project")"
qd compose volumes -q web
expect_code 0 && expect_exact ''
qd compose volumes -q db
expect_exact "${project}_data"
qd compose images nosuch
expect_error 3 no_service

it "port: what is not published, which container"
qd compose port web 9000
expect_error 3 port_not_published && expect_err '80/tcp'
qd compose port --index 2 web 80
expect_error 3 port_not_published
qd compose port --index 7 web 80
expect_error 6 not_running
qd compose port web 80x
expect_code 1 && expect_err bad_port
qd compose port --json db 1
expect_code 3

it "version: the program's, as compose prints its own"
qd compose version --short
expect_code 0 && number=$out
qd compose version -f json
expect_exact "{\"version\":\"$number\"}"
qd compose version
expect_exact "qnap-docker compose version $number"

it "events: compose v2's two forms"
since=$(date +%s)
qd compose kill old
expect_code 0
wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Status}}' $(c old-1) | grep -q exited"
qd compose events --since "$since" --until "$(($(date +%s) + 1))" --json old
expect_code 0
expect "a line as compose v2's" grep -Eq '^\{"action":"die","attributes":\{"exitCode":"137","image":"busybox","name":"'"$(c old-1)"'"\},"id":"[0-9a-f]{64}","service":"old","time":"20[0-9T:.-]+Z","type":"container"\}$' "$WORK/out"
qd compose events --since "$since" --until "$(($(date +%s) + 1))" old
expect "a line as compose v2's" grep -Eq '^20[0-9-]+ [0-9:]+\.[0-9]{6} container die [0-9a-f]{64} \(exitCode=137, image=busybox, name='"$(c old-1)"'\)$' "$WORK/out"
qd compose events --since "$since" --until "$(($(date +%s) + 1))" web
expect_code 0 && expect_exact ''

it "wait: the exit code of what stopped"
member last 1 busybox sh -c 'trap "exit 5" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
wait_for engine exec "$(c last-1)" test -e /tmp/ready
("$QD_PROGRAM" --debug-file "$WORK/debug" compose wait last >"$WORK/wait" 2>&1; echo "code $?" >>"$WORK/wait") &
wait_for grep -q '/wait' "$WORK/debug"
engine stop "$(c last-1)" >/dev/null
wait_for grep -q code "$WORK/wait"
run cat "$WORK/wait"
expect_out "container \"$(engine inspect -f '{{.Id}}' "$(c last-1)")\" exited with status code 5"$'\n''code 5'
qd compose wait last
expect_error 6 not_running

it "wait --down-project: the first that stops ends it, and the project is taken down"
engine network create --label "com.docker.compose.project=$other" --label com.docker.compose.network=default "${other}_default" >/dev/null
project=$other member job 1 --network "${other}_default" busybox sh -c 'trap "exit 6" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
project=$other member srv 1 "${quick[@]}" --network "${other}_default" busybox sleep 100000
wait_for engine exec "$other-job-1" test -e /tmp/ready
("$QD_PROGRAM" --debug-file "$WORK/debug2" compose -p "$other" wait --down-project job srv >"$WORK/wait" 2>&1; echo "code $?" >>"$WORK/wait") &
wait_for sh -c "[ \"\$(grep -c '/wait' '$WORK/debug2')\" -ge 2 ]"
engine stop "$other-job-1" >/dev/null
wait_for grep -q '^code' "$WORK/wait"
run cat "$WORK/wait"
expect_out 'exited with status code 6' && expect_out $'\ncode 6' && expect_no_out 'status code 137'
expect "nothing should be left" [ -z "$(project=$other of_project container -a)$(project=$other of_project network)" ]

it "attach, commit, export: of a service's container"
# shellcheck disable=SC2016
member shell 1 -i "${quick[@]}" busybox sh -c 'read word; echo "got $word"; exit 4'
qd compose attach shell <<<'hello'
expect_code 4 && expect_exact 'got hello'
qd compose attach shell
expect_code 1 && expect_err not_running
qd compose commit db "made$ID"
expect_code 0 && expect_exact "$(engine inspect -f '{{.Id}}' "made$ID")"
engine rmi "made$ID" >/dev/null
qd compose export -o "$WORK/db.tar" db
expect_code 0 && expect "the tar should hold a file system" grep -q bin/busybox <(tar -tf "$WORK/db.tar")
qd compose export --index 9 db
expect_error 6 not_running
gone
project=$other gone
