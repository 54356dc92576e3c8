#!/bin/bash
# kill, pause, unpause, wait, port, rename, diff, commit: what docker prints, several containers, several NASes, and refusals.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
write_profile other "host=unix://$NAS_SOCKET" # the same engine once more, past SSH
state() { engine inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
says_ready() { engine logs "$1" 2>&1 | grep -q ready; }
is() { [ "$(state "$1")" = "$2" ]; }
LOOP='trap "exit 9" USR1; echo ready; while :; do sleep 0.1; done'

it "kill ends with SIGKILL, or by the signal that is named"
engine run -d --name "k1$ID" busybox sleep 1000 >/dev/null
engine run -d --name "k2$ID" busybox sh -c "$LOOP" >/dev/null
wait_for says_ready "k2$ID"
qd kill "k1$ID"
expect_code 0 && expect_exact "k1$ID"
qd kill -s USR1 "k2$ID"
expect_code 0 && expect_exact "k2$ID"
qd wait "k1$ID" "k2$ID"
expect_code 0 && expect_exact $'137\n9'

it "kill: what is missing or stopped is told, the others are done"
engine start "k1$ID" >/dev/null
qd kill "absent$ID" "k1$ID"
expect_code 3 && expect_exact "k1$ID" && expect_err no_such_container
wait_for is "k1$ID" exited
qd kill "k1$ID"
expect_code 6 && expect_err not_running
qd kill -s NOPE "k1$ID"
expect_code 1 && expect_err 'nvalid signal'
qd kill
expect_error 1 missing_argument

it "pause and unpause, docker's group words too"
engine run -d --name "p1$ID" --label "com.docker.compose.project=shop$ID" busybox sleep 1000 >/dev/null
engine run -d --name "p2$ID" --label "com.docker.compose.project=shop$ID" busybox sleep 1000 >/dev/null
qd pause "p1$ID" "p2$ID"
expect_code 0 && expect_exact "p1$ID"$'\n'"p2$ID"
expect "both should be paused" [ "$(state "p1$ID")$(state "p2$ID")" = pausedpaused ]
qd container pause "p1$ID"
expect_code 6 && expect_err already_paused
qd container unpause "p1$ID"
expect_code 0 && expect_exact "p1$ID"
expect "one should run" is "p1$ID" running
qd unpause "p1$ID"
expect_code 6 && expect_err not_paused

it "--project takes the containers of a project, --all asks first"
qd unpause --project "shop$ID"
expect_code 0 && expect_exact "p2$ID"
qd pause --project "shop$ID"
expect_code 0 && expect_exact "p1$ID"$'\n'"p2$ID"
qd unpause --all --no-input
expect_refusal 9
expect "nothing should go on without an answer" is "p1$ID" paused
qd kill --project "shop$ID" "p1$ID"
expect_code 2 && expect_err conflicting_flags
qd kill --project "shop$ID"
expect_code 0 && expect_exact "p1$ID"$'\n'"p2$ID"
qd kill --project "shop$ID"
expect_code 3 && expect_err no_containers

it "a protected NAS asks before named ones, too"
cp "$QNAP_DOCKER_HOME/profiles.yaml" "$WORK/kept"
sed -i '/^  other:/a\    protected: true' "$QNAP_DOCKER_HOME/profiles.yaml"
engine start "p1$ID" >/dev/null
qd kill --profile other --no-input "p1$ID"
expect_refusal 9
expect "it should still run" is "p1$ID" running
qd kill --profile other --yes "p1$ID"
expect_code 0 && expect_exact "p1$ID"
cp "$WORK/kept" "$QNAP_DOCKER_HOME/profiles.yaml"

it "wait goes on until they end, and has JSON"
engine run -d --name "w1$ID" busybox sh -c 'sleep 1; exit 5' >/dev/null
qd wait "w1$ID" "absent$ID"
expect_code 3 && expect_exact 5 && expect_err no_such_container
qd wait --json "w1$ID"
expect_code 0 && expect_exact "[{\"container\":\"w1$ID\",\"exit_code\":5,\"profile\":\"nas1\"}]"
engine run -d --name "w2$ID" busybox sleep 1000 >/dev/null
qd wait "w2$ID" --timeout 1s
expect_code 5
qd container wait --profile '*' "w1$ID"
expect_code 0 && expect_out "nas1/w1$ID 5" && expect_out "other/w1$ID 5"

it "port: all of them, one, as docker orders them"
engine run -d --name "port$ID" -p 127.0.0.1:0:80 -p 0:443/udp --expose 99 app sleep 1000 >/dev/null
for words in "port$ID" "port$ID 80" "port$ID 80/tcp" "port$ID 443/udp"; do
  # shellcheck disable=SC2086
  qd port $words
  # shellcheck disable=SC2086
  if expect_code 0 && like_docker; then expect_exact "$(engine port $words)"; fi
done
qd port "port$ID" --json
expect_code 0 && expect_out '"private":"80/tcp"' && expect_out '"host_ip":"127.0.0.1"'
qd port "port$ID" 99
expect_code 3 && expect_err 'no port of the NAS leads to it'
qd port "port$ID" 80/udp
expect_error 3 port_not_published
qd port "port$ID" web
expect_error 1 bad_port
qd port "absent$ID"
expect_code 3
qd port --profile '*' "port$ID" 80
expect_code 0 && expect_out 'nas1: 127.0.0.1:' && expect_out 'other: 127.0.0.1:'

it "rename"
engine create --name "r1$ID" busybox true >/dev/null
engine create --name "r2$ID" busybox true >/dev/null
qd rename "r1$ID" "r3$ID"
expect_code 0 && expect_exact ''
expect "it should have the new name" is "r3$ID" created
qd rename "r3$ID" "r2$ID"
expect_code 6 && expect_err name_conflict
qd rename "r3$ID" 'no name'
expect_code 1 && expect_err 'nvalid container name'
qd rename "r3$ID" ' '
expect_error 1 empty_name
qd rename "r3$ID"
expect_error 1 missing_argument
qd rename "absent$ID" "x$ID"
expect_code 3

it "diff: added, changed and deleted paths"
engine run --name "d$ID" busybox sh -c 'echo x >/etc/new; rm /bin/sh' >/dev/null
qd diff "d$ID"
expect_code 0 && expect_out 'A /etc/new' && expect_out 'D /bin/sh'
expect "docker's lines, which come in any order" [ "$(sort <<<"$out")" = "$(engine diff "d$ID" | sort)" ]
qd diff --json "d$ID"
expect_code 0 && expect_out '"kind":"added"' && expect_out '"path":"/etc/new"'
qd diff "r2$ID"
expect_code 0 && expect_exact ''
qd container diff "absent$ID"
expect_code 3

qd diff ''
expect_error 1 empty_name

it "commit makes an image, with author, message and changes"
qd commit -a me -m 'why not' -c 'ENV A=1' -c 'CMD ["x"]' "d$ID" "image$ID:1"
expect_code 0
expect "it should print the id" [ "$out" = "$(engine image inspect -f '{{.Id}}' "image$ID:1")" ]
expect "it should have all of them" [ \
  "$(engine image inspect -f '{{.Author}} {{.Comment}} {{json .Config.Cmd}} {{json .Config.Env}}' "image$ID:1" | sed 's/"PATH[^"]*",//')" = \
  'me why not ["x"] ["A=1"]' ]
qd commit --json "d$ID" "image$ID"
expect_code 0 && expect_out "\"reference\":\"image$ID:latest\""
qd commit "d$ID" "UPPER$ID"
expect_error 2 bad_reference
qd commit "d$ID" "image$ID@sha256:$(printf '%064d' 0)"
expect_error 1 bad_reference
on_tty commit "d$ID" "image$ID:tty" </dev/null
expect_code 0 && expect_out "commit d$ID" && expect_out 'sha256:'
engine rmi "image$ID:tty" >/dev/null
qd commit -c 'NOPE x' "d$ID"
expect_code 1
qd commit "absent$ID"
expect_code 3
engine rmi "image$ID:1" "image$ID" >/dev/null

it "--pause=false does not hold it meanwhile"
engine start "k1$ID" >/dev/null
qd commit --pause=false "k1$ID" "image$ID:2"
expect_code 0
expect "docker should know it" [ -n "$(engine images -q "image$ID:2")" ]
engine rmi "image$ID:2" >/dev/null

it "an engine without a freezer is named as the reason"
body='{"message":"cannot pause: cgroup freezer is not supported"}'
printf 'HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" >"$WORK/t"
peer unix /pause "$WORK/t" keep
write_profile peer "host=unix://$peer_socket"
qd pause --profile peer web
expect_error 6 no_freezer && expect_err 'qnap-docker stop web'
