#!/bin/bash
# compose adopt: a compose file from loose containers, from which the same containers are made; and x-qnap.proxy, under requests.
# shellcheck source=tests/integration/lib.sh disable=SC2016
. "$(dirname "$0")/lib.sh"
profile nas1
P=ad$ID
on_nas() { ssh -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o LogLevel=ERROR "$NAS_USER@$NAS_HOST" "$@" </dev/null; }
clean() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter "label=com.docker.compose.project=$P") >/dev/null 2>&1
  engine network rm "${P}_default" >/dev/null 2>&1
  engine rmi -f "answer$ID" >/dev/null 2>&1
  on_nas "rm -rf /share/Container/.qnap-docker/projects/$P"
}
trap 'clean; finish' EXIT
PORT=$((20000 + RANDOM % 20000))

engine network create "net$ID" >/dev/null
engine run -d --name "one$ID" -p "127.0.0.1:$PORT:80" -p "$PORT:53/udp" -e PLAIN=seen -e 'APP_TOKEN=se$cr"et'"'" -v "vol$ID:/v" \
  -v /share/Public:/p:ro --tmpfs /t:size=1m -m 64m --restart on-failure:3 --network "net$ID" --network-alias al --hostname host \
  --cap-add NET_ADMIN --ulimit nofile=100:200 --health-cmd 'test "$PLAIN" = seen' --health-interval 1s --stop-timeout 0 \
  --security-opt no-new-privileges --label own=label --add-host h1:1.2.3.4 --dns 1.1.1.1 busybox sleep 1000 >/dev/null
engine run -d --name "two$ID" -v /anon --stop-timeout 0 --entrypoint sleep app 1000 >/dev/null
engine exec "two$ID" sh -c 'echo kept >/anon/x'
mkdir -p "$WORK/p" && cd "$WORK/p" || exit 1
settings() { # the settings that people give, by the engine's own words
  engine inspect "$1" --format '{{range .Config.Env}}{{println .}}{{end}}' | sort
  engine inspect "$1" --format '{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{json .Config.Healthcheck}}
{{json .Config.ExposedPorts}} {{json .Config.StopTimeout}} {{json .HostConfig.PortBindings}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}
{{json .HostConfig.CapAdd}} {{json .HostConfig.Ulimits}} {{json .HostConfig.SecurityOpt}} {{json .HostConfig.ExtraHosts}} {{json .HostConfig.Dns}}
{{json .HostConfig.Tmpfs}} {{json .HostConfig.LogConfig}} {{.HostConfig.IpcMode}} {{.HostConfig.CgroupnsMode}} {{.HostConfig.ShmSize}}
{{index .Config.Labels "own"}} {{.Config.Image}} {{.Name}}'
  engine inspect "$1" --format '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.RW}}
{{end}}' | sort
}

it "-o - shows the file: only what was asked for, and no secret"
qd compose adopt "one$ID" "two$ID" -o -
expect_code 0 && expect_out "image: busybox" && expect_out 'APP_TOKEN: ${APP_TOKEN}' && expect_no_out 'se$cr' && expect_no_out "PATH" &&
  expect_no_out "tier" && expect_no_out "shm_size" && expect_no_err "does not say all"

it "writes the file, and secrets beside it for its owner alone"
qd compose adopt "one$ID" "two$ID" -p "$P"
expect_code 0 && expect "only the owner reads it" [ "$(stat -c %a .env)" = 600 ]
grep -q 'se$cr' compose.yaml && fail "a secret stands in the file"
qd compose config --format json
expect_code 0 && expect_out 'se$$cr\"et'"'"

it "does not overwrite a file"
qd compose adopt "one$ID"
expect_error 6 file_exists

it "--apply --dry-run changes nothing"
rm compose.yaml .env
before=$(engine ps -aq --no-trunc)
qd compose adopt "one$ID" "two$ID" -p "$P" --apply --dry-run
expect_code 0 && expect_out "recreate one$ID (adopted)" && expect "no file" [ ! -e compose.yaml ] &&
  expect "no change" [ "$before" = "$(engine ps -aq --no-trunc)" ]

it "--apply makes them anew as the project's, and they are the same"
one=$(settings "one$ID") two=$(settings "two$ID")
qd compose adopt "one$ID" "two$ID" -p "$P" --apply
expect_code 0
[ "$one" = "$(settings "one$ID")" ] || fail "one differs: $(diff <(echo "$one") <(settings "one$ID"))"
[ "$two" = "$(settings "two$ID")" ] || fail "two differs: $(diff <(echo "$two") <(settings "two$ID"))"
expect "they are the project's" [ "$(engine ps -q --filter "label=com.docker.compose.project=$P" | wc -l)" = 2 ]
expect "data is kept" [ "$(engine exec "two$ID" cat /anon/x)" = kept ]

it "nothing is left to do then"
qd compose -p "$P" plan --exit-code
expect_code 0

it "what is a project's already is none to take"
qd compose adopt "one$ID" -o x.yaml
expect_error 6 in_project && expect "no file" [ ! -e x.yaml ]

it "a container that is not there"
qd compose adopt "none$ID" -o x.yaml
expect_code 3

it "one that removes itself can be written, and not made anew"
engine run -d --rm --name "self$ID" --stop-timeout 0 busybox sleep 1000 >/dev/null
qd compose adopt "self$ID" -o self.yaml --apply
expect_error 6 auto_remove && expect_err "--rm has no word" && expect "it runs" [ -n "$(engine ps -q --filter "name=self$ID")" ]

mkdir -p "$WORK/q" && cd "$WORK/q" || exit 1
# The service ends as a server should: what has been queued is answered, then it stops listening.
cp "$programs/answer" . && printf 'FROM busybox\nCOPY answer /bin/\n' >Dockerfile
DOCKER_BUILDKIT=0 engine build -q -t "answer$ID" . >/dev/null 2>&1
proxied() {
  cat >compose.yaml <<YAML
services:
  web:
    image: answer$ID
    command: [answer, $1, --port, "80"]
    ports: ["$((PORT + 1)):80"]
    x-qnap: {proxy: {image: busybox}, drain: 1s}
YAML
}
P2=px$ID
get() { curl -sf -m 10 "http://$NAS_HOST:$((PORT + 1))/"; }
it "x-qnap.proxy holds the port, so that the service can be replaced start-first"
proxied v1
qd compose -p "$P2" up
expect_code 0 && expect "it answers" wait_for get && expect "v1 answers" [ "$(get)" = v1 ]
expect "the service has no port" [ -z "$(engine port "$P2-web-1")" ]
held=$(engine inspect "$P2-web-proxy-1" -f '{{.Id}}')
(while [ ! -e "$WORK/stop" ]; do get >>"$WORK/answers" || echo failed >>"$WORK/answers"; done) &
load=$!
proxied v2
qd compose -p "$P2" up --rolling --monitor 1s
expect_code 0 && expect "v2 answers" [ "$(get)" = v2 ]
touch "$WORK/stop" && wait $load
# One that is queued while the old one ends may end with it (docs/compose-updates.md), and there is one at a time.
expect "no request failed but what was in the queue" [ "$(grep -c failed "$WORK/answers")" -le 1 ]
expect "there were requests" [ "$(wc -l <"$WORK/answers")" -gt 10 ]
expect "the proxy stays" [ "$held" = "$(engine inspect "$P2-web-proxy-1" -f '{{.Id}}')" ]

it "the proxy is part of the project for the other commands"
qd compose -p "$P2" plan --exit-code
expect_code 0
qd compose -p "$P2" down
expect_code 0 && expect "nothing is left" [ -z "$(engine ps -aq --filter "name=^$P2-")" ]
on_nas "rm -rf /share/Container/.qnap-docker/projects/$P2"
