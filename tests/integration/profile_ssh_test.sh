#!/bin/bash
# Setting up NASes over SSH: init, doctor, profile add and trust, on machines laid out in different ways.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use nas1
file=$QNAP_DOCKER_HOME/profiles.yaml
fingerprint() { ssh-keygen -lf "$NAS_HOSTKEYS/$1.pub" | cut -d ' ' -f 2; }
key=$(fingerprint ed25519)

it "init never takes an unknown host key by itself"
qd init "$NAS_HOST" --key "$NAS_KEY" --name "one$ID"
expect_error 4 host_key_unknown
expect_err "--accept-host-key $key"
expect "no profile, no key" [ ! -e "$file" ] && expect "no known_hosts" [ ! -s "$QNAP_DOCKER_HOME/known_hosts" ]
qd init "$NAS_HOST" --key "$NAS_KEY" --name "one$ID" --accept-host-key "SHA256:$(printf '%043d' 0)"
expect_error 4 host_key_unknown

it "init goes on where it stopped, and writes what it found"
qd init "$NAS_HOST" --name "one$ID" --accept-host-key "$key"
expect_code 0
expect_err "going on with the answers of the last try"
expect_err "✔ Login              admin, by publickey"
expect_err "by streamlocal"
expect_out "primary_volume: CACHEDEV1_DATA"
expect_out "restart: unless-stopped"
expect_out "cpu limits"
expect "the key in our known_hosts" grep -q "^$NAS_HOST ssh-ed25519 " "$QNAP_DOCKER_HOME/known_hosts"

it "the profile works"
qd profile test "one$ID" --format '{{.Version}}'
expect_code 0
expect_exact "$(engine version --format '{{.Server.Version}}')"
qd doctor "one$ID"
expect_code 0
expect_out "QTS 5.2"
qd doctor "one$ID" --json
expect_code 0
expect_no_out "$NAS_HOST"
expect_no_out "$key"

it "a password is used once and stored nowhere"
run sh -c 'printf "%s\n" "$1" | "$2" init "$3" --name "$4" --password-stdin --accept-host-key "$5"' sh \
  "$NAS_PASSWORD" "$QD_PROGRAM" "$NAS_HOST" "pw$ID" "$key"
expect_code 0
expect_err "by password"
expect "no password in the home" [ -z "$(grep -r "$NAS_PASSWORD" "$QNAP_DOCKER_HOME")" ]
run sh -c 'echo wrong-password | "$1" init "$2" --name "pw2" --password-stdin' sh "$QD_PROGRAM" "$NAS_HOST"
expect_error 4 auth_password_rejected
expect_err "✖ Login"
expect_no_err wrong-password

it "profile add checks the NAS, with consent for a new key only by its fingerprint"
rm "$QNAP_DOCKER_HOME/known_hosts"
qd profile add "two$ID" --host "$NAS_HOST" --user admin --key "$NAS_KEY" --yes --no-input
expect_err host_key_unknown
expect_err unverified
qd profile remove "two$ID"
qd profile add "two$ID" --host "$NAS_HOST" --user admin --key "$NAS_KEY"
expect_error 4 host_key_unknown
qd profile add "two$ID" --host "$NAS_HOST" --user admin --key "$NAS_KEY" --accept-host-key "$key"
expect_code 0
expect_err "Docker "

it "profile trust takes a new key by its fingerprint"
rm "$QNAP_DOCKER_HOME/known_hosts"
qd profile trust "two$ID"
expect_error 4 host_key_unknown
qd profile trust "two$ID" --fingerprint "SHA256:$(printf '%043d' 0)"
expect_error 4 host_key_differs
qd profile trust "two$ID" --fingerprint "$key" -q
expect_code 0
expect_exact "$key"

it "a changed key is a hard stop until it is replaced by name"
printf '# mine\nother %s\n' "$(cut -d ' ' -f 1,2 "$NAS_HOSTKEYS/ed25519.pub")" >"$QNAP_DOCKER_HOME/known_hosts"
ssh-keygen -q -t ed25519 -N '' -f "$WORK/foreign"
printf '%s %s\n' "$NAS_HOST" "$(cut -d ' ' -f 1,2 "$WORK/foreign.pub")" >>"$QNAP_DOCKER_HOME/known_hosts"
qd profile test "two$ID"
expect_error 4 host_key_changed
qd profile trust "two$ID" --fingerprint "$key"
expect_error 4 host_key_changed
qd profile trust "two$ID" --replace --yes
expect_error 9 confirmation_needed
qd profile trust "two$ID" --replace --confirm "two$ID"
expect_code 0
qd profile test "two$ID"
expect_code 0
expect "the other lines as they were" [ "$(sed -n 1p "$QNAP_DOCKER_HOME/known_hosts")" = "# mine" ]
expect "the other host's key" grep -q "^other ssh-ed25519 " "$QNAP_DOCKER_HOME/known_hosts"

it "doctor names the step that fails, with advice"
qd profile add "far$ID" --host "$NAS_HOST" --port 1 --no-verify
qd doctor "far$ID"
expect_code 8
expect_out "✖ TCP connection"
expect_out "Telnet/SSH"
qd profile add "who$ID" --host "$NAS_HOST" --user nobody-here --key "$NAS_KEY" --no-verify
qd doctor "who$ID"
expect_code 8
expect_out "✖ Login"
expect_out "administrators"
qd profile add "vol$ID" --host "$NAS_HOST" --user admin --key "$NAS_KEY" --primary-volume ZFS530_DATA --no-verify
qd doctor "vol$ID"
expect_code 8
expect_out "there is no volume ZFS530_DATA"

it "init goes through ssh itself where libssh2 cannot check the key, and accepts a new key as carefully"
nas_up rsa --rsa-only --share-engine nas1
qd init "$NAS_HOST" --key "$NAS_KEY" --name "rsa$ID"
expect_error 4 host_key_unknown
expect_err "--accept-host-key $(fingerprint rsa)"
qd init "$NAS_HOST" --name "rsa$ID" --accept-host-key "$(fingerprint rsa)"
expect_code 0
expect "the key in our known_hosts" grep -q "^$NAS_HOST ssh-rsa " "$QNAP_DOCKER_HOME/known_hosts"
qd profile test "rsa$ID"
expect_code 0

it "init knows QuTS hero, sudo and a NAS that forwards nothing"
nas_up hero --layout zfs --sudo --no-forwarding
key=$(fingerprint ed25519)
qd init "$NAS_OPS@$NAS_HOST" --key "$NAS_KEY" --name "hero$ID" --accept-host-key "$key"
expect_code 0
expect_err "QuTS hero"
expect_err "by sudo"
expect_out "primary_volume: ZFS530_DATA"
qd profile test "hero$ID"
expect_code 0

it "init stops where Container Station does, and doctor says so"
"$nas" sh "hero$ID" 'sed -i "s/^Enable *=.*/Enable = FALSE/" /etc/config/qpkg.conf'
qd doctor "hero$ID"
expect_code 8
expect_out "Container Station is installed, but stopped"
