#!/bin/bash
# Updates without a gap: a service behind a proxy, under a constant load, through several versions; one that does not work.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086
nas_up roll ${NAS_OPTIONS:-}
"$nas" image "roll$ID"
VIA=socket profile "roll$ID"
# shellcheck source=tests/integration/compose/rolling.sh
. "$here/compose/rolling.sh"
rolling_image
mkdir "$WORK/web" && cd "$WORK/web" || exit 1

# version NAME [OPTION]: the file with that version of the service.
version() {
  cat >compose.yaml <<YAML
name: roll
services:
  web:
    image: rolling
    command: [answer, "$1", --slow, "30"${2:+, "$2"}]
    healthcheck: {test: [CMD, answer, health], interval: 300ms, timeout: 2s, retries: 3}
    stop_grace_period: 20s
    networks: [shared]
    deploy: {update_config: {order: start-first, monitor: 300ms}}
networks:
  shared: {external: true}
YAML
}
web() { engine ps -a --filter label=com.docker.compose.service=web --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }
# by_hand NAME: a container of that version as an update would make one: in service when it is healthy, the one before stopped then.
by_hand() {
  local old
  old=$(engine ps -q --filter label=hand)
  engine run -d --label hand --name "hand-$1" --network shared --network-alias "${alias:-web}" --health-cmd 'answer health' --health-interval 300ms rolling \
    answer "$1" --slow 30 >/dev/null
  wait_for healthy "hand-$1"
  # shellcheck disable=SC2086
  [ -z "$old" ] || engine "${stop:-stop}" $old >/dev/null
}
healthy() { [ "$(engine inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }
hands_off() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter label=hand) >/dev/null
}

up() { qd compose up; }

it "the load sees it when there is a gap"
by_hand 1
load_on
engine stop hand-1 >/dev/null
by_hand 2
load_off
[[ $load == *" failed 0 "* ]] && fail "requests should have failed: $load"
hands_off

it "five versions, start-first: no request fails, and every version answers"
version 1
up
expect_code 0
load_on
for v in 2 3 4 5; do
  version $v
  up
  expect_code 0 && expect "there should be one container, not: $(web)" [ "$(web)" = "roll-web-1 running" ]
done
load_off
unharmed 1 2 3 4 5

it "a version that is not healthy: taken back by itself, no request fails, exit 1, the reason, its last lines"
before=$(engine inspect -f '{{.Id}} {{.State.StartedAt}}' roll-web-1)
version 6 --unhealthy
load_on
up
load_off
expect_code 1 && expect_err "error: " && expect_err unhealthy && expect_err 'answer 6: ready' && unharmed 5
expect "the one before should serve as before" [ "$(engine inspect -f '{{.Id}} {{.State.StartedAt}}' roll-web-1)" = "$before" ]
expect "the failed one should be kept, stopped, not: $(web)" [ "$(web)" = "roll-web-1 running roll-web-1-failed exited" ]
[[ $load == *"version 6"* ]] && fail "the failed version should not have answered: $load"

it "the next version that works takes its place, and the failed one is gone"
version 7
up
expect_code 0 && expect "there should be one container, not: $(web)" [ "$(web)" = "roll-web-1 running" ]
expect "it should be the new one" [ "$(engine exec roll-web-1 wget -qO- http://127.0.0.1:8000/)" = 7 ]
