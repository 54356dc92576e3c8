#!/bin/bash
# compose up is killed (kill -9) at every request that changes something, on its way to the engine and on its way back: a container of the
# service is there at once or as soon as it would have been, the next `up` ends in what the file says, no data is touched.
# FULL=1: stop-first, and killed before the engine has the request, too.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2086
nas_up kill ${NAS_OPTIONS:-}
"$nas" image "kill$ID"
VIA=socket profile "kill$ID"
# shellcheck source=tests/integration/compose/tap.sh
. "$here/compose/tap.sh"
mkdir "$WORK/web" && cd "$WORK/web" || exit 1

version() {
  cat >compose.yaml <<YAML
name: shop
services:
  web:
    image: busybox
    command: [sh, -c, 'trap "exit 0" TERM; echo $1 >>/data/log; sleep 1000 & wait']
    volumes: [data:/data]
    stop_grace_period: 2s
    deploy: {update_config: {order: $order, monitor: 100ms}}
    x-qnap: {drain: 0s}
volumes:
  data:
YAML
}
state() { engine ps -a --filter label=com.docker.compose.project=shop --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }
running() { [ -n "$(engine ps -q --filter label=com.docker.compose.service=web)" ]; }
first() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq) >/dev/null 2>&1
  engine volume rm -f shop_data >/dev/null
  version one
  qd compose up
  engine run --rm -v shop_data:/data busybox sh -c 'echo precious >/data/kept'
}

sweep() { # sweep start-first|stop-first before|after
  local n=0
  order=$1
  while :; do
    first
    version two
    killed_at $((n += 1)) "$2" "$QD_PROGRAM" --profile tap compose up || break
    it "$1, killed $2 write $n: $(grep -v '^held\|^GET\|^HEAD' "$tap_log" | tail -n 1 | sed 's|/v[0-9.]*||; s|[0-9a-f]\{64\}|ID|; s| HTTP.*||')"
    [ "$order" = stop-first ] || expect "a container should run, not: $(state)" running
    untapped
    qd compose up
    expect_code 0 && expect "it should be as declared, not: $(state)" [ "$(state)" = "shop-web-1 running" ] &&
      expect "it should be the new one" [ "$(engine exec shop-web-1 tail -n 1 /data/log)" = two ] &&
      expect "the data should be there" [ "$(engine exec shop-web-1 cat /data/kept)" = precious ]
    tapped
    qd --profile tap compose up
    expect_code 0 && expect "the next one should change nothing: $(<"$tap_log")" [ "$(writes)" = 0 ]
    untapped
  done
  it "$1, killed $2: all writes were met"
  untapped
  expect "an update has more than $n writes" [ $n -gt 4 ]
}
sweep start-first after
[ -n "${FULL:-}" ] || exit 0
sweep start-first before
sweep stop-first after
sweep stop-first before
