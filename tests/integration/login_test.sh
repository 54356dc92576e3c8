#!/bin/bash
# Logging in: keys, passwords, the agent; new, hashed and changed host keys; on a terminal and without one.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use nas1
ours=$QNAP_DOCKER_HOME/known_hosts
# as KEY=VALUE...: the profile "p" of nas1, with these keys.
as() {
  rm -f "$QNAP_DOCKER_HOME/profiles.yaml"
  write_profile p "host=$NAS_HOST" "user=$NAS_USER" "$@"
}
good="known_hosts=[$NAS_KNOWN_HOSTS]"

for type in '' _ECDSA; do
  it "a key file: ${type:-_ED25519}"
  key=NAS_KEY$type
  as "$good" "ssh_key_path=${!key}" identity_agent=none
  qd ps
  expect_code 0
done

it 'an RSA key'
as "$good" "ssh_key_path=$NAS_KEY_RSA" identity_agent=none
qd ps
expect_code 0

it 'an encrypted key, with its passphrase typed'
as "$good" "ssh_key_path=$NAS_KEY_ENCRYPTED" identity_agent=none
on_tty ps <<END
expect assphrase
send $NAS_PASSPHRASE\r
END
expect_code 0
expect_restored

it 'the agent'
eval "$(ssh-agent -s)" >/dev/null
ssh-add -q "$NAS_KEY"
as "$good"
qd ps
expect_code 0
as "$good" identity_agent=none
qd ps
expect_refusal 4
ssh-agent -k >/dev/null
unset SSH_AUTH_SOCK

it 'an agent that is dead is no reason not to try the key'
as "$good" "ssh_key_path=$NAS_KEY" "identity_agent=$WORK/absent.sock"
qd ps
expect_code 0

it 'a new host key, on a terminal: shown with its fingerprint, kept when accepted'
as "ssh_key_path=$NAS_KEY" identity_agent=none
on_tty ps <<'END'
expect SHA256:
send yes\r
END
expect_code 0
expect_out "$(ssh-keygen -lf "$NAS_HOSTKEYS/ed25519.pub" | cut -d ' ' -f 2)"
expect "it should be in our known_hosts" grep -q ssh-ed25519 "$ours"
qd ps
expect_code 0

it 'a new host key, refused: nothing is kept'
rm -f "$ours"
on_tty ps <<'END'
expect SHA256:
send no\r
END
expect_code 4 9
expect "nothing should be kept" [ ! -s "$ours" ]

it 'a new host key without a terminal: refused, with what to type'
qd ps
expect_refusal 4 host_key_unknown
expect_err 'profile trust'
expect_err SHA256:

it 'a hashed known_hosts'
cp "$NAS_KNOWN_HOSTS" "$WORK/hashed" && ssh-keygen -q -H -f "$WORK/hashed" >/dev/null 2>&1 && rm -f "$WORK/hashed.old"
as "known_hosts=[$WORK/hashed]" "ssh_key_path=$NAS_KEY" identity_agent=none
expect 'the name should be hashed' grep -q '^|1|' "$WORK/hashed"
qd ps
expect_code 0

it 'another key type first in known_hosts: no new-key question'
grep ecdsa "$NAS_KNOWN_HOSTS" >"$WORK/ecdsa"
as "known_hosts=[$WORK/ecdsa]" "ssh_key_path=$NAS_KEY" identity_agent=none
qd ps
expect_code 0

it 'the pinned fingerprint alone is enough'
as "known_hosts=[$WORK/absent]" "host_key=$(ssh-keygen -lf "$NAS_HOSTKEYS/ed25519.pub" | cut -d ' ' -f 2)" "ssh_key_path=$NAS_KEY" identity_agent=none
qd ps
expect_code 0

it 'a changed key, even on a terminal: no question, a hard stop'
ssh-keygen -q -t ed25519 -N '' -f "$WORK/other"
printf '%s %s\n' "$NAS_HOST" "$(cut -d ' ' -f 1,2 "$WORK/other.pub")" >"$WORK/changed"
as "known_hosts=[$WORK/changed]" "ssh_key_path=$NAS_KEY" identity_agent=none
on_tty ps </dev/null
expect_code 4
expect_out host_key_changed
expect_no_out '(yes'

it 'keyboard-interactive, typed'
nas_up kbd --kbd --share-engine nas1
as "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none
on_tty ps <<END
expect assword
send $NAS_PASSWORD\r
END
expect_code 0
expect_restored

it 'a password that nobody is there to type'
qd ps
expect_refusal 4
