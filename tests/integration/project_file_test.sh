#!/bin/bash
# .qnap-docker.yaml of a stranger, in a clone: it changes neither hosts nor keys and runs nothing before it is trusted.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
write_profile other "host=unix://$NAS_SOCKET"
use nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
mkdir -p "$WORK/clone/deep" "$HOME" && cd "$WORK/clone/deep" || exit 1
file=$WORK/clone/.qnap-docker.yaml
# A host of the stranger's, which would see who knocks.
peer tcp
evil() { printf 'profile: evil\nprofiles:\n  evil: {host: 127.0.0.1, port: %s, user: root}\n' "$peer_port" >"$file"; }
unasked() { expect "nobody knocked at the stranger's" [ "$(grep -c accepted "$peer_socket.log")" = 0 ]; }

it "before trust its hosts are not there, whatever is asked"
evil
qd ps
expect_error 3 profile_not_found
expect_err "warning: $file is not trusted"
qd --profile evil ps
expect_error 3 profile_not_found
qd --profile '*' ps -q --filter "name=c$ID"
expect_code 0 && expect "one warning" [ "$(grep -c 'not trusted' "$WORK/err")" = 1 ]
qd profile list -q
expect_exact "nas1
other"
qd profile test evil
expect_error 3 profile_not_found
unasked

it "before trust it may choose among the profiles that are here"
printf 'profile: other\n' >"$file"
qd ps -q --filter "name=c$ID"
expect_code 0 && expect_no_err warning
qd profile show --json=name
expect_exact '{"name":"other"}'
QNAP_DOCKER_PROFILE=nas1 qd profile show --json=name
expect_exact '{"name":"nas1"}'
on_tty stop -t 0 "c$ID" </dev/null
expect_out "→ other (unix://$NAS_SOCKET, by $file)"

it "a profile of the user's is never redefined"
printf 'profile: nas1\nprofiles:\n  nas1: {host: 127.0.0.1, port: %s, user: root}\n' "$peer_port" >"$file"
qd ps -aq --filter "name=c$ID"
expect_code 0
qd trust --yes
expect_code 0 && expect_err "has a profile 'nas1', too; your own one counts"
qd ps -aq --filter "name=c$ID"
expect_code 0
unasked

it "trust shows what it is about and wants a yes"
evil
qd trust
expect_error 9 confirmation_needed
expect_err "  evil: {host: 127.0.0.1, port: $peer_port, user: root}"
on_tty trust . <<'END'
expect and with which keys? [y/N]
send n\r
END
expect_code 9
qd --profile evil ps
expect_error 3 profile_not_found

it "once trusted its profiles count, here and below, until it changes"
printf 'profiles:\n  here: {host: "unix://%s"}\nprofile: here\n' "$NAS_SOCKET" >"$file"
on_tty trust .. <<'END'
expect and with which keys? [y/N]
send y\r
END
expect_code 0
qd profile show --json=name
expect_exact '{"name":"here"}'
qd --profile 'h*' ps -aq --filter "name=c$ID"
expect_code 0 && expect_no_err warning
cd "$WORK" && qd --profile here ps
expect_error 3 profile_not_found
cd "$WORK/clone/deep" && evil
qd ps
expect_error 3 profile_not_found
expect_err "is not trusted"
unasked
note=$(find "$QNAP_DOCKER_HOME/state/trust" -type f | head -n 1)
expect "the notes are private" [ "$(stat -c %a "$QNAP_DOCKER_HOME/state/trust" "$note" | tr '\n' ' ')" = "700 600 " ]

it "what is written while trust asks is not what was trusted"
printf 'profiles:\n  good: {host: "unix://%s"}\n' "$NAS_SOCKET" >"$file"
cat >"$WORK/swap" <<END
#!/bin/sh
printf 'profiles:\n  good: {host: 127.0.0.1, port: $peer_port}\n' >"$file"
END
chmod +x "$WORK/swap"
on_tty trust <<END
expect and with which keys? [y/N]
run $WORK/swap
send y\\r
END
expect_code 0
qd --profile good ps
expect_error 3 profile_not_found
unasked

it "a link is passed over, and so is what others own or may write"
printf 'profiles:\n  good: {host: "unix://%s"}\n' "$NAS_SOCKET" >"$WORK/mine.yaml"
rm "$file" && ln -s "$WORK/mine.yaml" "$file"
qd trust --yes
expect_error 3 no_project_file && expect_err "is ignored: it is a symbolic link"
rm "$file" && cp "$WORK/mine.yaml" "$file" && chmod 666 "$file"
qd trust --yes
expect_error 3 no_project_file && expect_err "anybody may change it"
chmod 644 "$file" && qd trust --yes
expect_code 0
chown nobody "$file"
qd --profile good ps
expect_error 3 profile_not_found && expect_err "it belongs to another user"
printf 'profile: other\n' >"$file"
qd profile show --json=name
expect_exact '{"name":"nas1"}'
chown "$(id -u)" "$file"

it "nothing in it is run"
# shellcheck disable=SC2016
printf 'profiles:\n  good: {host: "$(touch %s/ran)", docker_path: /bin/x}\nhooks: {pre: "touch %s/ran"}\nprofile: other\n' "$WORK" "$WORK" >"$file"
qd ps
expect_code 0 && expect_err "unknown key 'hooks', which is ignored"
qd trust --yes
expect_code 2
expect "nothing ran" [ ! -e "$WORK/ran" ]

it "a broken one is told where it counts, and keeps nobody from naming a NAS"
printf 'profile: [\n' >"$file"
qd ps
expect_error 2 bad_yaml
qd --profile other ps
expect_code 0 && expect_err "warning: "
unasked

it "a host that is trusted is asked (so that what was counted above could have been)"
evil
qd trust --yes
qd ps --timeout 2
expect_code 5 4 && expect "a knock" [ "$(grep -c accepted "$peer_socket.log")" -ge 1 ]
cd / || exit
