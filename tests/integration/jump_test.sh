#!/bin/bash
# NASes behind others: a jump through a profile, with that one's account, key and host key, through user@host, and through two.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up mid --share-engine nas1
mid_host=$NAS_HOST mid_hosts=$NAS_KNOWN_HOSTS mid_keys=$NAS_HOSTKEYS
nas_up far --share-engine nas1
far_host=$NAS_HOST far_hosts=$NAS_KNOWN_HOSTS
use nas1
key=$NAS_KEY gate_host=$NAS_HOST gate_hosts=$NAS_KNOWN_HOSTS
fingerprint() { ssh-keygen -lf "$1" | cut -d ' ' -f 2; }
# What is not the gate's guest is not let in: mid takes only the gate, far only mid.
only() { "$nas" sh "$1" "iptables -A INPUT -p tcp --dport 22 ! -s $2 -j REJECT --reject-with tcp-reset"; }
only "mid$ID" "$gate_host" && only "far$ID" "$mid_host" || exit 1

# The gate's own key is not the one that lies in ~/.ssh, and its host key is only in a file of its own.
login=(user=admin identity_agent=none "ssh_key_path=$key")
write_profile gate "host=$gate_host" "${login[@]}" "known_hosts=$gate_hosts"
write_profile mid "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=gate
write_profile far "host=$far_host" "${login[@]}" "known_hosts=$far_hosts" jump=mid
write_profile direct "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts"
# A jump whose profile says another account and key: what the target says does not reach it.
write_profile ops "host=$gate_host" "user=$NAS_OPS" "ssh_key_path=$NAS_KEY_ECDSA" identity_agent=none "known_hosts=$gate_hosts"
write_profile over "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=ops

it "the NAS is out of reach without the jump"
qd profile test direct
expect_code 5

it "a jump through a profile uses all that it says"
qd profile test mid --format '{{.Version}}'
expect_code 0 && expect_exact "$(engine version --format '{{.Server.Version}}')"
expect "nothing to say" [ -z "$err" ]
qd profile test over
expect_code 0

it "commands with bodies and streams go through"
engine run -d --name "web$ID" busybox sh -c 'echo hello; exec sleep 1000' >/dev/null
qd --profile mid exec "web$ID" cat /etc/hostname
expect_code 0
qd --profile mid logs "web$ID"
expect_exact hello
run sh -c 'seq 200000 | "$1" --profile mid exec -i "$2" md5sum' sh "$QD_PROGRAM" "web$ID"
expect_exact "$(seq 200000 | md5sum)"

it "through two"
qd profile test far
expect_code 0
qd --profile gate,mid,far ps -q --filter "name=web$ID"
expect_code 0
expect "each of the three" [ "$(sort -u <<<"$out" | wc -l)" = 1 ] && expect "three lines" [ "$(wc -l <<<"$out")" = 3 ]

it "user@host is a jump, too; what it shows must be known"
write_profile adhoc "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" "jump=admin@$gate_host:22"
qd profile test adhoc
expect_error 4 host_key_unknown
expect_err "cannot log in to $gate_host"
expect_err "see to it by hand, with ssh: ssh -l admin -p 22 $gate_host"
mkdir -m 700 "$HOME/.ssh" && cp "$gate_hosts" "$HOME/.ssh/known_hosts"
qd profile test adhoc
expect_error 4 auth_key_rejected # the host is known, and nothing says a key for it
expect_err "cannot log in to $gate_host"
printf 'Host %s\n  IdentityFile %s\n' "$gate_host" "$key" >"$HOME/.ssh/config"
if [ "$(getent passwd "$(id -u)" | cut -d : -f 6)" = "$HOME" ]; then # ssh goes by the account's home
  qd profile test adhoc
  expect_code 0
fi
rm -r "$HOME/.ssh"

it "a failure names the host on the way that it is about"
write_profile shut "host=$gate_host" port=9 "${login[@]}" "known_hosts=$gate_hosts"
write_profile behind "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=shut
qd profile test behind
expect_code 5 && expect_err "cannot log in to $gate_host"
write_profile wrong "host=$gate_host" user=nobody-here "ssh_key_path=$key" identity_agent=none "known_hosts=$gate_hosts"
write_profile lost "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=wrong
qd profile test lost
expect_code 4 && expect_err "cannot log in to $gate_host"
write_profile unknown "host=$gate_host" "${login[@]}" "known_hosts=/dev/null"
write_profile after "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=unknown
qd profile test after
expect_code 4 && expect_err 'qnap-docker profile trust unknown'

it "a jump whose host key is pinned is held to it"
write_profile pinned "host=$gate_host" "${login[@]}" "host_key=$(fingerprint "$NAS_HOSTKEYS/ecdsa.pub")"
write_profile inside "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=pinned
qd profile test inside
expect_code 0
write_profile forged "host=$gate_host" "${login[@]}" "host_key=SHA256:$(printf '%043d' 0)" "known_hosts=$gate_hosts"
write_profile caught "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=forged
qd profile test caught
expect_code 4 && expect_err 'host_key_changed'

it "a host key behind a jump is shown and trusted as any other"
qd profile add "new$ID" --host "$mid_host" --user admin --key "$key" --identity-agent none --jump gate
expect_error 4 host_key_unknown
expect_err "--accept-host-key $(fingerprint "$mid_keys/ed25519.pub")"
qd profile add "new$ID" --host "$mid_host" --user admin --key "$key" --identity-agent none --jump gate \
  --accept-host-key "$(fingerprint "$mid_keys/ed25519.pub")"
expect_code 0 && expect_err "Docker "
: >"$QNAP_DOCKER_HOME/known_hosts"
qd profile trust "new$ID"
expect_error 4 host_key_unknown
qd profile trust "new$ID" --fingerprint "$(fingerprint "$mid_keys/ed25519.pub")" -q
expect_code 0 && expect_exact "$(fingerprint "$mid_keys/ed25519.pub")"

it "a circle of jumps is told"
write_profile a host=a.invalid jump=b
write_profile b host=b.invalid jump=a
qd profile test a
expect_error 2 jump_circle

it "no value of a profile becomes words of the shell that ssh asks"
write_profile odd "host=$gate_host" user=nobody "ssh_key_path=\"$WORK/it's \$(touch $WORK/ran) %h key\"" identity_agent=none "known_hosts=$gate_hosts"
write_profile through "host=$mid_host" "${login[@]}" "known_hosts=$mid_hosts" jump=odd
qd profile test through
expect_code 4 && expect "nothing ran" [ ! -e "$WORK/ran" ]
