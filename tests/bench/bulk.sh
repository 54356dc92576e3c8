# shellcheck shell=bash disable=SC2154
# Sourced by bench: a large file through the agent's connection, and what becomes of ps meanwhile. The peer is ssh nas cat.

# Megabytes: 1 GB, and where a connection takes 20 MB a second, less.
declare -A bulk_size=([0]=1024 [100]=256)

bulk_get() { ours "$1" cp "bulk$1:/data/bulk$1" -; }

# A file on the volume of each NAS; the engine, which is that of bench0, has both.
bulk_files() {
  local rtt
  for rtt in 0 100; do
    use bench$rtt
    "$nas" sh bench$rtt "head -c ${bulk_size[$rtt]}M /dev/urandom >$NAS_VOLUME/bulk" || exit 1
    [ $rtt = 0 ] || "$nas" sh bench0 "head -c ${bulk_size[$rtt]}M /dev/urandom >$NAS_VOLUME/bulk$rtt" || exit 1
    "$nas" sh bench0 "[ -e $NAS_VOLUME/bulk$rtt ] || ln $NAS_VOLUME/bulk $NAS_VOLUME/bulk$rtt"
    here_docker create --name bulk$rtt -v "$NAS_VOLUME:/data:ro" busybox >/dev/null || exit 1
  done
}

# meanwhile RTT: ps again and again until the transfer ends
meanwhile() {
  local rtt=$1 transfer
  warm bulk_get "$rtt" >/dev/null &
  transfer=$!
  sleep 1
  while kill -0 $transfer 2>/dev/null; do
    warm time_of "bulk-ps-$rtt" ours "$rtt" ps
    sleep 0.1
  done
  wait $transfer || { echo 'bench: the transfer failed' >&2 && exit 1; }
}

# bulk_row CASE WORDS: with the MB per second
bulk_row() {
  [ ! -e "$work/times/$1" ] || row "$1" "$2, $(awk -v t="$(median "$1")" -v size="${bulk_size[${1##*-}]}" 'BEGIN { printf "%.0f", size * 1.048576e6 / t }') MB/s"
}

bench_bulk() {
  local rtt
  links
  bulk_files
  for rtt in 0 100; do
    warm ours $rtt ps >/dev/null || exit 1
    for _ in $(seq "$rounds"); do warm time_of "bulk-idle-$rtt" ours $rtt ps; done
    for _ in $(seq $((rounds / 4 + 1))); do
      warm time_of bulk-ours-$rtt bulk_get $rtt
      warm time_of bulk-cat-$rtt ours $rtt __script "$here/cat.lua" "bench$rtt" "$NAS_VOLUME/bulk"
      [ $peers = 1 ] || continue
      SSH_SHARED=1 time_of bulk-ssh-$rtt ssh bench$rtt cat "$NAS_VOLUME/bulk"
      SSH_SHARED=1 time_of bulk-archive-$rtt ssh bench$rtt curl -s --unix-socket /var/run/docker.sock "'http://nas/containers/bulk$rtt/archive?path=/data/bulk$rtt'"
    done
    meanwhile $rtt
    [ $rtt = 0 ] || echo
    bulk_rows $rtt
  done
  for rtt in 0 100; do here_docker rm bulk$rtt >/dev/null; done
  "$nas" sh bench0 "rm -f $NAS_VOLUME/bulk*"
  "$nas" sh bench100 "rm -f $NAS_VOLUME/bulk"
}

bulk_rows() {
  local rtt=$1 goal=0.9
  [ "$rtt" = 0 ] || goal=1.2
  printf '%s MB through one connection, %s ms away (ms)\n' "${bulk_size[$rtt]}" "$rtt"
  bulk_row bulk-ours-$rtt "qnap-docker cp, agent up"
  bulk_row bulk-archive-$rtt "ssh nas curl, of what cp asks for"
  bulk_row bulk-cat-$rtt "cat on the NAS by a script, agent up"
  bulk_row bulk-ssh-$rtt "ssh nas cat, ControlMaster up"
  if [ $peers = 1 ]; then
    at_least "MB/s, qnap-docker cp : ssh nas curl" "$(ratio "bulk-archive-$rtt" "bulk-ours-$rtt")" $goal
    at_least "MB/s, cat by a script : ssh nas cat" "$(ratio "bulk-ssh-$rtt" "bulk-cat-$rtt")" $goal
    at_least "MB/s, qnap-docker cp : ssh nas cat" "$(ratio "bulk-ssh-$rtt" "bulk-ours-$rtt")" $goal
  fi
  row "bulk-idle-$rtt" 'qnap-docker ps, nothing else going on'
  row "bulk-ps-$rtt" 'qnap-docker ps, during the transfer'
  goal 'ps during the transfer : ps' "$(ratio "bulk-ps-$rtt" "bulk-idle-$rtt")" 5
}
