# shellcheck shell=bash disable=SC2154
# Sourced by bench: compose. The peer is compose v2 (the plugin of docker, or the program that COMPOSE_V2 names); where there is
# none, its rows and the goals beside it are left out.

compose_v2=()
if [ -n "${COMPOSE_V2:-}" ]; then
  compose_v2=("$COMPOSE_V2")
elif docker compose version >/dev/null 2>&1; then
  compose_v2=(docker compose)
fi
has_compose_v2() { [ ${#compose_v2[@]} != 0 ]; }
# v2 HOST WORDS...: on an engine
v2() { DOCKER_HOST=$1 "${compose_v2[@]}" "${@:2}"; }

# a file of 1 MB: read, merged, checked
bench_load() {
  local file=$work/load/compose.yaml
  mkdir "$work/load" && lua5.4 "$here/project.lua" 1000000 >"$file" || exit 1
  for _ in $(seq "$rounds"); do
    time_of load-ours "$program" compose -f "$file" config -q
    ! has_compose_v2 || time_of load-v2 v2 "" -f "$file" config -q
  done
  printf 'A compose file of 1 MB (ms)\n'
  row load-ours 'qnap-docker compose config -q'
  row load-v2 'compose v2 config -q'
  goal 'qnap-docker compose config -q, in times of 50 ms' "$(awk -v t="$(median load-ours)" 'BEGIN { print t / 50000 }')" 1
  ! has_compose_v2 || goal 'qnap-docker compose config -q : compose v2' "$(ratio load-ours load-v2)" 0.2
}

# Ten services in the project's network.
compose_project() {
  local n
  echo 'name: bench'
  echo 'x-base: &base {image: busybox, command: sleep 100000, stop_signal: SIGKILL}'
  echo 'services:'
  for n in 0 1 2 3 4 5 6 7 8 9; do
    echo "  s$n:"
    echo '    <<: *base'
    echo "    environment: {NUMBER: '$n'}"
  done
}

# lifecycle CASE COMPOSE...: each verb once, on an engine that has nothing of the project, neither before nor afterwards
lifecycle() {
  time_of "$1-up" "${@:2}" up -d
  time_of "$1-again" "${@:2}" up -d
  time_of "$1-ps" "${@:2}" ps
  time_of "$1-down" "${@:2}" down
}

ours_compose() { ours "$1" --yes compose -f "$work/up/compose.yaml" "${@:2}"; }
held() { QNAP_DOCKER_AGENT=1 "$@"; } # through an agent
v2_compose() { v2 "$1" -f "$work/up/compose.yaml" "${@:2}"; }

# difference OF A B PER: (median A - median B) / PER, in microseconds
difference() { awk -v a="$(median "$1")" -v b="$(median "$2")" -v per="$3" 'BEGIN { printf "%.2f", (a - b) / per }'; }

# The round trips of a case beyond the connection, which the agent has: how much longer it takes at 100 ms than at 20 ms.
round_trips() { difference "$1-100$2" "$1-20$2" 80000; }

compose_rows() { # compose_rows VERB WORDS
  local rtt
  printf 'compose %s, 10 services (ms)\n' "$2"
  for rtt in 0 20 100; do
    row "compose-ours-$rtt-$1" "qnap-docker compose, SSH, $rtt ms, cold"
    row "compose-held-$rtt-$1" "qnap-docker compose, SSH, $rtt ms, agent up"
  done
  for rtt in 0 20 100; do
    row "compose-v2-$rtt-$1" "compose v2, -H ssh://, $rtt ms, cold"
    row "compose-v2-cm-$rtt-$1" "compose v2, -H ssh://, $rtt ms, ControlMaster up"
  done
  row "compose-v2-here-$1" "compose v2 on the NAS's own socket"
}

# What up may take at a distance of N ms: 1.1 times what compose v2 takes on the NAS itself, and 5 round trips.
up_goal() {
  goal "up at $1 ms : 1.1 x compose v2 on the NAS + 5 round trips" \
    "$(awk -v a="$(median "compose-held-$1-up")" -v b="$(median compose-v2-here-up)" -v rtt="$1" \
      'BEGIN { print a / (1.1 * b + 5000 * rtt) }')" 1
}

bench_compose() {
  local rtt turns=$((rounds / 3 + 1))
  links
  mkdir "$work/up" && compose_project >"$work/up/compose.yaml"
  for _ in $(seq $turns); do
    for rtt in 0 20 100; do
      lifecycle compose-ours-$rtt ours_compose $rtt
      QNAP_DOCKER_AGENT=1 ours $rtt ps >/dev/null
      lifecycle compose-held-$rtt held ours_compose $rtt
      has_compose_v2 && [ $peers = 1 ] || continue
      lifecycle compose-v2-$rtt v2_compose "ssh://bench$rtt"
      SSH_SHARED=1 lifecycle compose-v2-cm-$rtt v2_compose "ssh://bench$rtt"
    done
    has_compose_v2 && [ $peers = 1 ] || continue
    lifecycle compose-v2-here v2_compose "unix://$link_socket"
  done
  compose_rows up 'up -d'
  echo
  compose_rows again 'up -d with nothing to do'
  echo
  compose_rows ps ps
  echo
  compose_rows down down
  goal 'up -d with nothing to do, in round trips beyond the connection' "$(round_trips compose-held -again)" 3
  has_compose_v2 && [ $peers = 1 ] || return 0
  for rtt in 0 20 100; do up_goal $rtt; done
}
