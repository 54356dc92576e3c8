#!/bin/bash
# What must stay secret is in no message, log or file: passwords, passphrases, values of -e that look like secrets.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
TOKEN=tok-$ID-nobody-may-see-this

# hidden SECRET: nothing that the last command printed or left behind holds it, as it is or in base64.
hidden() {
  local form
  for form in "$1" "$(printf %s "$1" | base64)"; do
    expect "stdout shows it" bash -c '! grep -qF -e "$0" "$1"' "$form" "$WORK/out"
    expect "stderr shows it" bash -c '! grep -qF -e "$0" "$1"' "$form" "$WORK/err"
    expect "a file holds it: $(grep -rlF -e "$form" "$QNAP_DOCKER_HOME" "$WORK"/debug* 2>/dev/null)" \
      bash -c '! grep -rqF -e "$0" "$@"' "$form" "$QNAP_DOCKER_HOME" "$WORK/debug"
  done
}
debug=(--debug --debug-file "$WORK/debug")
touch "$WORK/debug"

it 'run -e TOKEN: the process gets it, the debug log does not'
qd "${debug[@]}" run --rm --name "r$ID" -e "TOKEN=$TOKEN" busybox sh -c 'printf %s "$TOKEN" | wc -c'
expect_code 0
expect_exact "${#TOKEN}"
expect 'the debug file should say something' [ -s "$WORK/debug" ]
hidden "$TOKEN"

it 'run -e DB_PASSWORD, refused by the engine'
qd "${debug[@]}" run --rm --name "bad name$ID" -e "DB_PASSWORD=$TOKEN" busybox true
expect_refusal 125
hidden "$TOKEN"

it 'run -e API_KEY in a command that cannot start'
qd "${debug[@]}" run --rm --name "r$ID" -e "API_KEY=$TOKEN" busybox "/absent/$TOKEN"
expect_code 127
hidden "$TOKEN"

it 'exec -e SECRET, and its error as JSON'
qd "${debug[@]}" exec -e "SECRET=$TOKEN" "absent$ID" echo "$TOKEN"
expect_code 1
hidden "$TOKEN"
qd "${debug[@]}" ps --json --filter "$TOKEN=$TOKEN" --filter "name=$TOKEN"
expect_code 1

it 'an --env-file'
printf 'AUTH_TOKEN=%s\n' "$TOKEN" >"$WORK/env"
qd "${debug[@]}" run --rm --name "r$ID" --env-file "$WORK/env" busybox sh -c 'printf %s "$AUTH_TOKEN" | wc -c'
expect_code 0
expect_exact "${#TOKEN}"
hidden "$TOKEN"

it '--dry-run shows the request without it'
qd "${debug[@]}" run --dry-run -d --name "r$ID" -e "TOKEN=$TOKEN" busybox true
expect_code 0
hidden "$TOKEN"

it 'a passphrase, typed: not shown, not kept'
write_profile locked "host=$NAS_HOST" "user=$NAS_USER" "ssh_key_path=$NAS_KEY_ENCRYPTED" "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none
on_tty 160x24 "${debug[@]}" --profile locked ps <<END
expect assphrase
send $NAS_PASSPHRASE\r
END
expect_code 0
expect_out IMAGE
expect_err 'terminal: as before'
hidden "$NAS_PASSPHRASE"

it 'a wrong passphrase'
on_tty 160x24 "${debug[@]}" --profile locked ps <<END
expect assphrase
send wrong-$TOKEN\r
expect assphrase
send \x03
END
expect_code 130 4
expect_err 'terminal: as before'
hidden "wrong-$TOKEN"

it 'a password, typed: not shown, not kept'
nas_up pw --password-only --share-engine nas1
write_profile word "host=$NAS_HOST" "user=$NAS_ADMIN" "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none
on_tty 160x24 "${debug[@]}" --profile word ps <<END
expect assword
send $NAS_PASSWORD\r
END
expect_code 0
expect_out IMAGE
hidden "$NAS_PASSWORD"

it 'a wrong password, until the NAS has enough'
on_tty 160x24 "${debug[@]}" --profile word ps <<END
expect assword
send not-$TOKEN\r
expect assword
send not-$TOKEN\r
expect assword
send not-$TOKEN\r
END
expect_code 4
expect_err 'terminal: as before'
hidden "not-$TOKEN"
