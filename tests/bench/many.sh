# shellcheck shell=bash disable=SC2154
# Sourced by bench: commands that ask many NASes.

# of_all HOME COMMAND...: on all NASes of a home
of_all() { QNAP_DOCKER_HOME=$1 "$program" --profile '*' "${@:2}"; }

# curls: the lists of the 8 engines, asked together on their own sockets
curls() {
  local socket pid pids=()
  for socket in "${engine_sockets[@]}"; do
    curl -sf --unix-socket "$socket" 'http://nas/containers/json?all=1' &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return 1; done
}

# eight HOME PREFIX: a home with the NASes PREFIX1 … PREFIX8
eight() {
  local n
  home "$1"
  for n in 1 2 3 4 5 6 7 8; do use "$2$n" && profile_of "$1" "$2$n"; done
}

bench_many() {
  local near=$work/near far=$work/far rtt
  engines
  eight "$near" n
  eight "$far" w
  for rtt in "$near" "$far"; do warm of_all "$rtt" ps -a >/dev/null || exit 1; done
  for _ in $(seq "$rounds"); do
    warm time_of many-0 of_all "$near" ps -a
    QNAP_DOCKER_HOME=$near warm time_of many-one-0 "$program" --profile n1 ps -a
    time_of many-sockets of_all "$work/engines" ps -a
    time_of many-curls curls
    warm time_of many-100 of_all "$far" ps -a
    QNAP_DOCKER_HOME=$far warm time_of many-one-100 "$program" --profile w1 ps -a
  done
  for _ in $(seq $((rounds / 3 + 1))); do
    time_of many-cold-0 of_all "$near" ps -a
    time_of many-cold-100 of_all "$far" ps -a
  done
  echo "ps of 8 NASes with an engine and 21 containers each (ms)"
  row many-0 "qnap-docker ps --profile '*', 0 ms, agent up"
  row many-one-0 'qnap-docker ps of one, 0 ms, agent up'
  row many-cold-0 "qnap-docker ps --profile '*', 0 ms, cold"
  row many-sockets "qnap-docker ps --profile '*' on their own sockets"
  row many-curls '8 curls in parallel on their own sockets'
  row many-100 "qnap-docker ps --profile '*', 100 ms, agent up"
  row many-one-100 'qnap-docker ps of one, 100 ms, agent up'
  row many-cold-100 "qnap-docker ps --profile '*', 100 ms, cold"
  goal '8 NASes : 8 curls in parallel, 0 ms' "$(ratio many-0 many-curls)" 1.2
  goal '8 NASes : one, 100 ms' "$(ratio many-100 many-one-100)" 1.5
}

# refused: the connections that the NASes' sshds did not take, because too many were at their login
refused() { cat "$NAS_HOME"/n?/log/sshd | grep -c 'MaxStartups'; }

# of_fleet FILE: the containers of all 64; the most memory that the command held goes into FILE (KiB)
of_fleet() {
  local lines
  lines=$(QNAP_DOCKER_HOME=$work/fleet "$tools/peak" "$1" "$program" --profile '*' ps -aq | wc -l)
  [ "$lines" = $((64 * 21)) ] || { echo "$lines containers instead of $((64 * 21))" >&2 && return 1; }
}

# 8 ports of each of the 8 sshds, which let 10 connections be at their login and turn some of the further ones away.
bench_fleet() {
  local n port before agent held before_refused
  engines
  home "$work/fleet"
  for n in 1 2 3 4 5 6 7 8; do
    use n$n
    for port in $NAS_PORTS; do profile_of "$work/fleet" "n$n-$port" "$port"; done
  done
  before=$(agents) before_refused=$(refused)
  time_of fleet-cold of_fleet "$work/cold.peak"
  warm time_of fleet-first of_fleet "$work/first.peak"
  for _ in $(seq "$rounds"); do warm time_of fleet-warm of_fleet "$work/warm.peak"; done
  held=$(<"$work/first.peak")
  for agent in $(agents); do
    [[ " ${before//$'\n'/ } " == *" $agent "* ]] || held=$((held + $(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$agent/status")))
  done
  echo 'ps of 64 NASes, 8 engines with 8 ports each (ms)'
  row fleet-cold "qnap-docker ps --profile '*', cold"
  row fleet-first "qnap-docker ps --profile '*', the agent starts and connects"
  row fleet-warm "qnap-docker ps --profile '*', agent up"
  goal 'memory of the first command and the agent, MiB' $((held / 1024)) 200
  goal 'memory of the command without an agent, MiB' $(($(<"$work/cold.peak") / 1024)) 200
  goal 'connections that sshd refused (MaxStartups)' $(($(refused) - before_refused)) 0
}
