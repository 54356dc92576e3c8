#!/bin/bash
# compose start, stop, restart, kill, pause, unpause, rm: which containers, in which order, what is waited for and what is said.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/project_lib.sh
. "$(dirname "$0")/project_lib.sh"
profile nas1
depends=com.docker.compose.depends_on
quick=(--stop-timeout 0)
sleeper=(busybox sleep 100000)
member db 1 "${quick[@]}" --health-cmd 'test -e /tmp/up || test ! -e /tmp/slow' --health-interval 1s --label "$depends=" "${sleeper[@]}"
member web 1 "${quick[@]}" --label "$depends=db:service_healthy:true" "${sleeper[@]}"
member worker 1 "${quick[@]}" --label "$depends=web:service_started:false" "${sleeper[@]}"
member worker 2 "${quick[@]}" --label "$depends=web:service_started:false" "${sleeper[@]}"
ONEOFF=True member web 9 "${quick[@]}" "${sleeper[@]}"
files() {
  cat >compose.yaml <<END
services:
  db: {image: busybox}
  web: {image: busybox, depends_on: {db: {condition: service_healthy, restart: true}}}
  worker: {image: busybox, scale: 2, depends_on: [web]}
END
}
c() { echo "$project-$1"; }
# at FIELD SERVICE-N: when it was started or ended, in a form that can be compared.
at() { engine inspect -f "{{.State.$1}}" "$(c "$2")"; }
# before FIELD A B: A's time lies before B's.
before() { expect "$2 should come before $3" [ "$(at "$1" "$2")" "<" "$(at "$1" "$3")" ]; }
# states: "db-1=running …" of the project's containers, by name.
states() { engine ps -a --filter "label=com.docker.compose.project=$project" --format '{{.Names}}={{.State}}' | sed "s/^$project-//" | sort | tr '\n' ' '; }
expect_states() { local is && is=$(states) && expect "states are: $is" [ "$is" = "$1 " ]; }

it "stop: what depends on others first; one-offs are left alone; a project by its name alone, whatever files lie here"
printf 'services: {other: {image: busybox}}\n' >compose.yaml
qd compose -p "$project" stop
expect_code 0 && expect_exact '' && expect_err "$(c web-1): done stopped"
expect_states 'db-1=exited web-1=exited web-9=running worker-1=exited worker-2=exited'
before FinishedAt worker-1 web-1 && before FinishedAt worker-2 web-1 && before FinishedAt web-1 db-1
qd compose -p "$project" stop
expect_code 0 && expect_err 'nothing runs'

it "start: what others depend on first, and it has to be healthy"
engine start "$(c db-1)" >/dev/null && engine exec "$(c db-1)" touch /tmp/slow && engine stop "$(c db-1)" >/dev/null
("$QD_PROGRAM" compose -p "$project" start >"$WORK/start" 2>&1; echo "code $?" >>"$WORK/start") &
wait_for grep -q 'db: waiting' "$WORK/start"
expect_states 'db-1=running web-1=exited web-9=running worker-1=exited worker-2=exited'
engine exec "$(c db-1)" touch /tmp/up
wait_for grep -q code "$WORK/start"
run cat "$WORK/start"
expect_out 'code 0' && expect_out 'db: done healthy'
expect_states 'db-1=running web-1=running web-9=running worker-1=running worker-2=running'
before StartedAt db-1 web-1 && before StartedAt web-1 worker-1 && before StartedAt web-1 worker-2
qd compose -p "$project" start
expect_code 0 && expect_err 'everything runs'

files
it "stop and start of one service, by files: with what it depends on, not with what depends on it"
qd compose stop -t 0 web db
expect_code 0
expect_states 'db-1=exited web-1=exited web-9=running worker-1=running worker-2=running'
qd compose start web
expect_code 0
expect_states 'db-1=running web-1=running web-9=running worker-1=running worker-2=running'
before StartedAt db-1 web-1

it "restart takes along those that depend on it with restart: true"
worker=$(at StartedAt worker-1) web=$(at StartedAt web-1)
qd compose restart --wait db
expect_code 0
before StartedAt db-1 web-1
expect "web should have been restarted" [ "$(at StartedAt web-1)" != "$web" ]
expect "worker should run on" [ "$(at StartedAt worker-1)" = "$worker" ]
web=$(at StartedAt web-1)
qd compose restart --no-deps db
expect_code 0 && expect "web should run on" [ "$(at StartedAt web-1)" = "$web" ]
qd compose restart --with-dependants db
expect_code 0 && before StartedAt db-1 web-1 && before StartedAt web-1 worker-1
qd compose restart --no-deps --with-dependants db
expect_refusal 2 conflicting_flags

it "restart says that a service of ours has other settings in the file"
engine rm -f "$(c worker-2)" >/dev/null
member worker 2 "${quick[@]}" --label "$depends=web:service_started:false" --label qnap-docker.config-hash=0 "${sleeper[@]}"
qd compose restart worker
expect_code 0 && expect_err "1 service changed in the file (worker); 'compose up' applies it"
qd compose ps --check
expect_code 8 && expect_err 'worker: changed in the file'

it "pause and unpause; what is done already is said"
qd compose pause web
expect_code 0
qd compose pause
expect_code 0 && expect_err "$(c web-1): skipped already paused" && expect_err "$(c db-1): done paused"
expect_states 'db-1=paused web-1=paused web-9=running worker-1=paused worker-2=paused'
qd compose unpause db
expect_states 'db-1=running web-1=paused web-9=running worker-1=paused worker-2=paused'
qd compose unpause
expect_code 0 && expect_err "$(c db-1): skipped not paused"
expect_states 'db-1=running web-1=running web-9=running worker-1=running worker-2=running'

it "kill, with another signal; orphans only when they are wanted"
member old 1 "${quick[@]}" busybox sh -c 'trap "exit 7" USR1; touch /tmp/ready; while :; do sleep 0.1; done'
wait_for engine exec "$(c old-1)" test -e /tmp/ready
qd compose kill -s USR1 old
wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Status}}' $(c old-1) | grep -q exited"
expect_code 0
expect_states 'db-1=running old-1=exited web-1=running web-9=running worker-1=running worker-2=running'
expect "the signal should have been USR1" [ "$(engine inspect -f '{{.State.ExitCode}}' "$(c old-1)")" = 7 ]
engine start "$(c old-1)" >/dev/null
qd compose kill worker web
expect_code 0
expect_states 'db-1=running old-1=running web-1=exited web-9=exited worker-1=exited worker-2=exited'
qd compose kill
expect_states 'db-1=exited old-1=running web-1=exited web-9=exited worker-1=exited worker-2=exited'
qd compose kill --remove-orphans
expect_code 0 && expect_states 'db-1=exited old-1=exited web-1=exited web-9=exited worker-1=exited worker-2=exited'
qd compose kill
expect_code 0 && expect_err 'no container to kill'

it "--dry-run says what would be done, and does nothing"
qd compose start --dry-run
expect_code 0 && expect_exact "$(printf 'would start %s\n' "$(c db-1)" "$(c web-1)" "$(c worker-1)" "$(c worker-2)")"
qd compose rm --dry-run web
expect_code 0 && expect_exact "would remove $(c web-1)"
expect_states 'db-1=exited old-1=exited web-1=exited web-9=exited worker-1=exited worker-2=exited'

it "rm asks; -f does not; what runs stays unless it is stopped first"
qd compose rm web
expect_refusal 9 confirmation_needed
on_tty compose rm web <<'END'
expect Remove 1 container
send n\r
END
expect_code 9 && expect_restored
engine start "$(c db-1)" >/dev/null
qd compose rm -f db web
expect_code 0 && expect_exact "Going to remove $(c web-1)"
qd compose rm -f db
expect_code 0 && expect_exact '' && expect_err 'No stopped containers'
qd compose rm -sf db
expect_code 0 && expect_exact "Going to remove $(c db-1)"
expect_states 'old-1=exited web-9=exited worker-1=exited worker-2=exited'

it "what has no container cannot be started"
qd compose start web
expect_error 3 no_containers && expect_err "compose up db"
qd compose start nosuch
expect_error 3 no_service

it "a dependency that fails: what depends on it is left, the rest is started, all is told"
gone
printf 'services: {other: {image: busybox}}\n' >compose.yaml
member sick 1 "${quick[@]}" --health-cmd false --health-interval 1s --health-retries 1 "${sleeper[@]}"
member bare 1 "${quick[@]}" "${sleeper[@]}"
member job 1 busybox sh -c 'exit 3'
member ok 1 "${quick[@]}" "${sleeper[@]}"
member a 1 "${quick[@]}" --label "$depends=sick:service_healthy:false" "${sleeper[@]}"
member b 1 "${quick[@]}" --label "$depends=bare:service_healthy:false" "${sleeper[@]}"
member d 1 "${quick[@]}" --label "$depends=job:service_completed_successfully:false" "${sleeper[@]}"
member e 1 "${quick[@]}" --label "$depends=a:service_started:false" "${sleeper[@]}"
qd compose -p "$project" stop
COMPOSE_PROJECT_NAME=$project qd compose start
expect_code 1
expect_err "service 'a' was not started on nas1: it depends on sick: container $(c sick-1) is unhealthy"
expect_err "service 'b' was not started on nas1: it depends on bare: container $(c bare-1) has no health check"
expect_err "service 'd' was not started on nas1: it depends on job: container $(c job-1) ended with exit code 3"
expect_err 'e was left as it is: it depends on a'
expect_states 'a-1=exited b-1=exited bare-1=running d-1=exited e-1=exited job-1=exited ok-1=running sick-1=running'

it "what is kept beside a service's containers is not started with them"
NAME=$project-ok-1-failed member ok 1 "${quick[@]}" "${sleeper[@]}"
engine kill "$project-ok-1-failed" "$(c ok-1)" >/dev/null
qd compose -p "$project" start ok
expect_code 0 && expect_err "$(c ok-1): done started" && expect_no_err failed
qd compose -p "$project" restart ok
expect_code 0 && expect_no_err failed
qd compose -p "$project" rm -f ok
expect_exact "Going to remove $project-ok-1-failed"

it "failures of some containers are told together, the others are done"
engine rm -f "$(c sick-1)" "$(c job-1)" "$(c a-1)" "$(c b-1)" "$(c d-1)" "$(c e-1)" >/dev/null
member x 1 "${quick[@]}" --network "container:$(c bare-1)" "${sleeper[@]}"
member y 1 "${quick[@]}" --network "container:$(c bare-1)" "${sleeper[@]}"
qd compose -p "$project" kill
expect_code 0
engine rm -f "$(c bare-1)" >/dev/null
qd compose -p "$project" start
expect_code 3 && expect_err "error: cannot start container '$(c x-1)'" && expect_err "error: cannot start container '$(c y-1)'"
expect_states 'ok-1=running x-1=exited y-1=exited'

it "nothing of a project: exit 3, and where projects are listed"
gone
for verb in start stop restart kill pause unpause 'rm -f'; do
  # shellcheck disable=SC2086
  qd compose -p "$project" $verb
  expect_error 3 no_such_project && expect_err 'qnap-docker compose ls'
done
files
qd compose restart
expect_error 3 no_containers && expect_err 'compose up'
qd compose stop
expect_code 0 && expect_err 'nothing runs'

it "a profile that is no NAS is one of services"
member db 1 "${quick[@]}" "${sleeper[@]}"
qd compose --profile debug stop -t 0
expect_code 0 && expect_err "warning: no NAS is named 'debug'" && expect_err "$(c db-1): done stopped"
qd compose --profile debug -p "$project" start
expect_code 0 && expect_err "$(c db-1): done started"
gone

it "several NASes: one after the other, those without the project are passed over"
write_profile other "host=unix://$NAS_SOCKET"
member db 1 "${quick[@]}" "${sleeper[@]}"
qd compose --profile '*' -p "$project" pause
expect_error 9 confirmation_needed
qd compose --profile '*' -p "$project" pause --yes
expect_code 0 && expect_err "$(c db-1): done paused" && expect_err "$(c db-1): skipped already paused"
qd compose --profile '*' -p "absent$ID" pause --yes
expect_code 3 && expect_err 'nas1, other'
gone
