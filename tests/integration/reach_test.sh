#!/bin/bash
# The ways to the engine, with what an sshd and a NAS may forbid (SPEC 2.0): each works, or says what to change.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null

# works NAS: what needs one connection after the other, and what needs several at once.
works() {
  qd --profile "$1" ps --filter "name=c$ID" --format '{{.Names}}'
  expect_code 0
  expect_exact "c$ID"
  qd --profile "$1" exec -i "c$ID" cat < <(echo through)
  expect_code 0
  expect_exact through
}
several() {
  qd --profile "$1" run --rm --name "r$ID" busybox sh -c 'echo ran; exit 3'
  expect_code 3
  expect_exact ran
}

it "sshd as it comes"
works nas1
several nas1

it "what worked is remembered and tried first"
qd --profile nas1 ps
expect_code 0
expect "there should be a state file for nas1" bash -c 'grep -q api_version "$0"/state/engines/nas1.json' "$QNAP_DOCKER_HOME"

it "AllowTcpForwarding no"
nas_up tcp --share-engine nas1 --no-tcp-forwarding
profile "tcp$ID"
works "tcp$ID"
several "tcp$ID"

it "AllowStreamLocalForwarding no: docker's dial-stdio, docker outside the PATH"
nas_up stream --share-engine nas1 --no-streamlocal
profile "stream$ID"
works "stream$ID"
several "stream$ID"
"$nas" sh "stream$ID" 'command -v docker'
expect "docker should not be in the PATH there" [ $? != 0 ]

it "DisableForwarding yes"
nas_up dis --share-engine nas1 --no-forwarding
profile "dis$ID"
works "dis$ID"
several "dis$ID"

it "MaxSessions 1, with forwarding: no session is needed"
nas_up one --share-engine nas1 --max-sessions 1
profile "one$ID"
works "one$ID"
several "one$ID"

it "MaxSessions 1, without forwarding: one connection at a time"
nas_up tight --share-engine nas1 --max-sessions 1 --no-forwarding
profile "tight$ID"
qd --profile "tight$ID" ps --filter "name=c$ID" --format '{{.Names}}'
if [ "$code" = 0 ]; then expect_exact "c$ID"; else expect_refusal 6 too_many_sessions && expect_err MaxSessions; fi
qd --profile "tight$ID" run --rm --name "t$ID" busybox sh -c 'echo ran; exit 3'
if [ "$code" = 3 ]; then expect_exact ran; else expect_refusal 125 && expect_err MaxSessions; fi

it "an account that reaches the engine only through sudo"
nas_up sudo --sudo
"$nas" image "sudo$ID"
profile "sudo$ID"
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
works "sudo$ID"
several "sudo$ID"

it "an account that may not at all: authentication, and what to change on the NAS"
"$nas" sh "sudo$ID" 'mkdir -p /share/homes/guest/.ssh && cp /etc/config/ssh/authorized_keys /share/homes/guest/.ssh/ && chown -R 1001:100 /share/homes/guest/.ssh'
write_profile guest "host=$NAS_HOST" user=guest "ssh_key_path=$NAS_KEY" "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none
qd --profile guest ps
expect_refusal 4
expect_err try:

it "the engine is stopped"
"$nas" sh "sudo$ID" '/etc/init.d/container-station.sh stop'
qd --profile "sudo$ID" ps
expect_refusal 5
expect_err 'the engine runs'

it "two engines: the profile's, and the other by --engine"
nas_up two --two-engines
profile "two$ID"
"$nas" image "two$ID"
qd --profile "two$ID" images -q
expect_code 0
gui=$out
qd --profile "two$ID" --engine system images -q
expect_code 0
expect "the system engine should have no images" [ -n "$gui" ] && expect_exact ''
write_profile system "host=$NAS_HOST" user=admin "ssh_key_path=$NAS_KEY" "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none engine=system
qd --profile system images -q
expect_code 0
expect_exact ''

it "what one engine does not have is told with the other"
qd --profile system stop "nothing$ID"
expect_error 3 no_such_container && expect_err "'system'; --engine gui"
qd --profile "two$ID" stop "nothing$ID"
expect_code 3 && expect_no_err '--engine' # nobody has looked at this NAS yet
qd doctor "two$ID"
qd --profile "two$ID" stop "nothing$ID"
expect_error 3 no_such_container && expect_err 'a second engine: --engine system'
qd --profile nas1 stop "nothing$ID"
expect_code 3 && expect_no_err '--engine'

it "an engine that the NAS does not have"
qd --profile nas1 --engine system ps
expect_code 5 6
qd --profile nas1 --engine /var/run/absent.sock ps
expect_refusal 5 engine_down
expect_err 'Container Station'

it "transport: openssh, the user's own ssh"
write_profile own "host=$("$nas" env nas1 | sed -n "s/^NAS_HOST='\(.*\)'/\1/p")" user=admin transport=openssh "ssh_key_path=$NAS_KEY" \
  "known_hosts=[$("$nas" env nas1 | sed -n "s/^NAS_KNOWN_HOSTS='\(.*\)'/\1/p")]" identity_agent=none
works own
several own
