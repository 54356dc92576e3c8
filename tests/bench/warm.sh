# shellcheck shell=bash disable=SC2154
# Sourced by bench: ps over connections that are up already: ours through the agent, ssh's through a ControlMaster. The floor is curl on
# the NAS's own socket.

# The least of the answers that a list may be asked for in: the newest 8 containers, less than 10 KB.
few=8

bench_warm() {
  local rtt size
  links
  here_docker inspect c21 >/dev/null 2>&1 || here_docker run -d --name c21 busybox sleep 100000 >/dev/null || exit 1
  size=$(curl -s --unix-socket "$link_socket" "http://nas/containers/json?limit=$few" | wc -c)
  [ "$size" -lt 10000 ] || { echo "bench: a list of $few containers has $size bytes" >&2 && exit 1; }
  for rtt in 0 20 100; do
    warm ours $rtt ps >/dev/null || exit 1 # starts the agent, connects
    for _ in $(seq "$([ $rtt = 0 ] && echo $((rounds * 3)) || echo "$rounds")"); do warm_turn $rtt; done
    [ $rtt = 0 ] || echo
    warm_rows $rtt
  done
}

warm_turn() {
  local rtt=$1
  warm time_of "warm-$rtt" ours "$rtt" ps
  [ "$rtt" = 0 ] || warm time_of "warm-few-$rtt" ours "$rtt" ps -n $few
  if [ "$rtt" = 0 ]; then
    time_of warm-curl curl -sf --unix-socket "$link_socket" http://nas/containers/json
    time_of warm-here here_docker ps
    time_of warm-socket "$program" --profile here ps
  fi
  [ $peers = 1 ] || return 0
  SSH_SHARED=1 time_of "warm-docker-$rtt" docker -H "ssh://bench$rtt" ps
  SSH_SHARED=1 time_of "warm-ssh-$rtt" ssh "bench$rtt" docker ps
}

warm_rows() {
  local rtt=$1 peer
  printf 'ps with 21 containers, %s ms away, connections up (ms)\n' "$rtt"
  row "warm-$rtt" 'qnap-docker ps, agent up'
  row "warm-few-$rtt" "qnap-docker ps -n $few, agent up"
  row "warm-docker-$rtt" 'docker -H ssh:// ps, ControlMaster up'
  row "warm-ssh-$rtt" 'ssh nas docker ps, ControlMaster up'
  if [ "$rtt" = 0 ]; then
    row warm-here "docker ps on the NAS's own socket"
    row warm-socket "qnap-docker ps on the NAS's own socket"
    row warm-curl "curl on the NAS's own socket"
    peer=$(fastest warm-docker-0 warm-ssh-0)
    [ -z "$peer" ] || at_least 'the faster of ssh and docker -H ssh:// : qnap-docker (aim 4)' "$(ratio "$peer" warm-0)" 3
    goal "qnap-docker ps : docker ps on the NAS's own socket" "$(ratio warm-0 warm-here)" 1
  else
    goal "ps -n $few, in times of (1.25 round trips + 10 ms)" \
      "$(awk -v t="$(median "warm-few-$rtt")" -v rtt="$rtt" 'BEGIN { print t / (1250 * rtt + 10000) }')" 1
  fi
}
