# shellcheck shell=bash
# Sourced by tests/fault/*_test.sh. Of a command each operation fails once by a lost connection, a timeout and a
# cancellation. Whatever fails, the program ends by itself, with one of its exit codes and words for its user, and leaks nothing.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../integration/lib.sh"
export ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1 QNAP_DOCKER_AGENT=0
KINDS=3                 # lost, timeout, cancelled
MOST=${FAULT_MOST:-600} # faults of one command; beyond this the sweep is taken for endless

# What is wrong with how the program ended, nothing if it ended well.
judge() {
  case $code in
    0 | [1-9] | 10 | 125 | 126 | 127 | 130) ;;
    124 | 137) echo 'it hangs' && return ;;
    *) echo 'no exit code of ours' && return ;;
  esac
  case $err in
    *Sanitizer* | *'runtime error'*) echo 'a sanitizer speaks' ;;
    *'stack traceback'*) echo 'a traceback' ;;
    *'error: '*'code: '*) ;;
    *) [ "$code" = 0 ] || [ "$code" = 130 ] || reported || echo 'an error without its words' ;;
  esac
  ${after:-true} 2>&1
}

# What prints a report says it there: $report is how a failure begins.
reported() { [ -n "${report:-}" ] && [[ $out == *"$report"*'try: '* ]]; }

# sweep COMMAND...: its stdin is $input. $before is run ahead of each try; $after prints what the try left behind.
sweep() {
  local n problem found=0
  it "${*//$ID/}: every operation may fail"
  for ((n = ${FAULT_FROM:-1}; n <= MOST && found < ${FAULT_FINDINGS:-3}; n++)); do
    ${before:-true} >/dev/null 2>&1
    QNAP_DOCKER_FAULT=$n qd "$@" <"${input:-/dev/null}"
    [[ $err != *'fault: not reached'* ]] || break
    problem=$(judge)
    [ -z "$problem" ] || { fail "fault $n: $problem" && found=$((found + 1)); }
  done
  [ $n -le "$MOST" ] || fail "more than $MOST faults"
  [ $found != 0 ] || expect_code 0
  echo "# $(((n - 1) / KINDS)) operations"
}
