#!/bin/bash
# run: foreground and background, streams, exit codes, clean-up.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
absent() { ! engine container inspect "$1" >/dev/null 2>&1; }
without_logins() { ! engine cp "$1:/run/secrets/docker" - >/dev/null 2>&1; }

it "a command runs in the foreground: its streams and its exit code are ours"
qd run --rm --name "fore$ID" busybox sh -c 'echo out; echo err >&2; exit 7'
expect_code 7
expect_exact out
expect_err err
expect "--rm should leave no container" absent "fore$ID"

it "an image alone runs in the background"
qd run --name "alone$ID" app
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "alone$ID")" ]

it "-d runs a command in the background"
qd run -d --name "back$ID" busybox sleep 1000
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "back$ID")" ]
expect "it should run" [ "$(engine inspect -f '{{.State.Running}}' "back$ID")" = true ]

it "stdin goes to the process and ends with ours"
qd run -i --rm --name "in$ID" busybox sh -c 'cat; echo end' < <(printf 'one\ntwo\n')
expect_code 0
expect_exact $'one\ntwo\nend'

it "a process that reads nothing ends while stdin goes on"
qd run -i --rm --name "unread$ID" busybox true < <(sleep 2 && head -c 300000 /dev/zero)
expect_code 0

it "settings reach the container"
qd run --rm --name "set$ID" -e A=1 -w /tmp --user 12:34 --hostname box --label l=v --memory 64m busybox sh -c 'echo $A $(pwd) $(id -u):$(id -g) $(hostname)'
expect_code 0
expect_exact '1 /tmp 12:34 box'

it "v0.2: flags behind the image, with a command of its own"
qd run --rm --name "old$ID" busybox --env B=2 --workdir /tmp -- sh -c 'echo $B $(pwd)'
expect_code 0
expect_exact '2 /tmp'

for case in '127|no-such-program' '127|/bin/absent' '126|/etc' '126|/etc/passwd'; do
  it "a command that cannot run: ${case#*|} is exit code ${case%%|*}"
  qd run --rm --name "bad$ID" busybox "${case#*|}"
  expect_refusal "${case%%|*}"
  expect "--rm should leave no container" absent "bad$ID"
done

it "a relative bind lies in the NAS's data_root"
if [ "${VIA:-}" = socket ]; then
  skip 'this is about SSH'
else
  qd run --rm --name "bind$ID" -v "./web$ID:/w" busybox sh -c 'echo hi >/w/f; cat /w/f'
  expect_code 0
  expect_exact hi
  expect_err "web$ID"
  expect "the file should be on the NAS" "$nas" sh nas1 "test -f /share/Container/web$ID/f && rm -r /share/Container/web$ID"
fi

it "what could not start stays to be looked at, as in docker"
qd run --name "kept$ID" busybox no-such-program
expect_refusal 127
expect "it should be there" [ "$(engine inspect -f '{{.State.Status}}' "kept$ID")" = created ]

it "what the engine refuses is exit code 125"
qd run --rm --name "name /$ID" busybox true
expect_refusal 125
qd run --name "back$ID" busybox true
expect_refusal 125 name_conflict
qd run --rm --network "absent$ID" busybox true
expect_refusal 125
qd run --rm --frobnicate busybox true
expect_refusal 125 unknown_flag

it "what cannot be kept here is refused: 125 of run"
qd run --rm --disable-content-trust=false busybox true
expect_refusal 125 no_content_trust
qd run --rm --disable-content-trust busybox true
expect_code 0

it "--use-api-socket: the engine's socket, and the logins of this machine readable by root alone"
mkdir -p "$WORK/docker"
auth=$(printf 'me:pass phrase%s' "$ID" | base64)
printf '{"auths":{"reg.example":{"auth":"%s"}}}' "$auth" >"$WORK/docker/config.json"
export DOCKER_CONFIG=$WORK/docker
qd create --use-api-socket --name "api$ID" -v /data busybox true
expect_code 0
expect "the socket should be mounted" grep -qx '/var/run/docker.sock /var/run/docker.sock' \
  <(engine inspect -f '{{range .HostConfig.Mounts}}{{println .Source .Target}}{{end}}' "api$ID")
expect "DOCKER_CONFIG should be set" grep -qx DOCKER_CONFIG=/run/secrets/docker <(engine inspect -f '{{range .Config.Env}}{{println .}}{{end}}' "api$ID")
expect "the login should be in it" grep -qF "{\"auths\":{\"reg.example\":{\"auth\":\"$auth\"}}}" \
  <(engine cp "api$ID:/run/secrets/docker/config.json" - | tar -xO)
expect "nobody else may read it" grep -q '^-rw------- ' <(engine cp "api$ID:/run/secrets/docker/config.json" - | tar -tv)
qd run --rm --use-api-socket busybox sh -c 'test -S /var/run/docker.sock && echo socket'
expect_exact socket
qd create --use-api-socket --name "own$ID" -e DOCKER_CONFIG=/own busybox true
expect_code 0
expect "a DOCKER_CONFIG of its own stays, without logins" without_logins "own$ID"
qd create --use-api-socket --replace --name "api$ID" busybox true
expect_refusal 2 conflicting_flags
printf '{}' >"$WORK/docker/config.json"
qd create --use-api-socket --name "bare$ID" busybox true
expect_code 0
expect "without logins there is none" without_logins "bare$ID"
unset DOCKER_CONFIG

it "proxies of docker's config.json reach the container, where -e does not name them"
mkdir -p "$WORK/proxied"
cat >"$WORK/proxied/config.json" <<EOF
{"proxies": {"default": {"httpProxy": "http://me:hidden@proxy:1", "noProxy": "lan"}, "unix://$NAS_SOCKET": {"ftpProxy": "ftp://here"}}}
EOF
DOCKER_CONFIG=$WORK/proxied qd run --rm -e no_proxy=own busybox env
expect_code 0
expect "http_proxy and NO_PROXY should be there, not: $out" \
  [ "$(grep -i _proxy <<<"$out" | LC_ALL=C sort)" = $'HTTP_PROXY=http://me:hidden@proxy:1\nNO_PROXY=lan\nhttp_proxy=http://me:hidden@proxy:1\nno_proxy=own' ]
DOCKER_CONFIG=$WORK/proxied qd run --dry-run busybox env
expect_out 'HTTP_PROXY=http://me:[redacted]@proxy:1' && expect_no_out hidden
write_profile direct "host=unix://$NAS_SOCKET"
DOCKER_CONFIG=$WORK/proxied qd run --rm --profile direct busybox env
expect_out FTP_PROXY=ftp://here && expect_no_out HTTP_PROXY

it "DOCKER_DEFAULT_PLATFORM is the platform that is not given"
DOCKER_DEFAULT_PLATFORM=linux/s390x qd run --rm --pull never busybox true
expect_refusal 125
DOCKER_DEFAULT_PLATFORM=linux/s390x qd create --dry-run --platform linux/amd64 busybox
expect_code 0
DOCKER_DEFAULT_PLATFORM=a/b/c/d qd create --dry-run busybox
expect_refusal 2 bad_platform
DOCKER_DEFAULT_PLATFORM=a/b/c/d qd pull busybox
expect_refusal 1
expect_err 'a/b/c/d'

it "a DNS server that is the container itself is warned of, once"
qd create --name "dns$ID" --dns 9.9.9.9 --dns 127.0.0.53 --dns ::1 busybox true
expect_code 0
expect "one warning, not: $err" [ "$(grep WARNING <<<"$err")" = 'WARNING: Localhost DNS (127.0.0.53) may fail in containers.' ]
qd create --name "dns$ID" --replace --dns ::1 busybox true
expect_code 0
expect_err 'WARNING: Localhost DNS (::1) may fail in containers.'
qd create --name "dns2$ID" --dns 1.27.0.1 busybox true
expect_no_err WARNING

it "a missing image that no registry has is exit code 125"
qd run --rm --pull never "absent$ID" true
expect_refusal 125 no_such_image

it "a taken port is told with the container that has it"
engine run -d --name "port$ID" -p 0:80 app sleep 1000 >/dev/null
port=$(engine port "port$ID" 80 | sed -n '1s/.*://p')
qd run -d --name "second$ID" -p "$port:80" app sleep 1000
expect_refusal 125 port_conflict
expect_err "port$ID"

it "create makes it and starts nothing"
qd create --name "made$ID" busybox true
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "made$ID")" ]
expect "it should not run" [ "$(engine inspect -f '{{.State.Status}}' "made$ID")" = created ]

it "--dry-run makes nothing"
qd run --dry-run --name "dry$ID" -d busybox sleep 1
expect_code 0
expect_out '"Image": "busybox"'
expect "there should be no container" absent "dry$ID"

it "in the background of a terminal, the next step is named"
on_tty run -d --name "bg$ID" busybox sleep 1000 </dev/null
expect_code 0
expect_out "bg$ID runs; follow it with 'qnap-docker logs -f bg$ID'"
on_tty run -d --name "web$ID" -p 127.0.0.1:18765:80 -p 127.0.0.1:18766:53/udp busybox sleep 1000 </dev/null
expect_out "web$ID runs: http://"
expect_out ':18765'
expect_no_out 18766
engine rm -f "bg$ID" "web$ID" >/dev/null

it "^C in the foreground reaches the process"
on_tty run --rm --name "sig$ID" busybox sh -c 'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.1; done' <<'END'
expect ready
send \x03
expect caught
END
expect_code 9
expect_restored

it "TERM, too"
LIMIT=60 run bash -c '"$0" run --rm --name "term$1" busybox sh -c "trap \"echo caught; exit 9\" TERM; echo ready; while :; do sleep 0.1; done" & pid=$!
  for _ in $(seq 200); do grep -q ready "$2" && break; sleep 0.1; done; kill -TERM $pid; wait $pid' "$QD_PROGRAM" "$ID" "$WORK/out"
expect_code 9
expect_out caught
