# shellcheck shell=bash
# A tap between the program and the engine (tests/support/programs/tap.c); sourced behind lib.sh with a NAS in use.

taps=0 tap_pid=

# tapped [N before|after]: what the profile `tap` asks goes through it from now on; with N, all stands still at the Nth write.
tapped() {
  untapped
  tap_socket=$WORK/tap$((taps += 1)) tap_log=$WORK/tap.log
  rm -f "$tap_log"
  "$programs/tap" "$tap_socket" "$NAS_SOCKET" "$tap_log" "$@" >"$WORK/tap.out" 2>&1 </dev/null &
  tap_pid=$!
  wait_for grep -q ready "$WORK/tap.out"
  sed -i '/^  tap:/,/^    host:/d' "$QNAP_DOCKER_HOME/profiles.yaml"
  write_profile tap "host=unix://$tap_socket"
}
untapped() {
  [ -z "${tap_pid:-}" ] || { kill -9 "$tap_pid" && wait "$tap_pid"; } 2>/dev/null
  tap_pid=
}
# writes: how many requests were none that only read. requests: all but the greeting.
writes() { grep -Evc '^(GET|HEAD) |^held' "$tap_log"; }
# killed_at N before|after COMMAND...: the program is killed while the Nth write is on its way there, or back; false: it has no Nth.
killed_at() {
  local pid
  tapped "$1" "$2"
  "${@:3}" >"$WORK/out" 2>"$WORK/err" </dev/null &
  pid=$!
  wait_for held_or_ended "$pid"
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  grep -q held "$tap_log"
}
held_or_ended() { grep -q held "$tap_log" || ! kill -0 "$1" 2>/dev/null; }
