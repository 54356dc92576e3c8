#!/bin/bash
# A project is the same to us, to compose v2 (2.26, Debian 13) and, for ps, stop, rm and down, to docker-compose 1.29 (Debian 12), whichever of
# them made it. compose v2 is that of COMPOSE_V2, or of the Debian root that NAS_ENGINE names, or this machine's; 1.29 is docker-compose on the PATH.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
plugin=/usr/libexec/docker/cli-plugins/docker-compose
v2=${COMPOSE_V2:-${NAS_ENGINE:-}$plugin}
[ -x "$v2" ] || v2=$plugin
v1=${COMPOSE_V1:-$(command -v docker-compose)}
[[ $("$v2" version --short 2>/dev/null) == 2.* ]] || v2=
[[ $("$v1" version --short 2>/dev/null) == 1.29* ]] || v1=
# shellcheck disable=SC2086
[ -z "$v2$v1" ] || { nas_up with ${NAS_OPTIONS:-} && "$nas" image "with$ID" && VIA=socket profile "with$ID"; }
# shellcheck source=tests/integration/compose/tap.sh
. "$here/compose/tap.sh"
mkdir "$WORK/shop" && cd "$WORK/shop" || exit 1
cat >compose.yaml <<'YAML'
services:
  web: {image: busybox, command: sleep 1000, stop_grace_period: 0s, depends_on: [db], networks: [front, back], ports: ["22080:80"]}
  db: {image: busybox, command: sleep 1000, stop_grace_period: 0s, networks: [back], volumes: ["data:/data"]}
  worker: {image: busybox, command: sleep 1000, stop_grace_period: 0s, deploy: {replicas: 2}, networks: [back]}
networks: {front: {}, back: {}}
volumes: {data: {}}
YAML
{ echo 'version: "3.8"' && sed 's/, deploy: {replicas: 2}//' compose.yaml; } >old.yaml

peer() { run env DOCKER_HOST="unix://$NAS_SOCKET" "$v2" "$@"; }
old() { run env DOCKER_HOST="unix://$NAS_SOCKET" DOCKER_API_VERSION=1.41 "$v1" -f old.yaml "$@"; }
ours() { qd --profile tap compose "$@"; }
state() { engine ps -a --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }
ids() { engine ps -aq | sort; }
nothing_left() {
  expect "no container should be left, not: $(state)" [ -z "$(state)" ] && expect "no network should be left" [ -z "$(engine network ls -q --filter type=custom)" ] &&
    expect "the volume should be left" [ "$(engine volume ls -q)" = shop_data ]
}
[ -z "$v2$v1" ] || tapped
up='shop-db-1 running shop-web-1 running shop-worker-1 running shop-worker-2 running'
ended='shop-db-1 exited shop-web-1 exited shop-worker-1 exited shop-worker-2 exited'

it "ours, to compose v2: ls, ps, stop, start, restart, down"
if [ -z "$v2" ]; then
  skip "compose v2 is not here: name it in COMPOSE_V2, or a Debian 13 root with docker-compose in NAS_ENGINE"
else
  ours up
  expect_code 0 && expect "it should be up, not: $(state)" [ "$(state)" = "$up" ]
  peer ls --format json
  expect_code 0 && expect_out '"Name":"shop"' && expect_out '"Status":"running(4)"'
  peer ps --format '{{.Name}} {{.Service}} {{.State}}'
  expect_code 0 && expect_out 'shop-web-1 web running' && expect_out 'shop-worker-2 worker running'
  peer -p shop stop
  expect_code 0 && expect "it should have stopped, not: $(state)" [ "$(state)" = "$ended" ]
  peer start
  expect_code 0 && expect "it should be up, not: $(state)" [ "$(state)" = "$up" ]
  peer restart web
  expect_code 0
  before=$(ids)
  peer up -d --scale worker=3 --no-recreate
  expect_code 0 && expect "they should have one more, and the others as they were" [ "$(comm -12 <(echo "$before") <(ids) | wc -l)" = 4 ] &&
    expect "there should be five, not: $(state)" [ "$(ids | wc -l)" = 5 ]
  ours up
  expect_code 0 && expect "four should be left, not: $(state)" [ "$(state)" = "$up" ]
  peer down
  expect_code 0 && nothing_left
fi

it "compose v2's, to us: ls, ps, up changes nothing, one service changed, stop, start, down"
if [ -z "$v2" ]; then
  skip "compose v2 is not here"
else
  peer up -d
  expect_code 0
  before=$(ids)
  ours ls
  expect_code 0 && expect_out 'shop' && expect_out 'running(4)'
  ours ps --format '{{.Service}} {{.State}}'
  expect_code 0 && expect_out 'web running'
  tapped
  ours up
  expect_code 0 && expect "no container should be another" [ "$(ids)" = "$before" ] && expect "nothing should be written: $(<"$tap_log")" [ "$(writes)" = 0 ]
  sed -i 's/command: sleep 1000, stop_grace_period: 0s, depends_on/command: sleep 2000, stop_grace_period: 0s, depends_on/' compose.yaml
  ours up
  expect_code 0 && expect "one container should be another" [ "$(comm -12 <(echo "$before") <(ids) | wc -l)" = 3 ] &&
    expect "it should be up, not: $(state)" [ "$(state)" = "$up" ]
  ours stop
  expect_code 0 && expect "it should have stopped, not: $(state)" [ "$(state)" = "$ended" ]
  ours start
  expect_code 0 && expect "it should be up, not: $(state)" [ "$(state)" = "$up" ]
  ours down
  expect_code 0 && nothing_left
  peer up -d
  cd / && ours -p shop down && cd - >/dev/null || exit 1
  expect_code 0 && nothing_left
fi

it "ours, to docker-compose 1.29: ps, stop, rm, down"
if [ -z "$v1" ]; then
  skip "docker-compose 1.29 (Debian 12) is not here"
else
  ours -f old.yaml up
  expect_code 0
  old ps
  expect_code 0 && expect_out 'shop-web-1' && expect_out 'Up'
  old stop
  expect_code 0 && expect "it should have stopped, not: $(state)" [ "$(state)" = 'shop-db-1 exited shop-web-1 exited shop-worker-1 exited' ]
  old rm -f web
  expect_code 0 && expect "web should be gone, not: $(state)" [ "$(state)" = 'shop-db-1 exited shop-worker-1 exited' ]
  ours -f old.yaml up
  expect_code 0 && expect "it should be up, not: $(state)" [ "$(state)" = 'shop-db-1 running shop-web-1 running shop-worker-1 running' ]
  old down
  expect_code 0 && nothing_left
fi

it "docker-compose 1.29's, to us: ps, stop, rm, down"
if [ -z "$v1" ]; then
  skip "docker-compose 1.29 (Debian 12) is not here"
else
  old up -d
  expect_code 0 && expect "it should be up, not: $(state)" [ "$(state)" = 'shop_db_1 running shop_web_1 running shop_worker_1 running' ]
  ours -f old.yaml ps --format '{{.Name}} {{.Service}} {{.State}}'
  expect_code 0 && expect_out 'shop_web_1 web running'
  ours -f old.yaml stop
  expect_code 0 && expect "it should have stopped, not: $(state)" [ "$(state)" = 'shop_db_1 exited shop_web_1 exited shop_worker_1 exited' ]
  ours -f old.yaml rm -f web
  expect_code 0 && expect "web should be gone, not: $(state)" [ "$(state)" = 'shop_db_1 exited shop_worker_1 exited' ]
  ours -f old.yaml down
  expect_code 0 && nothing_left
fi
untapped
