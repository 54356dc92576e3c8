#!/bin/bash
# compose up --strategy blue-green: the project is tried beside itself, takes its own place at once, and is kept for a while.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
P=bg$ID
ROOT=/share/Container/.qnap-docker/projects/$P
PORT=$((20000 + RANDOM % 20000))
on_nas() { ssh -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o LogLevel=ERROR "$NAS_USER@$NAS_HOST" "$@" </dev/null; }
clean() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter "name=^$P-") >/dev/null 2>&1
  engine network rm "${P}_default" "$P-green_default" >/dev/null 2>&1
  engine volume rm "${P}_data" >/dev/null 2>&1
  on_nas "rm -rf $ROOT"
}
trap 'clean; finish' EXIT
ids() { engine ps -aq --no-trunc --filter "name=^$P-" | sort; }
names() { engine ps -a --filter "name=^$P-" --format '{{.Names}} {{.State}}' | sort; }
answer() { engine exec "$P-web-1" cat /w/index.html; }
green() { qd compose -p "$P" up --strategy blue-green --monitor 300ms "$@"; }

mkdir -p "$WORK/p" && cd "$WORK/p" || exit 1
compose() { # compose WORD EXTRA: a version of the project that says WORD
  cat >compose.yaml <<YAML
x-qnap:
  verify: [{service: web, command: "grep -q good /w/index.html"}, {service: back, command: [wget, -q, -O, /dev/null, "http://web/index.html"]}]
services:
  web:
    image: busybox
    command: sh -c "mkdir -p /w; echo $1 >/w/index.html; exec httpd -f -p 80 -h /w"
    stop_grace_period: 0s
    restart: always
    ports: ["$PORT:80"]
  back: {image: busybox, command: sleep 1000, stop_grace_period: 0s, depends_on: [web]$2}
volumes: {data: {}}
YAML
}

it "nothing runs yet: it is started without a trial"
compose good-1 ""
green
expect_code 0 && expect_err "without a trial" && expect "the right version answers" [ "$(answer)" = good-1 ]

it "nothing changed: nothing is done"
before=$(ids)
green
expect_code 0 && expect_err "nothing to do" && expect "no container changes" [ "$before" = "$(ids)" ]

it "the plan says what is tried, and nothing is changed by showing it"
compose good-2 ""
green --dry-run
expect_code 0 && expect_out "+ create $P-green-web-1" && expect_out "= verify web: " && expect_out "keep $P-web-1 as $P-web-1-blue" &&
  expect "no container changes" [ "$before" = "$(ids)" ]

it "the new one takes over, the old one is kept, stopped, and does not come back by itself"
green
expect_code 0
[ "$(answer)" = good-2 ] || fail "the new one should answer"
[ "$(names)" = "$P-back-1 running
$P-back-1-blue exited
$P-web-1 running
$P-web-1-blue exited" ] || fail "unexpected containers: $(names)"
[ "$(engine inspect "$P-web-1-blue" -f '{{.HostConfig.RestartPolicy.Name}}')" = no ] || fail "blue would come back"
[ "$(engine port "$P-web-1" 80 | head -1)" = "0.0.0.0:$PORT" ] || fail "the port should be the new one's"
expect "green's network is gone" [ -z "$(engine network ls -q --filter "name=$P-green")" ]

it "blue is left alone by the next up"
before=$(ids)
qd compose -p "$P" up
expect_code 0 && expect_err "nothing to do" && expect "no container changes" [ "$before" = "$(ids)" ]

it "the verbs leave it alone, too"
qd compose -p "$P" restart -t 0
expect_code 0 && expect "blue is stopped" [ "$(engine inspect "$P-web-1-blue" -f '{{.State.Status}}')" = exited ]

it "what is not verified is taken away, and the running project was never touched"
compose bad ""
started=$(engine inspect "$P-web-1" "$P-back-1" -f '{{.Id}} {{.State.StartedAt}}')
green
expect_code 1 && expect_err "code: not_verified" && expect_err "runs as before" && expect_err "grep -q good"
[ "$started" = "$(engine inspect "$P-web-1" "$P-back-1" -f '{{.Id}} {{.State.StartedAt}}')" ] || fail "blue was touched"
[ "$before" = "$(ids)" ] || fail "something of green is left: $(names)"
expect "green's network is gone" [ -z "$(engine network ls -q --filter "name=$P-green")" ]

it "a container that ends is no green either"
compose "good; exit 3" ""
green
expect_code 1 && expect "no container changes" [ "$before" = "$(ids)" ]

it "what a trial that was killed has left goes with the next up, and the project is as declared"
compose good-3 ""
"$QD_PROGRAM" compose -p "$P" up --strategy blue-green --monitor 60s >"$WORK/killed" 2>&1 </dev/null &
killed=$!
expect "green comes up" wait_for engine inspect "$P-green-web-1"
kill -9 $killed && wait $killed 2>/dev/null
[ "$(answer)" = good-2 ] || fail "the project should run as before"
qd compose -p "$P" lock release --yes >/dev/null
qd compose -p "$P" up
expect_code 0 && expect "the right version answers" [ "$(answer)" = good-3 ] && expect "green is gone" [ -z "$(engine ps -aq --filter "name=^$P-green")" ]

it "kept containers go when their time is over"
compose good-4 ""
green --keep 1s
expect_code 0
sleep 1.1
qd compose -p "$P" up
expect_code 0 && expect "these containers are there" [ "$(names)" = "$P-back-1 running
$P-web-1 running" ]

it "when the switch itself fails the old ones run again"
compose good-4b ""
sed -i "s/\"$PORT:80\"/\"198.51.100.1:$PORT:80\"/" compose.yaml # an address that the NAS has not
started=$(engine inspect "$P-web-1" "$P-back-1" -f '{{.Id}}')
green
expect_code 1 && expect_err "runs as before" && expect "the old ones are back" wait_for answer && expect "the right version answers" [ "$(answer)" = good-4 ]
[ "$started" = "$(engine inspect "$P-web-1" "$P-back-1" -f '{{.Id}}')" ] || fail "these are others: $(names)"
expect "nothing of green is left" [ -z "$(engine ps -aq --filter "name=^$P-green")" ]

it "data that both would write to is a reason to refuse"
compose good-5 ", volumes: ['data:/data']"
qd compose -p "$P" up >/dev/null
compose good-6 ", volumes: ['data:/data']"
before=$(ids)
green
expect_error 6 two_writers && expect_err "volume data of service 'back'" && expect "no container changes" [ "$before" = "$(ids)" ]

it "--share-volumes takes it"
engine exec "$P-back-1" sh -c 'echo kept >/data/x'
green --share-volumes
expect_code 0 && expect "the right version answers" [ "$(answer)" = good-6 ] &&
  expect "the data is there" [ "$(engine exec "$P-back-1" cat /data/x)" = kept ]

it "a verify that names no service is said before anything is done"
sed -i 's/service: web, command: "grep/service: wep, command: "grep/' compose.yaml
green --force-recreate
expect_code 2 && expect_err "code: bad_verify"
