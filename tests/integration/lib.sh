# shellcheck shell=bash
# Sourced by tests/integration/*.sh. The runner has started the NAS "nas1" (with busybox and app images) and says where
# the program is. A file reads:
#
#   . "$(dirname "$0")/lib.sh"
#   profile nas1                     # a profile for that NAS in a home of its own; the first is the default
#   it "lists containers"
#   engine run -d --name "web$ID" busybox sleep 1000
#   qd ps                            # runs the program; its result is in $out, $err and $code
#   expect_code 0
#   expect_out "web$ID"
#
# Names of containers, volumes, networks and profiles of NASes end in $ID; what ends so is removed afterwards.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nas=$here/../nas/nas
programs=$(dirname "$QD_PROGRAM")/tests # pty, peer
: "${NAS_HOME:?run through tests/integration/run}" "${QD_PROGRAM:?}"
export NAS_HOME
ID=$$
WORK=$(mktemp -d /tmp/qd-int.XXXXXX)
passed=0 failed=0 skipped=0 peers=0
test='' wrong='' out='' err='' code=0
own_nases=()

unset QNAP_DOCKER_PROFILE QNAP_DOCKER_LUA_PATH FORCE_COLOR COLUMNS XDG_CONFIG_HOME XDG_RUNTIME_DIR SSH_AUTH_SOCK
# Each command by itself, unless the connection holder is what is tested (or QNAP_DOCKER_AGENT=1 lets all go through it).
export QNAP_DOCKER_AGENT=${QNAP_DOCKER_AGENT:-0}
export QNAP_DOCKER_HOME=$WORK/home HOME=$WORK/user QNAP_DOCKER_PAGER='' NO_COLOR=1 TZ=UTC LC_ALL=C.UTF-8
mkdir -p "$HOME" && mkdir -m 700 "$QNAP_DOCKER_HOME"

# --- what a test says ----------------------------------------------------------------------------------------

# it NAME: a test begins; it passes unless an expectation in it fails. skip REASON leaves it out.
it() {
  conclude
  test=$1 wrong=''
}
conclude() {
  [ -n "$test" ] || return 0
  if [ -n "$wrong" ]; then failed=$((failed + 1)) && echo "not ok - $test$wrong"; else passed=$((passed + 1)) && echo "ok - $test"; fi
  test=''
}
skip() {
  skipped=$((skipped + 1))
  echo "ok - $test # SKIP $1"
  test=''
}
# fail WORDS: the running test has failed; says what the program printed.
fail() {
  wrong="$wrong
  # $1 (exit $code)
$(printf '%s\n' "--- stdout" "${out:0:2000}" "--- stderr" "${err:0:2000}" | sed 's/^/  # /')"
}

# --- running -------------------------------------------------------------------------------------------------

# qd ARGUMENTS: runs the program; standard input passes through, /dev/null where it is a terminal.
qd() { run "$QD_PROGRAM" "$@"; }
# run COMMAND...: any command; LIMIT seconds (60) at most.
run() {
  if [ -t 0 ]; then exec 0</dev/null; fi
  timeout -k 5 "${LIMIT:-60}" "$@" >"$WORK/out" 2>"$WORK/err"
  code=$?
  out=$(tr '\0' '?' <"$WORK/out") err=$(tr '\0' '?' <"$WORK/err")
}
# on_tty [COLSxROWS] ARGUMENTS: runs the program on a terminal of its own; stdin says what is typed (tests/support/programs/pty.c).
# $out is what the terminal showed, $err what became of terminal and processes.
on_tty() {
  local size=80x24
  case $1 in [1-9]*x[1-9]*) size=$1 && shift ;; esac
  LIMIT=${LIMIT:-120} TERM=xterm run "$programs/pty" "$size" "$QD_PROGRAM" "$@"
}
# engine ARGUMENTS: the docker client on the engine of the NAS in use, past our program; to prepare and to check.
engine() { docker -H "unix://$NAS_SOCKET" "$@" </dev/null; }
# like_docker: whether the docker here prints as the one that ours is compared with (28); Debian 12's own (20.10) does not.
like_docker() { [[ $(docker version -f '{{.Client.Version}}' 2>/dev/null) =~ ^([0-9]+)\. ]] && [ "${BASH_REMATCH[1]}" -ge 28 ]; }
# wait_for COMMAND...: until it succeeds, 20 seconds at most.
wait_for() {
  local tries=0
  until "$@" >/dev/null 2>&1; do
    [ $((tries += 1)) -le 200 ] || return 1
    sleep 0.1
  done
}

# --- expectations: true when met, so that `expect_code 0 || return` works ---------------------------------------

# expect_code CODE...: one of them.
expect_code() { [[ " $* " == *" $code "* ]] || { fail "exit code ${*// / or } expected" && false; }; }
expect_out() { [[ $out == *"$1"* ]] || { fail "stdout should hold: $1" && false; }; }
expect_no_out() { [[ $out != *"$1"* ]] || { fail "stdout should not hold: $1" && false; }; }
expect_err() { [[ $err == *"$1"* ]] || { fail "stderr should hold: $1" && false; }; }
expect_no_err() { [[ $err != *"$1"* ]] || { fail "stderr should not hold: $1" && false; }; }
# expect_exact TEXT: all of stdout, without its last newline.
expect_exact() { [ "$out" = "$1" ] || { fail "stdout should be: $1" && false; }; }
# expect WORDS COMMAND...: the command succeeds.
expect() { "${@:2}" || { fail "$1" && false; }; }
# expect_error CODE WORD: an error as ours are: exit code, headline, the stable word, something to try, no traceback.
expect_error() {
  expect_code "$1" && expect_err 'error: ' && expect_err "code: $2" && expect_err 'try: ' && expect_no_err 'traceback'
}

# expect_refusal CODE [WORD]: an error in our form, of six lines at most: headline, cause or advice, the stable word.
expect_refusal() {
  local lines
  expect_code "$1" || return
  [[ $err =~ ^((warning|note): [^$'\n']*$'\n')*error:\ [^\ ] ]] || { fail "stderr should begin with 'error: '" && return 1; }
  expect 'the error should say why, or what to try' grep -Eq '^  (why|try|engine): ' "$WORK/err" || return
  [[ $err == *"  code: ${2:-}"* ]] || { fail "stderr should hold: code: ${2:-}" && return 1; }
  lines=$(grep -Evc '^(warning|note): ' "$WORK/err")
  [ "$lines" -le 6 ] || { fail "the error has $lines lines" && return 1; }
  expect_no_err traceback && expect_no_err 'stack' && expect_no_err '.lua:'
}
# expect_restored: the terminal is as it was before, and no process is left (after on_tty).
expect_restored() { expect_err 'terminal: as before' && expect_err 'processes: none'; }

# --- NASes and profiles --------------------------------------------------------------------------------------

# use NAS: its variables (NAS_HOST, NAS_USER, NAS_KEY, NAS_SOCKET and so on: nas env).
use() { eval "$("$nas" env "$1")"; }
# profile NAS [KEY=VALUE]...: a profile of that name that logs in with the ed25519 key (VIA=socket: the engine's socket, without SSH),
# and the NAS is in use.
profile() {
  local name=$1 key file=$QNAP_DOCKER_HOME/profiles.yaml
  declare -A keys
  use "$name"
  keys=([host]=$NAS_HOST [user]=$NAS_USER [ssh_key_path]=$NAS_KEY [known_hosts]="[$NAS_KNOWN_HOSTS]" [identity_agent]=none)
  [ "${VIA:-}" != socket ] || keys=([host]=unix://$NAS_SOCKET)
  for key in "${@:2}"; do keys[${key%%=*}]=${key#*=}; done
  [ -e "$file" ] || printf 'default_profile: %s\nprofiles:\n' "$name" >"$file"
  chmod 600 "$file"
  {
    echo "  $name:"
    for key in "${!keys[@]}"; do [ -z "${keys[$key]}" ] || echo "    $key: ${keys[$key]}"; done
  } >>"$file"
}
# peer LISTEN [MATCH FILE THEN]...: a server that says what it is told to (tests/support/programs/peer.c). LISTEN unix: a socket,
# in $peer_socket; tcp: a loopback port, in $peer_port.
peer() {
  local listen=$1
  peer_socket=$WORK/peer$((peers += 1)) peer_port=
  [ "$listen" = tcp ] || listen=unix:$peer_socket
  "$programs/peer" "$listen" "${@:2}" >"$peer_socket.log" 2>&1 </dev/null &
  wait_for grep -q ready "$peer_socket.log" || { cat "$peer_socket.log" && exit 1; }
  # shellcheck disable=SC2034
  peer_port=$(sed -n 's/ready //p' "$peer_socket.log")
}
# write_profile NAME KEY=VALUE...: a profile of these keys alone.
write_profile() {
  local file=$QNAP_DOCKER_HOME/profiles.yaml
  [ -e "$file" ] || printf 'default_profile: %s\nprofiles:\n' "$1" >"$file"
  chmod 600 "$file"
  { printf '  %s:\n' "$1" && printf '    %s\n' "${@:2}" | sed 's/=/: /'; } >>"$file"
}
# nas_up LABEL [OPTION]...: a NAS for this file alone, named $LABEL$ID; it is in use then.
nas_up() {
  own_nases+=("$1$ID")
  "$nas" up "$1$ID" --owner $$ "${@:2}" >"$WORK/up" 2>&1 || { cat "$WORK/up" && exit 1; }
  use "$1$ID"
}

# --- the end -------------------------------------------------------------------------------------------------

finish() {
  local status=$? kind
  conclude
  trap - EXIT
  if use nas1 2>/dev/null; then
    for kind in container volume network; do
      # shellcheck disable=SC2046
      set -- $(engine $kind ls $([ $kind != container ] || echo -a) --format "{{.Name$([ $kind != container ] || echo s)}}" 2>/dev/null | grep "$ID\$")
      [ $# = 0 ] || engine $kind rm -f "$@" >/dev/null 2>&1
    done
  fi
  [ "$QNAP_DOCKER_AGENT" = 0 ] || "$QD_PROGRAM" agent stop >/dev/null 2>&1
  [ ${#own_nases[@]} = 0 ] || "$nas" down "${own_nases[@]}"
  rm -rf "$WORK"
  [ $status = 0 ] || [ $failed != 0 ] || { failed=1 && echo "not ok - the file ends with exit code $status"; }
  echo "$passed passed, $failed failed, $skipped skipped"
  [ $failed = 0 ]
  exit
}
trap finish EXIT
trap 'exit 130' INT TERM
