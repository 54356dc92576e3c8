# shellcheck shell=bash disable=SC2154
# Sourced by bench: the program by itself, and commands that connect anew each time.

bench_start() {
  for _ in $(seq 5); do "$program" --version >/dev/null && lua5.4 -e ''; done
  for _ in $(seq $((rounds * 5))); do
    time_of lua lua5.4 -e ''
    time_of version "$program" --version
  done
  echo 'Start-up (ms)'
  row lua "lua5.4 -e ''"
  row version 'qnap-docker --version'
  goal 'qnap-docker --version, in times of (1.5 lua + 5 ms)' "$(awk -v a="$(median version)" -v b="$(median lua)" 'BEGIN { print a / (1.5 * b + 5000) }')" 1
}

# contest ROUNDS RTT: each in turn
contest() {
  local rtt=$2
  for _ in $(seq "$1"); do
    time_of "ours-$rtt" ours "$rtt" ps
    [ $peers = 1 ] || continue
    time_of "docker-$rtt" docker -H "ssh://bench$rtt" ps
    time_of "ssh-$rtt" ssh "bench$rtt" docker ps
    SSH_SHARED=1 time_of "docker-cm-$rtt" docker -H "ssh://bench$rtt" ps
    SSH_SHARED=1 time_of "ssh-cm-$rtt" ssh "bench$rtt" docker ps
  done
}
bench_ps() {
  local rtt
  links
  for rtt in 0 20 100; do
    contest "$([ $rtt = 100 ] && echo $((rounds / 2 + 1)) || echo "$rounds")" $rtt
    [ $rtt = 0 ] || echo
    printf 'ps with 20 containers, %s ms away (ms)\n' $rtt
    row ours-$rtt 'qnap-docker ps, cold'
    row docker-$rtt 'docker -H ssh:// ps, cold'
    row ssh-$rtt 'ssh nas docker ps, cold'
    row docker-cm-$rtt 'docker -H ssh:// ps, ControlMaster up'
    row ssh-cm-$rtt 'ssh nas docker ps, ControlMaster up'
    if [ $peers = 1 ]; then
      goal 'qnap-docker ps : docker -H ssh:// ps, both cold' "$(ratio ours-$rtt docker-$rtt)" "$(case $rtt in 0) echo 0.4 ;; 20) echo 0.5 ;; *) echo 0.7 ;; esac)"
    fi
  done
}

# many calls on one connection: the script measures itself
bench_script() {
  local name microseconds
  links
  for _ in $(seq $((rounds / 2 + 1))); do
    while read -r name microseconds; do note "script-$name" "$microseconds"; done < <(ours 20 __script "$here/inspects.lua" bench20)
    if [ $peers = 1 ]; then
      # shellcheck disable=SC2046
      SSH_SHARED=1 time_of docker-inspect docker -H ssh://bench20 inspect $(seq -f 'c%g' 20)
    fi
  done
  printf '20 x inspect on one connection, 20 ms away (ms)\n'
  row script-sequence 'a script, one after the other'
  row script-together 'a script, task.all'
  row docker-inspect 'docker -H ssh:// inspect c1 … c20, ControlMaster up'
  goal 'one after the other, in round trips of 20 ms' "$(awk -v t="$(median script-sequence)" 'BEGIN { print t / 20000 }')" 26
  goal 'task.all, in round trips of 20 ms' "$(awk -v t="$(median script-together)" 'BEGIN { print t / 20000 }')" 5
}
