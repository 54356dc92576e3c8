#!/bin/bash
# ssh_login_test.sh [PROBE]: every way to log in and every host key case, against real sshds on a loopback of their own (namespaces; root needed).
# Prints TAP and ends with "N passed, N failed[, N skipped]". PROBE: build/tests/login-probe.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
probe=${1:-$root/build/tests/login-probe}
program=${QD_PROGRAM:-$root/build/qnap-docker}

skip() {
  echo "ok 1 - ssh_login # SKIP $1"
  echo "0 passed, 0 failed, 1 skipped"
  exit
}

if [ "${SSH_LOGIN_INSIDE:-}" = "" ]; then
  [ -x "$probe" ] || { echo "ssh_login: $probe is not built" && exit 2; }
  for tool in /usr/sbin/sshd ssh-keygen ssh-agent ssh-add unshare busybox; do
    command -v $tool >/dev/null || skip "$tool is missing"
  done
  [ "$(id -u)" = 0 ] || skip "not root"
  reason=$("$root/tests/nas/nas" check 2>&1) || skip "$reason"
  # shellcheck source=tests/nas/lib.sh
  . "$root/tests/nas/lib.sh"
  # The process namespace ends every sshd and agent with the script.
  SSH_LOGIN_INSIDE=$(mktemp -d) && export SSH_LOGIN_INSIDE
  (with_own_mounts unshare -np --propagation unchanged --fork --kill-child --mount-proc "$0" "$probe")
  code=$?
  rm -rf "$SSH_LOGIN_INSIDE"
  exit $code
fi

# --- the place ------------------------------------------------------------------------------------------------

D=$SSH_LOGIN_INSIDE
ip link set lo up
mount -t tmpfs tmpfs /run && mkdir /run/sshd
mkdir "$D/home"
sed "s#^root:.*#root:x:0:0:root:$D/home:/bin/sh#" /etc/passwd >"$D/passwd"
grep -v ^root: /etc/shadow >"$D/shadow"
echo "root:$(perl -e 'print crypt("testpw", q($6$test$))'):19000:0:99999:7:::" >>"$D/shadow"
chmod 600 "$D/shadow"
mount --bind "$D/passwd" /etc/passwd
mount --bind "$D/shadow" /etc/shadow
unset SSH_AUTH_SOCK
# For a probe built with sanitizers.
export ASAN_OPTIONS=fast_unwind_on_malloc=0 LSAN_OPTIONS="suppressions=$root/tests/integration/ssh/lsan.supp:print_suppressions=0"

cd "$D" || exit 2
for type in ed25519 ecdsa rsa; do ssh-keygen -q -t $type -N '' -C '' -f host_$type; done
ssh-keygen -q -t ed25519 -N '' -C '' -f host_other
for name in ed25519 ecdsa rsa; do ssh-keygen -q -t $name -N '' -C $name -f id_$name; done
ssh-keygen -q -t ed25519 -N secret -C enc -f id_enc
ssh-keygen -q -t ecdsa -m PEM -N secret -C pem -f id_pem && cat id_pem.pub >pem.authorized && rm id_pem.pub
ssh-keygen -q -t ecdsa -m PKCS8 -N '' -C pkcs8 -f id_pkcs8
ssh-keygen -q -t ed25519 -N '' -C stranger -f id_stranger
ssh-keygen -q -t ed25519 -N secret -C enc2 -f id_enc_stranger
for i in 1 2 3 4; do ssh-keygen -q -t ed25519 -N '' -C other$i -f other$i; done
cat id_ed25519.pub id_ecdsa.pub id_rsa.pub id_enc.pub id_pkcs8.pub pem.authorized >authorized_keys
cp id_ed25519 id_nopub && chmod 600 id_nopub
cp id_ed25519 id_open && chmod 644 id_open
key() { cut -d' ' -f1,2 "$D/host_$1.pub"; }
# Its fingerprint, and the same as a pattern.
print() { ssh-keygen -lf "$D/host_$1.pub" | cut -d' ' -f2; }

seen() { print "$1" | sed 's/+/[+]/g'; }

# Since 9.8 sshd turns an address away that fails to log in again and again, as these tests do.
echo "PerSourcePenalties no" >calm
calm=
! /usr/sbin/sshd -T -h "$D/host_ed25519" -f calm >/dev/null 2>&1 || calm="PerSourcePenalties no"

# start PORT [OPTION-LINE]...
start() {
  port=$1
  shift
  {
    for line in "$@" "$calm"; do echo "$line"; done
    cat <<CONFIG
Port $port
ListenAddress 127.0.0.1
HostKey $D/host_ed25519
HostKey $D/host_ecdsa
HostKey $D/host_rsa
AuthorizedKeysFile $D/authorized_keys
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
PidFile none
CONFIG
  } >"sshd_$port"
  /usr/sbin/sshd -f "sshd_$port" -E "log_$port" || { cat "log_$port" && exit 2; }
}
start 2201
start 2202 "PasswordAuthentication no" "KbdInteractiveAuthentication yes" "UsePAM yes"
start 2203 "AuthenticationMethods publickey,password"
start 2204 "AuthenticationMethods password,publickey"
start 2205 "PasswordAuthentication no"
start 2206 "MaxAuthTries 2" "PasswordAuthentication no"
start 2207 "MACs hmac-sha2-256-etm@openssh.com" "Ciphers aes128-ctr"
start 2208 "KexAlgorithms diffie-hellman-group14-sha1"
start 2209 "HostKeyAlgorithms rsa-sha2-512,rsa-sha2-256"
{ for p in 2201 2202 2203 2204 2205 2206 2207 2208; do echo "[127.0.0.1]:$p $(key ed25519)"; done; } >known

# --- the checks -----------------------------------------------------------------------------------------------

passed=0
failed=0
# t NAME EXPECTED... -- PROBE-OPTION...: every EXPECTED (a pattern of grep -E, "! x" for none) must be in the output.
t() {
  name=$1
  shift
  : >expected
  while [ "$1" != -- ]; do
    printf '%s\n' "$1" >>expected
    shift
  done
  shift
  timeout 20 "$probe" "$@" >out 2>&1
  code=$?
  ok=1
  [ $code -lt 124 ] && ! grep -qE 'left open|Sanitizer|runtime error' out || ok=0
  while read -r want; do
    case $want in
      '! '*) ! grep -qE -- "${want#! }" out || ok=0 ;;
      *) grep -qE -- "$want" out || ok=0 ;;
    esac
  done <expected
  if [ $ok = 1 ]; then
    passed=$((passed + 1))
    echo "ok $((passed + failed)) - $name"
  else
    failed=$((failed + 1))
    echo "not ok $((passed + failed)) - $name"
    sed 's/^/#   want: /' expected
    sed 's/^/#   /' out
    echo "#   exit $code"
  fi
}
# expect NAME COMMAND...
expect() {
  name=$1
  shift
  if "$@"; then passed=$((passed + 1)) && echo "ok $((passed + failed)) - $name"; else failed=$((failed + 1)) && echo "not ok $((passed + failed)) - $name"; fi
}
in_ok='^logged in'
k="key=$D/id_ed25519 no_agent=1"
at="port=2201 alias=nas1"
old=1
"$probe" port=2209 scan=1 >out 2>&1 && old=0   # an RSA-only host: libssh2 1.11 can, 1.10 cannot

echo "# host keys"
# shellcheck disable=SC2086
{
  t "unknown, nobody to ask" 'failed: auth host_key_unknown' "$(seen ed25519)" 'profile trust nas1 --fingerprint' '! question' -- $at $k no_prompt=1
  t "unknown, accepted" 'question: host_key .*ssh-ed25519' "$in_ok: publickey" 'command: hello' 'command ended: 0' -- $at $k known="$D/new/known_hosts" answer=yes
  expect "is stored" grep -q "^\[127.0.0.1\]:2201 $(key ed25519)" new/known_hosts
  expect "for us alone" test "$(stat -c %a new new/known_hosts | tr '\n' ' ')" = "700 600 "
  t "and not asked for again" "$in_ok" '! question' -- $at $k known="$D/new/known_hosts"
  t "accepted by its fingerprint" "$in_ok" -- $at $k answer="$(print ed25519)"
  t "declined" 'failed: auth host_key_unknown' 'was not accepted' -- $at $k known="$D/none" answer=no
  expect "declined is not stored" test ! -e none
  echo "[127.0.0.1]:2201 $(key other)" >changed
  t "changed" 'failed: auth host_key_changed' "$(seen ed25519)" "$(seen other)" "$D/changed:1" 'profile trust nas1 --replace' '! question' -- $at $k known="$D/changed"
  cp known hashed && ssh-keygen -q -H -f hashed >/dev/null 2>&1 && rm -f hashed.old
  t "hashed" "$in_ok" '! question' -- $at $k known="$D/hashed"
  { cat known && echo "@revoked * $(key ed25519)"; } >revoked
  t "revoked" 'failed: auth host_key_revoked' "$D/revoked:9" '! question' -- $at $k known="$D/revoked"
  t "revoked in the second file" 'failed: auth host_key_revoked' -- $at $k known="$D/known" known="$D/revoked"
  echo "[127.0.0.1]:2201 $(key ecdsa)" >ecdsa
  t "another type than the server's first" "$in_ok: publickey host_key=ecdsa-sha2-nistp256" '! question' -- $at $k known="$D/ecdsa"
  echo "[127.0.0.*]:22?? $(key ed25519)" >wild
  t "wildcard" "$in_ok" '! question' -- $at $k known="$D/wild"
  echo "the-nas $(key ed25519)" >aliased
  t "HostKeyAlias" "$in_ok" '! question' -- $at $k known="$D/aliased" host_key_alias=The-NAS
  echo "127.0.0.1 $(key ed25519)" >bare
  t "the same key under the bare name" "$in_ok" '! question' -- $at $k known="$D/bare"
  { head -c 4096 /dev/urandom && echo && cat known; } >junk
  t "behind binary junk" "$in_ok" -- $at $k known="$D/junk"
  echo "@cert-authority *,[*]:* $(key ecdsa)" >ca
  t "cert-authority is named" 'host_key_unknown' "@cert-authority of $D/ca:1 is not supported" -- $at $k known="$D/ca" no_prompt=1
  t "known_hosts is a directory" 'failed: config known_hosts_unreadable' -- $at $k known="$D"
  t "pinned" "$in_ok: publickey host_key=ssh-ed25519" '! question' -- $at $k pin="$(print ed25519)" known="$D/changed"
  t "pinned key of another type" "$in_ok: publickey host_key=ecdsa" '! question' -- $at $k pin="$(print ecdsa)"
  t "pinned to another key" 'failed: (auth host_key_changed|unsupported rsa_needs_openssh)' '! question' -- $at $k pin=SHA256:AAAA
  t "scan" "^scanned: ssh-ed25519 $(seen ed25519) blob=51" '! question' -- $at scan=1
  t "scan with a pin" "^scanned: ecdsa-sha2-nistp256 $(seen ecdsa)" -- $at scan=1 pin="$(print ecdsa)"
  echo "[127.0.0.1]:2201 $(key rsa)" >rsa
  if [ $old = 1 ]; then
    t "known by RSA alone" 'failed: unsupported rsa_needs_openssh' '! question' -- $at $k known="$D/rsa"
    t "RSA host key alone" 'failed: unsupported rsa_needs_openssh' 'rsa-sha2-512' '! question' -- alias=nas1 port=2209 $k
    t "pinned to the RSA key" 'failed: unsupported rsa_needs_openssh' -- $at $k pin="$(print rsa)"
  else
    t "known by RSA alone" "$in_ok: publickey host_key=ssh-rsa" '! question' -- $at $k known="$D/rsa"
    t "RSA host key alone" "question.*ssh-rsa" "$in_ok" -- alias=nas1 port=2209 $k answer=yes
    t "pinned to the RSA key" "$in_ok: publickey host_key=ssh-rsa" -- $at $k pin="$(print rsa)"
  fi

  echo "# keys"
  at="port=2201 alias=nas1 known=$D/known"
  t "ed25519" "$in_ok: publickey" 'command: hello' -- $at key="$D/id_ed25519" no_agent=1
  t "ecdsa" "$in_ok: publickey" -- $at key="$D/id_ecdsa" no_agent=1
  t "without its .pub" "$in_ok: publickey" -- $at key="$D/id_nopub" no_agent=1
  t "PKCS#8" "$in_ok: publickey" -- $at key="$D/id_pkcs8" no_agent=1
  if [ $old = 1 ]; then
    t "rsa" 'failed: unsupported rsa_needs_openssh' '! question' -- $at key="$D/id_rsa" no_agent=1
    t "rsa, second try without" 'failed: auth auth_no_method' -- $at key="$D/id_rsa" no_agent=1 libssh2_only=1 no_prompt=1
  else
    t "rsa" "$in_ok: publickey" -- $at key="$D/id_rsa" no_agent=1
  fi
  t "rsa beside a good one" "$in_ok: publickey" -- $at key="$D/id_rsa" key="$D/id_ed25519" no_agent=1
  t "encrypted" 'question: passphrase attempt=1 echo=0' "$in_ok: publickey" -- $at key="$D/id_enc" no_agent=1 answer=secret
  t "encrypted, second answer" 'passphrase attempt=2' '! attempt=3' "$in_ok" -- $at key="$D/id_enc" no_agent=1 answer=wrong answer=secret
  t "encrypted, never right" 'passphrase attempt=3' '! passphrase attempt=4' 'question: password' 'failed: aborted declined' -- $at key="$D/id_enc" no_agent=1 answer=a answer=b answer=c
  t "encrypted PEM without its .pub" 'question: passphrase' "$in_ok" -- $at key="$D/id_pem" no_agent=1 answer=secret
  t "encrypted, the NAS does not know it" '! passphrase' 'question: password' -- $at key="$D/id_enc_stranger" no_agent=1
  t "encrypted, nobody to ask" 'failed: auth auth_no_method' 'is encrypted' -- $at key="$D/id_enc" no_agent=1 no_prompt=1
  t "a stranger's" 'failed: auth auth_key_rejected' 'tried 1' -- $at key="$D/id_stranger" no_agent=1 no_prompt=1
  t "a stranger's, then the right one" "$in_ok: publickey" -- $at key="$D/id_stranger" key="$D/id_ecdsa" no_agent=1
  t "readable by others" 'failed: config key_file_permissions' "chmod 600 $D/id_open" -- $at key="$D/id_open" no_agent=1
  t "readable by others, not named" 'failed: auth auth_no_method' 'can be read by others' -- $at default_key="$D/id_open" no_agent=1 no_prompt=1
  t "missing" 'failed: not_found key_file_missing' -- $at key="$D/nothing" no_agent=1
  t "missing, not named" "$in_ok" -- $at default_key="$D/nothing" default_key="$D/id_ed25519" no_agent=1
  t "a directory" 'failed: config key_file_unreadable' -- $at key="$D" no_agent=1
  t "a public key" 'failed: config key_file_invalid' 'is a public key' -- $at key="$D/id_ed25519.pub" no_agent=1
  t "no key file" 'failed: config key_file_invalid' -- $at key="$D/known" no_agent=1

  echo "# agent"
  SSH_AUTH_SOCK=$D/agent && export SSH_AUTH_SOCK
  ssh-agent -a "$D/agent" >/dev/null
  ssh-add -q id_ed25519
  t "agent" "$in_ok: agent" -- $at
  t "agent by its path" "$in_ok: agent" -- $at agent="$D/agent"
  t "no_agent" 'failed: auth auth_no_method' -- $at no_agent=1 no_prompt=1
  t "identities_only leaves it alone" 'failed: auth auth_no_method' -- $at identities_only=1 no_prompt=1
  t "identities_only with its .pub" "$in_ok: agent" -- $at identities_only=1 key="$D/id_ed25519.pub"
  echo secret >pass && printf '#!/bin/sh\ncat %s/pass\n' "$D" >askpass && chmod +x askpass
  DISPLAY=x SSH_ASKPASS=$D/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q id_enc </dev/null 2>/dev/null
  t "the agent opened the encrypted key" "$in_ok: agent" '! question' -- $at identities_only=1 key="$D/id_enc"
  ssh-add -q -D 2>/dev/null && ssh-add -q other1 other2 other3 other4
  t "too many keys" 'failed: auth auth_key_rejected' 'MaxAuthTries' -- port=2206 alias=nas1 known="$D/known"
  t "named key before the agent's" "$in_ok: publickey" -- port=2206 alias=nas1 known="$D/known" key="$D/id_ed25519"
  ssh-add -q -D 2>/dev/null && ssh-add -q id_rsa
  if [ $old = 1 ]; then
    t "rsa in the agent" 'failed: unsupported rsa_needs_openssh' -- $at
  else
    t "rsa in the agent" "$in_ok: agent" -- $at
  fi
  t "agent that hangs" 'failed: timeout timeout' 'logging in' -- $at agent="$D/hang" hang_agent="$D/hang" login_ms=700
  t "agent that is not there" "$in_ok: publickey" -- $at agent="$D/gone" key="$D/id_ed25519"
  unset SSH_AUTH_SOCK

  echo "# passwords"
  t "password" 'question: password attempt=1 echo=0' "$in_ok: password" -- $at answer=testpw
  t "password, second answer" 'password attempt=2' "$in_ok: password" -- $at answer=wrong answer=testpw
  t "password, never right" 'password attempt=3' 'failed: auth auth_password_rejected' 'tried 3 times' -- $at answer=a answer=b answer=c answer=d
  t "password refused, then nothing" 'failed: auth auth_password_rejected' -- $at answer=wrong
  t "password declined" 'failed: aborted declined' -- $at answer=-
  t "password, nobody to ask" 'failed: auth auth_no_method' '! question' -- $at no_prompt=1
  t "no password in any message" '! testpx' -- $at answer=testpx answer=testpx answer=testpx
  at="port=2202 alias=nas1 known=$D/known"
  t "keyboard-interactive" 'question: password attempt=1 echo=0' "$in_ok: keyboard-interactive" -- $at answer=testpw
  t "keyboard-interactive, second answer" 'password attempt=2' "$in_ok: keyboard-interactive" -- $at answer=wrong answer=testpw
  t "keyboard-interactive, never right" 'failed: auth auth_password_rejected' -- $at answer=a answer=b answer=c
  t "keyboard-interactive declined" 'failed: aborted declined' -- $at answer=-
  t "key, then password" 'question: password' "$in_ok: password" -- port=2203 alias=nas1 known="$D/known" $k answer=testpw
  t "password, then key" 'question: password' "$in_ok: publickey" -- port=2204 alias=nas1 known="$D/known" $k answer=testpw
  t "only keys, none there" 'failed: auth auth_no_method' 'accepts publickey' -- port=2205 alias=nas1 known="$D/known"

  echo "# network"
  t "refused" 'failed: connect refused' -- $k port=1
  t "no such name" 'failed: connect resolve_failed' -- $k host=no-such-host.invalid
  t "no route" 'failed: connect unreachable' -- $k host=10.99.99.99
  getent hosts localhost >/dev/null && t "a name" "$in_ok" -- $k host=localhost host_key_alias=the-nas known="$D/aliased" port=2201
  busybox nc -l -p 2301 >/dev/null 2>&1 </dev/zero &
  busybox nc -ll -p 2302 -e /bin/sleep 60 >/dev/null 2>&1 &
  busybox nc -ll -p 2303 -e /bin/true >/dev/null 2>&1 &
  printf 'HTTP/1.1 400 Bad\r\n\r\n' >http && busybox nc -ll -p 2304 -e /bin/cat "$D/http" >/dev/null 2>&1 &
  printf 'Not allowed at this time\r\n' >later && busybox nc -ll -p 2305 -e /bin/cat "$D/later" >/dev/null 2>&1 &
  sleep 0.3
  t "a flood of zeros" 'failed: (connect ssh_handshake|timeout)' -- $k port=2301 login_ms=3000
  t "a silent server" 'failed: timeout timeout' 'setting up the SSH connection' -- $k port=2302 login_ms=400
  t "a server that hangs up" 'failed: connect ssh_handshake' 'IP Access' -- $k port=2303
  t "a server that turns us away" 'failed: connect ssh_handshake' 'turns this address away' 'wait a minute' -- $k port=2305
  t "no SSH server" 'failed: connect ssh_handshake' "HTTP/1.1 400 Bad" -- $k port=2304
  if [ $old = 1 ]; then
    t "ETM MACs alone" 'failed: unsupported no_common_algorithm' 'hmac-sha2-256-etm' 'transport: openssh' -- $k port=2207 known="$D/known"
  else
    t "ETM MACs alone" "$in_ok" -- $k port=2207 known="$D/known"
  fi
  t "old key exchange" 'failed: unsupported no_common_algorithm' 'legacy_crypto: true' -- $k port=2208 known="$D/known"
  t "old key exchange, allowed" "$in_ok" -- $k port=2208 known="$D/known" legacy=1

  echo "# from Lua"
  timeout 60 "$program" __script "$root/tests/integration/ssh/login.lua" "$D" >lua_out 2>&1
  for name in "key" "questions" "declined" "scan" "closed while it asks"; do
    expect "lua: $name" grep -qx "lua ok - $name" lua_out
  done
  grep -v '^lua ok' lua_out | sed 's/^/#   /'

  echo "# profile trust"
  QNAP_DOCKER_HOME=$D/qd && export QNAP_DOCKER_HOME
  mkdir -p "$D/qd" && chmod 700 "$D/qd"
  printf 'profiles:\n  nas1: {host: 127.0.0.1, port: 2201, user: root, ssh_key_path: %s/id_ed25519}\n' "$D" >"$D/qd/profiles.yaml"
  chmod 600 "$D/qd/profiles.yaml"
  # p NAME CODE PATTERN ARGUMENT...
  p() {
    name=$1 want=$2 pattern=$3
    shift 3
    timeout 60 "$program" profile trust nas1 "$@" >out 2>&1 </dev/null
    code=$?
    expect "$name" test "$code/$(grep -cE -- "$pattern" out)" != "$code/0" -a "$code" = "$want"
    if [ "$code" != "$want" ] || ! grep -qE -- "$pattern" out; then sed 's/^/#   /' out; fi
  }
  p "not by itself" 4 'host_key_unknown'
  p "another fingerprint" 4 'host_key_differs' --fingerprint SHA256:AAAA
  p "the right fingerprint" 0 '' --fingerprint "$(print ed25519)"
  expect "written to our own file" grep -q "^\[127.0.0.1\]:2201 $(key ed25519)" "$D/qd/known_hosts"
  p "known now" 0 'trusted before'
  echo "[127.0.0.1]:2201 $(key other)" >"$D/qd/known_hosts"
  p "changed" 4 'host_key_changed' --fingerprint "$(print ed25519)"
  p "replaced" 0 '' --replace --confirm nas1
  expect "replaced in our own file" test "$(cat "$D/qd/known_hosts")" = "[127.0.0.1]:2201 $(key ed25519)"

  printf 'profiles:\n  nas1: {host: 127.0.0.1, port: 2209, user: root}\n' >"$D/qd/profiles.yaml"
  p "an RSA host key alone" 0 '' --fingerprint "$(print rsa)"
  expect "written, too" grep -q "^\[127.0.0.1\]:2209 $(key rsa)" "$D/qd/known_hosts"

  echo "# cancel"
  for ms in 1 3 10 20 30 40 60 80 120; do
    t "after $ms ms" '^(cancelled|command ended: 0)' -- $k port=2201 known="$D/known" cancel_ms=$ms
  done
  t "while a question is open" '^cancelled' -- $k port=2201 answer=wait cancel_ms=200
  t "while the server is silent" '^cancelled' -- $k port=2302 cancel_ms=200
  t "while the agent hangs" '^cancelled' -- port=2201 known="$D/known" agent="$D/hang" hang_agent="$D/hang" cancel_ms=200
}

echo "$passed passed, $failed failed"
[ $failed = 0 ]
