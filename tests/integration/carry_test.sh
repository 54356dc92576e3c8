#!/bin/bash
# carry: a tree from one NAS to another, each way to work on it with each other, what they keep of a nasty tree, and what breaks.
# The command is carry/lua/carry.lua; carry/nasty.py makes the tree and says what became of it.
# shellcheck disable=SC2015,SC2016,SC2034  # expectations in a chain; what a NAS's shell expands; $test of lib.sh
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || { it "carries trees" && skip "no python3 here, which makes the tree" && exit 0; }
export LIMIT=150 QNAP_DOCKER_LUA_PATH=$here/carry${QNAP_DOCKER_LUA_PATH:+:$QNAP_DOCKER_LUA_PATH}
A=ca$ID B=cb$ID
for one in ca cb; do
  nas_up $one
  "$nas" image "$one$ID"
  "$nas" sh "$one$ID" "cat >/tmp/nasty.py" <"$here/carry/nasty.py"
  "$nas" sh "$one$ID" "cat >/tmp/change.sh" <"$here/carry/change.sh"
  profile "$one$ID"
  engine volume create tree >/dev/null
done
V=/share/CACHEDEV1_DATA/Container/container-station-data/lib/docker/volumes/tree/_data

on() { "$nas" sh "$1" "$2" </dev/null; }
source_tree() { on "$A" "rm -rf $V; mkdir $V; python3 /tmp/nasty.py make $V"; }
empty_target() { on "$B" "find $V -mindepth 1 -delete; chown 0:0 $V; chmod 755 $V"; }
# What a way that loses all that one may lose still keeps.
coarse() { sed -E "s/ ([0-9]+)\.[0-9]{9} / \1 /; s/ sparse//; s/\{.*//; s/ +$//; / 120000 /s/ [0-9]{9,10} / /"; }
# same FILTER: both trees are alike, but for the socket.
same() {
  on "$A" "python3 /tmp/nasty.py walk $V" | grep -v ' 140000 ' | "$1" | sort >"$WORK/a"
  on "$B" "python3 /tmp/nasty.py walk $V" | "$1" | sort >"$WORK/b"
  diff "$WORK/a" "$WORK/b" >"$WORK/differences" || { fail "the trees differ: $(cut -c1-150 "$WORK/differences" | head -20)" && false; }
}

source_tree
it "by the shells all of it is kept"
qd carry copy "$A:tree" "$B:tree" shell-shell --frozen
expect_code 0 && expect_out 'left=socket d/sock' && expect_out 'files=32' && expect_out 'told=true' && same cat

it "in two streams all of it is kept, too, and each stream keeps to its part"
empty_target
"$nas" sh "$A" "head -c 3000000 /dev/urandom >$V/big1; head -c 2000000 /dev/urandom >'$V/-big *2'; mkdir $V/sub; cp $V/big1 $V/sub" </dev/null
qd --debug carry copy "$A:tree" "$B:tree" shell-shell --frozen --two
expect_code 0 && expect_out 'left=socket d/sock' && expect_out 'told=true' && expect_err 'in two streams' && same cat
empty_target
qd carry copy "$A:tree" "$B:tree" helper-helper --frozen --two
expect_code 0 && same coarse
source_tree
empty_target
qd carry copy "$A:tree" "$B:tree" shell-shell --frozen

it "every way goes with every other, and keeps all that it says it keeps"
for pair in shell-helper helper-shell helper-helper shell-engine engine-shell engine-helper helper-engine engine-engine; do
  empty_target
  qd carry copy "$A:tree" "$B:tree" "$pair" --frozen
  expect_code 0 && same coarse || break
  qd carry compare "$A:tree" "$B:tree" "$pair"
  expect_code 0 && [ -z "$out" ] || { fail "$pair: compare finds differences: $out" && break; }
done
[ -z "$wrong" ] || wrong="$wrong
  # ($pair)"

it "no helper is left"
[ -z "$(engine ps -aq)" ] || fail "containers: $(engine ps -a)"

it "a warm copy and the rest behind it make the tree as it has become, a group of hard links whole"
for pair in shell-shell helper-helper shell-helper helper-shell; do
  source_tree
  empty_target
  qd carry migrate "$A:tree" "$B:tree" "$pair" "$nas sh $A 'sh /tmp/change.sh $V' </dev/null"
  expect_code 0 && expect_out 'changed=17' && expect_out 'removed=5' && same coarse || break
  grep -qx 'differences=' <<<"$out" || { fail "$pair: differences" && break; }
done
on "$B" "[ $V/d/file -ef $V/again ] && [ $V/d/file -ef $V/d/again ]" || fail "the hard links parted"

it "straight from NAS to NAS all of it is kept, and neither key nor folder is left"
source_tree
empty_target
use "$B"
before=$(on "$B" 'cat /etc/config/ssh/authorized_keys')
qd carry copy "$A:tree" "$B:tree" shell-shell --frozen --direct
expect_code 0 && expect_out 'left=socket d/sock' && same cat
[ "$(on "$B" 'cat /etc/config/ssh/authorized_keys')" = "$before" ] || fail "authorized_keys is not as it was"
[ -z "$(on "$A" 'ls -d /tmp/qnap-docker.* 2>/dev/null')" ] || fail "the key's folder is left"
qd carry copy "$A:tree" "$B:tree" shell-shell --frozen --direct
expect_error 6 no_direct && expect_err 'no symlinks yet'

it "straight from NAS to NAS a target that lets nobody in is said, and its keys are as they were"
empty_target
on "$B" 'cp -p /etc/config/ssh/sshd_config /tmp/kept && echo "PubkeyAcceptedAlgorithms ecdsa-sha2-nistp256" >>/etc/config/ssh/sshd_config && kill -HUP "$(cat /run/sshd.pid)"'
key=$NAS_KEY && sed -i "/^  $B:/,/^  [a-z]/s#ssh_key_path: .*#ssh_key_path: $NAS_KEY_ECDSA#" "$QNAP_DOCKER_HOME/profiles.yaml"
sleep 1
qd carry copy "$A:tree" "$B:tree" shell-shell --direct
on "$B" 'cp -p /tmp/kept /etc/config/ssh/sshd_config && kill -HUP "$(cat /run/sshd.pid)"'
sed -i "s#ssh_key_path: $NAS_KEY_ECDSA#ssh_key_path: $key#" "$QNAP_DOCKER_HOME/profiles.yaml"
expect_error 4 direct_refused
[ "$(on "$B" 'cat /etc/config/ssh/authorized_keys')" = "$before" ] || fail "authorized_keys is not as it was"

it "the account's sudo is enough, and without it a helper is taken"
source_tree
use "$A"
write_profile "ops$ID" "host=$NAS_HOST" "user=$NAS_OPS" "ssh_key_path=$NAS_KEY" "known_hosts=[$NAS_KNOWN_HOSTS]" identity_agent=none
qd carry way "ops$ID:tree"
expect_code 0 && expect_out 'kind=helper' && expect_out 'why=sudo:'
on "$A" "echo '$NAS_OPS ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/carry"
empty_target
qd carry copy "ops$ID:tree" "$B:tree" shell-shell --frozen
on "$A" 'rm /etc/sudoers.d/carry'
expect_code 0 && same cat

it "busybox's tools on the NAS itself do"
on "$A" 'mkdir -p /root/full && for t in tar find sha256sum; do mv /usr/bin/$t /root/full/; done' || fail "cannot hide the tools"
source_tree
empty_target
qd carry migrate "$A:tree" "$B:tree" shell-shell "$nas sh $A 'sh /tmp/change.sh $V' </dev/null"
on "$A" 'mv /root/full/* /usr/bin/'
expect_code 0 && expect_out 'changed=17' && same coarse && grep -qx 'differences=' <<<"$out" || fail "differences"

it "a single file is carried alone"
on "$A" "mkdir -p /share/Container/one && echo file >/share/Container/one/a.conf && chmod 640 /share/Container/one/a.conf && echo no >/share/Container/one/b"
for pair in shell-shell helper-shell shell-engine engine-helper; do
  on "$B" "rm -rf /share/Container/one"
  qd carry copy "$A:/share/Container/one/a.conf" "$B:/share/Container/one/a.conf" "$pair" --file
  expect_code 0 || break
  [ "$(on "$B" 'cd /share/Container/one && ls && cat a.conf && stat -c %a a.conf')" = "a.conf
file
640" ] || { fail "$pair: the file should be there alone" && break; }
done

it "a full disk on the target is said, and the source is as it was"
on "$A" "rm -rf $V/*; head -c 20000000 /dev/urandom >$V/much"
on "$B" "mkdir -p /share/Container/small && mount -t tmpfs -o size=8m small /share/Container/small"
qd carry copy "$A:tree" "$B:/share/Container/small" shell-shell
expect_error 6 no_space
on "$B" 'umount /share/Container/small'
use "$B"
engine volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=8m small >/dev/null
for pair in shell-helper shell-engine engine-engine; do
  qd carry copy "$A:tree" "$B:small" "$pair"
  expect_error 6 no_space || break
done
[ "$(on "$A" "stat -c %s $V/much")" = 20000000 ] || fail "the source changed"

it "what changes while it is frozen is an error, and while it is warm it is not"
on "$A" "rm -rf $V/*; echo x >$V/a; head -c 8000000 /dev/zero >$V/b; echo z >$V/c"
printf 'a\0gone\0c\0' >"$WORK/paths"
empty_target
qd carry copy "$A:tree" "$B:tree" shell-shell --paths "$WORK/paths"
expect_code 0 && expect_out 'files=2'
qd carry copy "$A:tree" "$B:tree" shell-shell --paths "$WORK/paths" --frozen
expect_code 1 && expect_err 'code: source_changed'

it "nothing outside of the tree is removed"
on "$B" "ln -s /share/Container $V/out; mkdir -p /share/Container/kept"
for path in ../x /etc/x a/../../x . '' out/kept; do
  qd carry remove "$B:tree" shell "$path"
  expect_code 2 && expect_err 'code: outside' || break
done
on "$B" '[ -d /share/Container/kept ]' || fail "it was removed"

# The target has a symlink where the source sends a folder's file: nothing is written behind it.
it "nothing is written through a symlink of the target"
on "$A" "mkdir -p $V/out && echo bad >$V/out/evil"
printf 'out/evil\0' >"$WORK/paths"
for pair in shell-shell shell-helper; do
  qd carry copy "$A:tree" "$B:tree" "$pair" --paths "$WORK/paths"
  expect_code 1 && expect_err 'code: bad_archive' || break
done
on "$B" '[ ! -e /share/Container/evil ]' || fail "it was written through the link"

it "only regular files have hashes"
printf 'out\0gone\0' >"$WORK/paths"
qd carry hash "$A:tree" shell --paths "$WORK/paths"
expect_code 0 && expect_exact ''

it "without a tool for hashes there they are made here"
hashes() { qd carry hash "$A:tree" "$1"; }
hashes shell && mine=$out
on "$A" 'mkdir -p /root/full && for t in sha256sum openssl busybox; do mv "$(command -v $t)" /root/full/ 2>/dev/null; done; :'
hashes engine
on "$A" 'mv /root/full/* /usr/bin/'
expect_exact "$mine" && expect_out "$(printf 'x\n' | sha256sum | cut -d' ' -f1)  a"

# --- what breaks: slow copies, side by side where they wait for a dead link ------------------------------------
on "$A" "rm -rf $V/*; head -c 30000000 /dev/urandom >$V/much"
broken() { # broken WAYS HOW NAS [PATH]: a copy runs when that one breaks; its end is the result
  empty_target 2>/dev/null
  timeout -k 5 150 env "PATH=${4:-$PATH}" "$QD_PROGRAM" carry copy "$A:tree" "$B:tree" "$1" --bandwidth 1000000 >"$WORK/out" 2>"$WORK/err" </dev/null &
  wait_for on "$B" "ls $V/much" || fail "the copy does not begin"
  "$nas" "$2" "$3"
  wait $!
  code=$? out=$(<"$WORK/out") err=$(<"$WORK/err")
  "$nas" heal "$3"
}
for which in source target; do
  it "sshd killed on the $which is a lost connection"
  [ $which = source ] && name=$A || name=$B
  broken shell-shell kill-sshd "$name"
  expect_code 5 && expect_err 'error: ' && expect_err 'code: connection_' && expect_no_err traceback
done
it "without an ssh here the session itself carries the tree, and sshd killed is a lost connection, too"
broken shell-shell kill-sshd "$A" /nowhere
expect_code 5 && expect_err 'code: connection_' && expect_no_err traceback
broken shell-shell kill-sshd "$B" /nowhere
expect_code 5 && expect_err 'code: connection_' && expect_no_err traceback
it "the engine killed under a helper is a lost connection"
broken shell-helper kill-dockerd "$B"
expect_code 5 1 && expect_err 'error: ' && expect_no_err traceback
"$nas" restart-dockerd "$B"
it "a link that drops is a lost connection"
broken shell-shell drop "$B"
expect_code 5 && expect_err 'error: ' && expect_err 'code: connection_lost' && expect_no_err traceback
