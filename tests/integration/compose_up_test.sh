#!/bin/bash
# compose up and down: what is as declared is not touched, counted on the wire; one change recreates one service; scale, orphans,
# dependencies and their conditions, jobs, a healthcheck that fails, --dry-run; down leaves nothing but named volumes.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086
nas_up up ${NAS_OPTIONS:-}
"$nas" image "up$ID"
VIA=socket profile "up$ID"
# shellcheck source=tests/integration/compose/tap.sh
. "$here/compose/tap.sh"
tapped
mkdir "$WORK/shop" && cd "$WORK/shop" || exit 1

up() { qd --profile tap compose up -t 0 "$@"; }
down() { qd --profile tap compose down -t 0 "$@"; }
# all [SERVICE]: id and start of every container, to see which are the same.
all() { engine ps -aq --no-trunc --filter "label=com.docker.compose.service${1:+=$1}" | sort | xargs -r docker -H "unix://$NAS_SOCKET" inspect -f '{{.Id}} {{.State.StartedAt}}'; }
names() { engine ps -a --filter label=com.docker.compose.project=shop --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }
has() { [[ $(names) == *"$1"* ]]; }
has_no() { ! has "$1"; }
file() {
  cat >compose.yaml <<YAML
name: shop
services:
  web: {image: busybox, command: sleep 1000, environment: {COLOUR: "${colour:-red}"}, depends_on: {db: {condition: service_healthy}}, networks: [front, back]}
  db: {image: busybox, command: sleep 1000, volumes: ["data:/data", /scratch], networks: [back], healthcheck: {test: "true", interval: 200ms}}
  worker: {image: busybox, command: sleep 1000, scale: 2, networks: [back]}
$1
networks: {front: , back: {internal: true}}
volumes: {data: }
YAML
}

it "up makes what the file says"
file ''
up
expect_code 0 && expect "there should be four containers, not: $(names)" [ "$(names)" = \
  'shop-db-1 running shop-web-1 running shop-worker-1 running shop-worker-2 running' ]
engine exec shop-db-1 sh -c 'echo kept >/data/file; echo loose >/scratch/file'

it "up again changes nothing and writes nothing"
before=$(all)
tapped
up
expect_code 0 && expect_err 'as declared' && expect "nothing should be written: $(<"$tap_log")" [ "$(writes)" = 0 ] &&
  expect "there should have been questions: $(<"$tap_log")" [ "$(grep -c ' /v' "$tap_log")" -gt 0 ] && expect "all should be the same" [ "$(all)" = "$before" ]

it "--dry-run and plan write nothing, where there is something to do"
colour=blue file ''
for words in 'up --dry-run' plan 'down --dry-run'; do
  tapped
  # shellcheck disable=SC2086
  qd --profile tap compose $words
  expect_code 0 && expect "compose $words should write nothing: $(<"$tap_log")" [ "$(writes)" = 0 ]
  [ "$words" = 'down --dry-run' ] || expect "web should be in the plan" grep -q 'shop-web-1' "$WORK/out" "$WORK/err"
done
qd --profile tap compose plan --exit-code
expect_code 10

it "one service changed: it alone is recreated"
before=$(all db; all worker) web=$(all web)
up
expect_code 0 && expect "db and worker should be the same" [ "$(all db; all worker)" = "$before" ] && expect "web should be another" [ "$(all web)" != "$web" ]
expect "it should have the new value" [ "$(engine exec shop-web-1 env | grep COLOUR)" = COLOUR=blue ]

it "a container that was stopped is started, no more"
before=$(engine ps -aq | sort)
engine stop -t 0 shop-web-1 >/dev/null
up
expect_code 0 && expect "no container should be another" [ "$(engine ps -aq | sort)" = "$before" ] && expect "it should run, not: $(names)" has 'shop-web-1 running'

it "--force-recreate keeps anonymous volumes, -V makes them new"
up --force-recreate --no-deps db
expect_code 0 && expect "both should be there" [ "$(engine exec shop-db-1 cat /data/file /scratch/file | paste -sd' ')" = 'kept loose' ]
up --force-recreate --no-deps -V db
expect_code 0 && expect "only the named volume's should be there" [ "$(engine exec shop-db-1 sh -c 'cat /data/file; ls /scratch')" = kept ]

it "--scale: more, and back to what the file says"
up --scale worker=4
expect_code 0 && expect "there should be four, not: $(names)" [ "$(all worker | wc -l)" = 4 ]
up
expect_code 0 && expect "the first two should be left, not: $(names)" [ "$(names | grep -o 'shop-worker-[0-9]' | paste -sd' ')" = 'shop-worker-1 shop-worker-2' ]

it "a service that the file no longer has: told, and removed with --remove-orphans alone"
file '  extra: {image: busybox, command: sleep 1000, networks: [back]}'
up
expect_code 0
colour=blue file ''
up
expect_code 0 && expect_err shop-extra-1 && expect "it should still run, not: $(names)" has 'shop-extra-1 running'
up --remove-orphans
expect_code 0 && expect "it should be gone, not: $(names)" has_no 'extra'

it "a job is run to its end before what waits for it"
file '  job: {image: busybox, command: sh -c "echo ended >/data/job", volumes: ["data:/data"], network_mode: none}
  after: {image: busybox, command: sh -c "cp /data/job /data/after; sleep 1000", volumes: ["data:/data"], network_mode: none, depends_on: {job: {condition: service_completed_successfully}}}'
up
expect_code 0 && expect "it should have waited" [ "$(engine exec shop-after-1 cat /data/after)" = ended ]
job=$(all job)
tapped
up
expect_code 0 && expect "the job should not run again" [ "$(all job)" = "$job" ] && expect "nothing should be written: $(<"$tap_log")" [ "$(writes)" = 0 ]

it "a job that fails: exit 1, with its code; what waits for it stays as it is"
file '  job: {image: busybox, command: sh -c "echo no disk >&2; exit 3", network_mode: none}
  after: {image: busybox, command: sleep 1000, network_mode: none, depends_on: {job: {condition: service_completed_successfully}}}'
before=$(all web; all db; all after)
up --remove-orphans
expect_code 1 && expect_err 'error: ' && expect_err 'exit code 3' && expect_err 'no disk'
expect "the others should be the same" [ "$(all web; all db; all after)" = "$before" ]

it "a healthcheck that fails: the container before serves again, exit 1, the reason and the last lines"
colour=blue file ''
up --remove-orphans
before=$(engine inspect -f '{{.Id}}' shop-db-1)
sed -i 's/command: sleep 1000, volumes/command: sh -c "echo cannot read; exec sleep 2000", volumes/; s/test: "true"/test: "exit 1", retries: 1/' compose.yaml
up
expect_code 1 && expect_err unhealthy && expect_err 'cannot read' && expect "the one before should be there" [ "$(engine inspect -f '{{.Id}} {{.State.Running}}' shop-db-1)" = "$before true" ]
expect "its data should be there" [ "$(engine exec shop-db-1 cat /data/file)" = kept ]

it "down leaves nothing but named volumes"
down --remove-orphans
expect_code 0 && expect "no container should be left, not: $(names)" [ -z "$(engine ps -aq)" ] &&
  expect "no network should be left" [ -z "$(engine network ls -q --filter type=custom)" ] &&
  expect "the volume alone should be left, not: $(engine volume ls -q)" [ "$(engine volume ls -q --filter name=shop)" = shop_data ]
expect "its data should be there" [ "$(engine run --rm -v shop_data:/data busybox cat /data/file)" = kept ]

it "down -v wants the project's name, and takes the volume then"
colour=blue file ''
up
down -v --yes
expect_code 9 && expect "all should be there" has 'shop-db-1 running'
down -v --confirm shop
expect_code 0 && expect "no volume should be left, not: $(engine volume ls -q)" [ -z "$(engine volume ls -q --filter name=shop)" ]
untapped
