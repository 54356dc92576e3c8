# shellcheck shell=bash
# Sourced by bench: what docker's own programs do on the same engine, in the same run, each in turn. The goals leave 10 %
# for the machine's moods.

# against WORDS OURS PEER LIMIT: the ratio of two contestants
against() { goal "$1" "$(ratio "$2" "$3")" "$4"; }

# stats of the 20 containers that run
bench_stats() {
  for _ in $(seq "$rounds"); do
    time_of stats-ours-here "$program" --profile here stats --no-stream
    time_of stats-docker-here here_docker stats --no-stream
    time_of stats-ours-ssh ours 0 stats --no-stream
    time_of stats-docker-ssh ssh bench0 docker stats --no-stream
  done
  printf 'stats --no-stream of 20 containers (ms)\n'
  row stats-ours-here 'qnap-docker stats, local socket'
  row stats-docker-here 'docker stats, local socket'
  row stats-ours-ssh 'qnap-docker stats, SSH, cold'
  row stats-docker-ssh 'ssh nas docker stats, cold'
  against 'qnap-docker stats : docker stats, local socket' stats-ours-here stats-docker-here 0.11
  against 'qnap-docker stats : ssh nas docker stats' stats-ours-ssh stats-docker-ssh 0.11
}

# logs of 200,000 lines, 74 bytes each
bench_logs() {
  local rtt line='2026-01-01 12:00:00 INFO this is a line of a log such as services write'
  here_docker run -d --name lines busybox sh -c "yes '$line' | head -n 200000" >/dev/null && here_docker wait lines >/dev/null || exit 1
  for rtt in 0 20; do
    for _ in $(seq "$rounds"); do
      time_of "logs-ours-$rtt" ours $rtt logs lines
      time_of "logs-ssh-$rtt" ssh "bench$rtt" docker logs lines
    done
    printf 'logs of 200,000 lines, %s ms away (ms)\n' $rtt
    row logs-ours-$rtt 'qnap-docker logs, cold'
    row logs-ssh-$rtt 'ssh nas docker logs, cold'
    against 'qnap-docker logs : ssh nas docker logs' logs-ours-$rtt logs-ssh-$rtt 1.1
    echo
  done
  here_docker rm lines >/dev/null
}

# lists and inspect of 500 on the local socket
bench_listings() {
  local names case words
  "$program" __script "$here/fill.lua" here 500 || exit 1
  mapfile -t names < <(seq -f 'b%g' 500)
  for _ in $(seq "$rounds"); do
    time_of ps-ours "$program" --profile here ps -a
    time_of ps-docker here_docker ps -a
    time_of images-ours "$program" --profile here images
    time_of images-docker here_docker images
    time_of inspect-ours "$program" --profile here inspect "${names[@]}"
    time_of inspect-docker here_docker inspect "${names[@]}"
  done
  printf '500 containers and 500 images, local socket (ms)\n'
  for case in ps:'ps -a' images:images inspect:'inspect b1 … b500'; do
    words=${case#*:} case=${case%%:*}
    row "$case-ours" "qnap-docker $words"
    row "$case-docker" "docker $words"
    against "qnap-docker $words : docker's" "$case-ours" "$case-docker" 1.1
  done
}

bench_docker() {
  links
  bench_stats
  echo
  bench_logs
  bench_listings
}
