#!/bin/bash
# selftest.sh: the test NAS does what its options say, beside another one, and leaves nothing behind. About a minute.
# Last line: N passed, N failed.
set -uo pipefail
nas=$(cd "$(dirname "$0")" && pwd)/nas
NAS_HOME=$(mktemp -d /tmp/qnas.XXXXXX)
export NAS_HOME NAS_HOST=
trap '"$nas" down --all; rm -rf "$NAS_HOME"' EXIT
passed=0 failed=0

# check WORDS COMMAND...: the command succeeds. refuse WORDS COMMAND...: it fails.
check() {
  local out
  if out=$("${@:2}" 2>&1 </dev/null); then passed=$((passed + 1)); else failed=$((failed + 1)) && printf 'FAILED %s\n%s\n' "$1" "$out"; fi
}
refuse() {
  local out
  if out=$("${@:2}" 2>&1 </dev/null); then failed=$((failed + 1)) && printf 'FAILED %s\n%s\n' "$1" "$out"; else passed=$((passed + 1)); fi
}
eventually() { for _ in $(seq 30); do ! "$@" || return 0; sleep 0.1; done && return 1; }
says() { [ "$("${@:2}" </dev/null)" = "$1" ]; } # says TEXT COMMAND...
use() { eval "$("$nas" env "$1")"; }
# on [-o OPTION]... COMMAND: over ssh to the NAS in use, with its first key. A subshell, so that it can be killed.
on() (
  exec ssh -F none -i "${KEY:-$NAS_KEY}" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=5 -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" \
    -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes "${WHO:-$NAS_USER}@$NAS_HOST" "$@"
)
with_password() { # with_password METHOD COMMAND: log in as guest by typing the password
  printf '#!/bin/sh\necho %s\n' "$NAS_PASSWORD" >"$NAS_HOME/askpass"
  chmod 755 "$NAS_HOME/askpass"
  SSH_ASKPASS=$NAS_HOME/askpass SSH_ASKPASS_REQUIRE=force setsid ssh -F none -o PreferredAuthentications="$1" -o PubkeyAuthentication=no \
    -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o GlobalKnownHostsFile=/dev/null -o NumberOfPasswordPrompts=1 "$NAS_GUEST@$NAS_HOST" "$2"
}
engine_over_socket() { # the engine through a forwarded socket
  local status
  rm -f "$NAS_HOME/forward"
  on -N -o ExitOnForwardFailure=yes -L "$NAS_HOME/forward:/var/run/docker.sock" >/dev/null 2>&1 &
  for _ in $(seq 50); do [ ! -S "$NAS_HOME/forward" ] || break; sleep 0.1; done
  docker -H "unix://$NAS_HOME/forward" version
  status=$?
  kill $!
  wait $! 2>/dev/null
  return $status
}
milliseconds() { # milliseconds COMMAND...: what it takes
  local from=${EPOCHREALTIME/./}
  "$@" >/dev/null 2>&1 </dev/null
  echo $(((${EPOCHREALTIME/./} - from) / 1000))
}
"$nas" up one >/dev/null && "$nas" up two --layout zfs --rtt 40ms --sudo --two-engines --max-sessions 3 --ports 2 --no-streamlocal >/dev/null || exit 1
"$nas" image one two
link=$(<"$NAS_HOME/link")

use one
check 'a key logs in' on true
for KEY in "$NAS_KEY_ECDSA" "$NAS_KEY_RSA"; do check "$KEY logs in" on true; done
unset KEY
check 'a password logs in' with_password password true
check 'admin is uid 0' says 0 on 'id -u'
# shellcheck disable=SC2016
check 'what is executed in a container is inside it' "$nas" sh one 'PATH=$PATH:$(getcfg container-station Install_Path -f /etc/config/qpkg.conf)/bin
  docker run -d --name inside busybox sleep 60 && docker exec inside sh -c "! test -e /share && ! test -e /etc/config" && docker rm -f inside'
WHO=ops check 'ops is not' says 1000 on 'id -u'
WHO=ops check 'ops reaches the engine' on "$NAS_DOCKER_PATH -H unix:///var/run/docker.sock version"
refuse 'docker is out of the PATH' on docker version
check 'getcfg finds Container Station' says /share/CACHEDEV1_DATA/.qpkg/container-station on getcfg container-station Install_Path -f /etc/config/qpkg.conf
check 'getcfg reads uLinux.conf' says 5.2.9 on getcfg System Version
check 'getcfg gives a default' says none on getcfg System Nothing -d none
check 'getcfg finds the volume' says /share/CACHEDEV1_DATA on getcfg SHARE_DEF defVolMP -f /etc/config/def_share.info
check 'getcfg finds a share' says /share/CACHEDEV1_DATA/Container on getcfg Container path -f /etc/config/smb.conf
check 'log_tool records' on 'log_tool -t 1 -a "disk full" && grep -q "disk full" /var/log/nas/log_tool'
check 'the log can be read here' grep -q 'disk full' "$NAS_LOGS/log_tool"
check 'sftp' sftp -F none -b /dev/stdin -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" "$NAS_USER@$NAS_HOST" <<<'ls /share'
check 'the engine through a forwarded socket' engine_over_socket
check 'the engine from outside' docker -H "unix://$NAS_SOCKET" version
check 'a container runs' says hello docker -H "unix://$NAS_SOCKET" run --rm busybox echo hello
docker -H "unix://$NAS_SOCKET" run -d --name web -p 8080:80 app httpd -f -h / >/dev/null
check 'a published port answers' eventually says hello timeout 5 busybox wget -qO- "http://$NAS_HOST:8080/index.html"
check 'a registry' "$nas" registry one
check 'pull from it' docker -H "unix://$NAS_SOCKET" pull localhost:5000/busybox:latest
check 'restart of the engine' "$nas" restart-dockerd one
check 'the engine is back' docker -H "unix://$NAS_SOCKET" version

check 'a dropped link' "$nas" drop one
refuse 'loses everything' on true
check 'healed' "$nas" heal one
check 'it works again' on true
on sleep 100 &
session=$!
sleep 0.5
check 'kill-sshd' "$nas" kill-sshd one
refuse 'ends sessions' wait $session
refuse 'and refuses new ones' on true
check 'healed again' "$nas" heal one
check 'sshd is back' on true

host=$NAS_HOST
use two
check 'another address' [ "$host" != "$NAS_HOST" ]
check 'NASes see each other' on busybox nc -w 2 "$host" 22 -e true
for port in 2201 2202; do check "it listens at port $port too" on -p "$port" true; done
check 'zfs layout' says /share/ZFS530_DATA/.qpkg/container-station on getcfg container-station Install_Path -f /etc/config/qpkg.conf
check 'a container runs on zfs layout' says hello docker -H "unix://$NAS_SOCKET" run --rm busybox echo hello
check 'zfs in the kernel' on grep -q zfs /proc/filesystems
refuse 'the engine is closed to ops' on "test -w /var/run/docker.sock"
check 'and open to sudo' on "sudo -n $NAS_DOCKER_PATH -H unix:///var/run/docker.sock version"
refuse 'no socket forwarding' engine_over_socket
check 'two engines' [ "$(docker -H "unix://$NAS_SOCKET" info -f '{{.ID}}')" != "$(docker -H "unix://$NAS_SYSTEM_SOCKET" info -f '{{.ID}}')" ]
took=$(milliseconds busybox nc -w 2 "$NAS_HOST" 22 -e true)
check "40 ms away (a connection took $took)" [ "$took" -ge 40 ]

"$nas" up three --share-engine one --password-only --etm-only >/dev/null
use three
refuse 'no key is taken' on true
check 'a password is' with_password password true
check 'the engine of one' [ "$(docker -H "unix://$NAS_SOCKET" info -f '{{.Name}}')" = one ]
refuse 'etm only' on -o MACs=hmac-sha2-256 -o Ciphers=aes256-ctr true
"$nas" up four --share-engine one --kbd --rsa-only >/dev/null
use four
check 'keyboard-interactive' with_password keyboard-interactive true
refuse 'and not a password' with_password password true
check 'an RSA host key only' says ssh-rsa sh -c "cut -d ' ' -f 2 <'$NAS_KNOWN_HOSTS'"

sleep 2 &
"$nas" up five --share-engine one --owner $! >/dev/null
wait $!
for _ in $(seq 60); do "$nas" list | grep -q five || break; sleep 0.1; done
refuse 'a NAS ends with its owner' grep -q five <<<"$("$nas" list)"

use one
check 'a container is paused' docker -H "unix://$NAS_SOCKET" run -d --name asleep busybox sleep 600
check 'and stays so' docker -H "unix://$NAS_SOCKET" pause asleep
check 'down' timeout 60 "$nas" down --all
check 'no state is left' [ ! -e "$NAS_HOME" ]
refuse 'no link is left' ip link show "$link"
check 'no process is left' [ -z "$(grep -slF -f /dev/fd/3 /proc/[0-9]*/cmdline 3<<<"$NAS_HOME/")" ]
check 'no mount is left' [ -z "$(grep -s "$NAS_HOME" /proc/self/mounts)" ]
check 'no cgroup is left' [ -z "$(find /sys/fs/cgroup -name 'qnap-nas*-one' 2>/dev/null)" ]

echo "$passed passed, $failed failed"
[ $failed = 0 ]
