#!/bin/bash
# Profiles, keys and homes that are wrong: each gives an error in our form, with the right exit code.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
file=$QNAP_DOCKER_HOME/profiles.yaml
use nas1

# broken CODE WORDS TEXT: profiles.yaml holds TEXT (printf's escapes); ps is refused.
broken() {
  it "$2"
  # shellcheck disable=SC2059
  printf "$3" >"$file" && chmod 600 "$file"
  qd ps
  expect_refusal "$1" "${4:-}"
}
# key WORDS LINE: one key of a good profile is wrong.
key() { broken 2 "$1" "default_profile: a\nprofiles:\n  a:\n    host: nas.invalid\n    $2\n"; }

broken 2 'a bracket that is not closed' 'profiles: [1, 2\n'
broken 2 'tabs as indentation' 'profiles:\n\ta:\n\t\thost: x\n'
broken 2 'a key twice' 'profiles:\n  a:\n    host: x\n    host: y\n'
broken 2 'a profile twice' 'profiles:\n  a: {host: x}\n  a: {host: y}\n'
broken 2 'not UTF-8' 'profiles:\n  a:\n    host: n\\377s\n'
broken 2 'a program in place of a file' '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\003\000'
broken 2 'a list of profiles' 'profiles:\n  - host: x\n'
broken 2 'words in place of profiles' 'profiles: none\n'
broken 2 'a list as the whole file' ' - a\n - b\n'
broken 2 'a bomb of aliases' 'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nprofiles: [*e,*e,*e,*e,*e,*e]\n'
broken 2 'two documents' 'profiles: {}\n---\nprofiles: {}\n'
broken 2 'a profile without a host' 'default_profile: a\nprofiles:\n  a: {user: x}\n'
broken 2 'a profile that is one word' 'default_profile: a\nprofiles:\n  a: nas1.local\n'
broken 2 'a name with a slash' 'default_profile: a/b\nprofiles:\n  a/b: {host: x}\n'
broken 3 'a default profile that is not there' 'default_profile: gone\nprofiles:\n  a: {host: x}\n'

it '20,000 levels deep'
{ printf 'profiles: ' && head -c 20000 /dev/zero | tr '\0' '['; } >"$file"
qd ps
expect_refusal 2
it '32 MB long'
{ printf 'profiles:\n  a: {host: x}\n#' && head -c 33554432 /dev/zero | tr '\0' x; } >"$file"
qd ps
expect_refusal 2
it 'a directory'
rm "$file" && mkdir "$file"
qd ps
expect_refusal 2
rmdir "$file"
it 'a pipe that nobody writes to'
mkfifo "$file"
LIMIT=20 qd ps
expect_refusal 2
rm "$file"
it 'no profiles at all'
qd ps
expect_refusal 2 no_profile
expect_err 'qnap-docker init'

key 'port 99999' 'port: 99999'
key 'port 0' 'port: 0'
key 'port abc' 'port: abc'
key 'a port with a fraction' 'port: 22.5'
key 'an unknown transport' 'transport: pigeon'
key 'a user that is an option' 'user: -oProxyCommand=id'
key 'a user with a blank' 'user: a b'
key 'a key path with a NUL' 'ssh_key_path: "a\\0b"'
key 'an engine that is no path' 'engine: docker.sock'
key 'a fingerprint that is none' 'host_key: abc'
key 'an unknown colour' 'color: ultraviolet'
key 'an unknown restart policy' 'defaults: {restart: perhaps}'
key 'known_hosts that is a number' 'known_hosts: 7'
key 'a jump host that is an option' 'jump: -J'
key 'a data_root that is not absolute' 'data_root: Container'
key 'a data_root that climbs' 'data_root: /share/../etc'
for host in '""' 'ssh://nas1' 'admin@nas1' '"a b"' '"$(id)"' '-oX' 'nas1:22' 'unix://relative' 'https://nas1'; do
  broken 2 "host $host" "default_profile: a\nprofiles:\n  a:\n    host: $host\n"
done

# --- choosing ------------------------------------------------------------------------------------------------

printf 'profiles:\n  a: {host: nas.invalid}\n  b: {host: nas.invalid}\n' >"$file"
# refused CODE ARGUMENTS...
refused() {
  it "${*:2}"
  qd "${@:2}"
  expect_refusal "$1"
}
refused 3 --profile absent ps
refused 3 --profile 'z*' ps
refused 3 --profile group:none ps
refused 2 --profile '' ps
refused 2 --profile , ps
refused 3 --profile a/b ps
refused 9 --profile a,b exec c true
refused 2 ps
it 'QNAP_DOCKER_PROFILE names nothing that is there'
QNAP_DOCKER_PROFILE=absent qd ps
expect_refusal 3

# --- homes ---------------------------------------------------------------------------------------------------

it 'the home is a file'
: >"$WORK/file"
QNAP_DOCKER_HOME=$WORK/file qd ps
expect_refusal 2
it 'the home is no absolute path'
QNAP_DOCKER_HOME=here qd ps
expect_refusal 2
it 'no home at all'
run env -u QNAP_DOCKER_HOME HOME= "$QD_PROGRAM" ps
expect_refusal 2
it 'a home that cannot be written'
run bash -c '. "$0/lib.sh" && with_own_mounts "$@"' "${nas%/*}" sh -c 'mount --bind "$2" "$2" && mount -o remount,bind,ro "$2" && exec "$0" profile set-default "$1"' "$QD_PROGRAM" b "$QNAP_DOCKER_HOME"
expect_code 1 2
expect_refusal "$code"

# --- addresses, keys, known_hosts ------------------------------------------------------------------------------

# nas KEY=VALUE...: a good profile of nas1 where these keys differ; ps is refused.
wrong() {
  it "$2"
  rm -f "$file"
  profile nas1 "${@:4}"
  qd --timeout 20s ps
  expect_refusal "$1" "$3"
}
wrong 5 'a name that nothing resolves' resolve_failed host=nas.invalid
wrong 5 'a port where nothing listens' refused port=9
wrong 4 'an account that the NAS does not have' '' user=nobody-there
wrong 3 'a key that is not there' key_file_missing "ssh_key_path=$WORK/absent"
mkdir "$WORK/directory"
wrong 2 'a directory as key' key_file_unreadable "ssh_key_path=$WORK/directory"
install -m 600 /dev/null "$WORK/empty"
wrong 2 'an empty key' key_file_invalid "ssh_key_path=$WORK/empty"
head -c 2000 /dev/urandom >"$WORK/garbage" && chmod 600 "$WORK/garbage"
wrong 2 'garbage as key' key_file_invalid "ssh_key_path=$WORK/garbage"
head -c 20000000 /dev/zero >"$WORK/huge" && chmod 600 "$WORK/huge"
wrong 2 'a key of 20 MB' key_file_unreadable "ssh_key_path=$WORK/huge"
install -m 644 "$NAS_KEY" "$WORK/open"
wrong 2 'a key that everybody can read' key_file_permissions "ssh_key_path=$WORK/open"
install -m 600 "$NAS_KEY.pub" "$WORK/public"
wrong 2 'the public half as key' key_file_invalid "ssh_key_path=$WORK/public"
head -n 3 "$NAS_KEY" >"$WORK/cut" && chmod 600 "$WORK/cut"
wrong 2 'half a key' key_file_invalid "ssh_key_path=$WORK/cut"
wrong 4 'an encrypted key and nobody to ask' '' "ssh_key_path=$NAS_KEY_ENCRYPTED"
ssh-keygen -q -t ed25519 -N '' -f "$WORK/stranger"
wrong 4 'a key that the NAS does not know' auth_key_rejected "ssh_key_path=$WORK/stranger"
mkfifo -m 600 "$WORK/pipe"
wrong 2 'a pipe as key' key_file_invalid "ssh_key_path=$WORK/pipe"
wrong 4 'an unknown host key and nobody to ask' host_key_unknown "known_hosts=[$WORK/absent]"
head -c 100000 /dev/urandom >"$WORK/binary"
wrong 4 'binary in known_hosts' host_key_unknown "known_hosts=[$WORK/binary]"
{ printf '%s ssh-ed25519 ' "$NAS_HOST" && head -c 10000000 /dev/zero | tr '\0' A; } >"$WORK/line"
wrong 4 'a line of 10 MB in known_hosts' '' "known_hosts=[$WORK/line]"
wrong 2 'a directory as known_hosts' known_hosts_unreadable "known_hosts=[$WORK/directory]"
printf '%s %s\n' "$NAS_HOST" "$(cut -d ' ' -f 1,2 "$WORK/stranger.pub")" >"$WORK/changed"
wrong 4 'a changed host key' host_key_changed "known_hosts=[$WORK/changed]"
sed 's/^/@revoked /' "$NAS_KNOWN_HOSTS" >"$WORK/revoked"
wrong 4 'a revoked host key' host_key_revoked "known_hosts=[$WORK/revoked]"
wrong 4 'another fingerprint in the profile' host_key_changed "host_key=SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

# --- what answers is no SSH server -----------------------------------------------------------------------------

# greets WORDS FILE THEN [TIMEOUT]
greets() {
  peer tcp '*' "$2" "$3"
  wrong 5 "$1" '' host=127.0.0.1 "port=$peer_port"
}
printf 'HTTP/1.1 400 Bad Request\r\n\r\n' >"$WORK/web"
greets 'a web server on the SSH port' "$WORK/web" close
: >"$WORK/nothing"
greets 'a port that closes at once' "$WORK/nothing" close
printf 'SSH-2.0-' >"$WORK/half"
greets 'half a greeting' "$WORK/half" close
head -c 100000 /dev/urandom >"$WORK/noise"
greets 'noise without end' "$WORK/noise" repeat
printf 'SSH-1.5-old\r\n' >"$WORK/old"
greets 'an SSH server of the last century' "$WORK/old" close
{ printf 'SSH-2.0-x\r\n\377\377\377\377' && cat "$WORK/noise"; } >"$WORK/packet"
greets 'a packet of 4 GB' "$WORK/packet" close
it 'a port that says nothing: --timeout'
peer tcp '*' "$WORK/nothing" hang
rm -f "$file"
profile nas1 host=127.0.0.1 "port=$peer_port"
qd --timeout 2s ps
expect_refusal 5
