#!/bin/bash
# The connection holder: started by the first command, shared by those that follow, harmless when it dies, closed to others.
# shellcheck disable=SC2016,SC2153
export QNAP_DOCKER_AGENT=1
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
export -n NAS_PASSWORD # the environment of what we start would hold it
name=agent$ID
nas_up agent
"$nas" image "$name"
profile "$name"
socket=$QNAP_DOCKER_HOME/run/agent.sock

logins() { "$nas" sh "$NAS_NAME" "ps ax" | grep -c 'sshd: admin'; } # connections that are logged in
held() { "$QD_PROGRAM" agent --json | jq -r ".[0].$1"; }
holder() { sed -n 's/^process \([0-9]*\),.*/\1/p' <<<"$("$QD_PROGRAM" agent 2>&1 >/dev/null)"; }
stopped() { qd agent stop && wait_for test ! -S "$socket"; }

it 'nothing runs before the first command, and asking does not start it'
qd agent
expect_code 0 && expect_err 'it does not run' && expect 'no socket' test ! -e "$socket"

it 'the first command starts it; the others need no login'
engine run -d --name "web$ID" busybox sleep 1000 >/dev/null
qd ps -q
expect_code 0
for _ in 1 2 3; do qd ps -q && expect_code 0; done
qd agent
expect_out "admin@$NAS_HOST" && expect_out connected
expect 'one login' test "$(logins)" = 1
expect 'a private socket' test "$(stat -c '%a %F' "$socket")" = '600 socket'
expect 'in a private folder' test "$(stat -c %a "${socket%/*}")" = 700

it 'it keeps nothing open that the command had, and no terminal'
pid=$(holder)
expect 'standard streams of its own' test "$(readlink "/proc/$pid/fd/"{0,1,2} | sort -u)" = /dev/null
expect 'no pipe of ours' bash -c "! ls -l /proc/$pid/fd | grep '$WORK' | grep -qv '$QNAP_DOCKER_HOME'"
expect 'a session of its own' test "$(ps -o sid= -p "$pid" | tr -d ' ')" = "$pid"
expect 'no folder of ours' test "$(readlink "/proc/$pid/cwd")" = /

it 'a pipeline ends with its command, although that started it'
stopped
exec 9>"$WORK/nine"
run timeout 20 bash -c '"$1" ps -q | cat' - "$QD_PROGRAM"
exec 9>&-
expect_code 0 && expect 'no descriptor 9' bash -c "! ls -l /proc/$(holder)/fd | grep -q nine"

it 'a channel is ready for the next command'
ready() { [ "$(held ready)" -ge 1 ]; }
expect 'one ready' wait_for ready

it 'commands, copies and streams go through it'
echo content >"$WORK/file"
qd cp "$WORK/file" "web$ID:/file"
expect_code 0
qd exec "web$ID" cat /file
expect_code 0 && expect_exact content
qd run --rm busybox sh -c 'echo out; echo err >&2; exit 3'
expect_code 3 && expect_out out && expect_err err
run bash -c 'head -c 3000000 /dev/zero | "$1" exec -i "web$2" sh -c "wc -c"' - "$QD_PROGRAM" "$ID"
expect_exact 3000000

for n in 2 10 100; do
  it "$n commands at once"
  for i in $(seq "$n"); do "$QD_PROGRAM" ps -q >"$WORK/many$i" 2>&1 & done
  wait
  ok=$(cat "$WORK"/many* | grep -c "^$(engine ps -q)\$")
  expect "all of them: $ok" test "$ok" = "$n"
  expect 'few logins' test "$(logins)" -le 3
  rm "$WORK"/many*
done

it 'kill -9 of it under events: they go on, by themselves'
"$QD_PROGRAM" events --filter "container=web$ID" >"$WORK/events" 2>"$WORK/events.err" </dev/null &
events=$!
in_use() { [ "$(held channels)" -ge 1 ]; }
wait_for in_use
kill -9 "$(holder)"
renamed=0
seen() { engine rename "web$ID" "web$ID-$((renamed += 1))" && engine rename "web$ID-$renamed" "web$ID" && grep -q rename "$WORK/events"; }
expect 'the events go on' wait_for seen
kill "$events"
wait "$events" 2>/dev/null

it 'kill -9 of it under a command that writes: a clear error, and the next command starts another'
"$QD_PROGRAM" exec "web$ID" sleep 60 >"$WORK/killed" 2>&1 </dev/null &
command=$!
wait_for in_use
kill -9 "$(holder)"
wait "$command"
code=$? out=$(<"$WORK/killed") err=$out
expect_code 1 5 && expect_err 'code: connection_lost' && expect_err 'the process that held it ended'
qd ps -q
expect_code 0 && expect 'another one' test -n "$(holder)"

it 'its path is taken by something dead: replaced'
stopped
: >"$socket"
qd ps -q
expect_code 0 && expect 'it runs' test -n "$(holder)"

it 'agent stop closes the connections'
stopped
none() { [ "$(logins)" = 0 ]; }
expect 'no login left' wait_for none
qd agent stop
expect_code 0 && expect_err 'it does not run'

it 'QNAP_DOCKER_AGENT=0: no process stays'
QNAP_DOCKER_AGENT=0 qd ps -q
expect_code 0 && expect 'no socket' test ! -e "$socket"
QNAP_DOCKER_AGENT=0 qd agent
expect_error 6 agent_off

it 'too long a path for a socket: every command by itself'
long=$WORK/$(printf 'long%.0s' {1..25})
cp -r "$QNAP_DOCKER_HOME" "$long"
QNAP_DOCKER_HOME=$long qd ps -q
expect_code 0

it '--foreground: until it is told to stop, or nobody used it'
QNAP_DOCKER_AGENT=1 qd agent --foreground --idle 1s
expect_code 0 && expect_err "$socket"

it 'another account cannot use it, whatever the modes of socket and folder'
qd ps -q
chmod 711 "$WORK" "$QNAP_DOCKER_HOME" "${socket%/*}"
run setpriv --reuid 65534 --regid 65534 --clear-groups curl -s --max-time 5 --unix-socket "$socket" http://x/
expect_code 7
chmod 666 "$socket"
run setpriv --reuid 65534 --regid 65534 --clear-groups curl -s --max-time 5 --unix-socket "$socket" http://x/
expect 'hung up on' test "$code" != 0 -a "$code" != 28 && expect_exact ''
chmod 600 "$socket"
chmod 700 "$WORK" "$QNAP_DOCKER_HOME" "${socket%/*}"

it 'a stranger who listens in its place learns nothing'
stopped
chmod 777 "${socket%/*}"
setpriv --reuid 65534 --regid 65534 --clear-groups "$programs/peer" "unix:$socket" >"$WORK/stranger" 2>&1 </dev/null &
stranger=$!
chmod 711 "$WORK" "$QNAP_DOCKER_HOME"
listens() { [ -S "$socket" ]; }
wait_for listens
chmod 700 "$WORK" "$QNAP_DOCKER_HOME" "${socket%/*}"
qd ps -q
expect_code 0 && expect 'nothing was said' bash -c "! grep -q admin '$WORK/stranger'"
kill "$stranger"
wait "$stranger" 2>/dev/null
rm -f "$socket"

it 'the server of the NAS dies: the next command has a new session'
qd ps -q
"$nas" kill-sshd "$NAS_NAME" >/dev/null 2>&1
"$nas" heal "$NAS_NAME" >/dev/null 2>&1
qd ps -q
expect_code 0

it 'the engine is restarted: channels that were ready are not used'
"$nas" restart-dockerd "$NAS_NAME" >/dev/null 2>&1
up() { engine ps >/dev/null; }
wait_for up
qd ps -q -a
expect_code 0

it 'a password is asked once, and kept nowhere'
nas_up pw --password-only
profile "pw$ID" ssh_key_path= identity_agent=none
on_tty --profile "pw$ID" ps -q <<<"expect assword
send $NAS_PASSWORD\r"
expect_code 0
qd --profile "pw$ID" --no-input ps -q
expect_code 0
pid=$(holder)
found=0
while read -r from to; do
  dd if="/proc/$pid/mem" bs=4096 skip=$((16#$from / 4096)) count=$(((16#$to - 16#$from) / 4096)) 2>/dev/null | grep -aqF "$NAS_PASSWORD" && found=1
done < <(sed -n 's/^\([0-9a-f]*\)-\([0-9a-f]*\) rw.*/\1 \2/p' "/proc/$pid/maps")
expect 'no password in its memory' test $found = 0
