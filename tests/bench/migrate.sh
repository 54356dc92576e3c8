# shellcheck shell=bash disable=SC2154
# Sourced by bench: a compose project moves from one NAS to another, both 20 ms away, with 1 GB in two volumes, 20,000 small files
# among them, that are written to meanwhile. The peer copies the volumes alone, as people do: tar in a container, through ssh.

moved_bytes=$((20000 * 5000 + 4 * 231000000))

# The service answers SIGTERM at once, as one should.
moving_project() {
  cat <<'YAML'
name: move
services:
  app:
    image: busybox
    command: ["sh", "-c", "trap exit TERM; i=0; while :; do i=$$((i + 1)); date >>/files/log; echo $$i >/files/d$$((i % 100))/new; sleep 0.1; done"]
    volumes: ["files:/files", "store:/store"]
volumes: {files: {}, store: {}}
YAML
}

fill_volumes() { # on mova, while the service runs
  local socket
  use mova
  socket=$NAS_SOCKET
  # shellcheck disable=SC2016
  "$nas" sh mova "$(printf 'perl - %s %s' "$(docker -H "unix://$socket" volume inspect -f '{{.Mountpoint}}' move_files move_store | tr '\n' ' ')")" <<'PERL'
my ($files, $store) = @ARGV;
open my $random, '<', '/dev/urandom' or die;
for my $n (0 .. 19999) {
  my $dir = "$files/d" . $n % 100;
  mkdir $dir;
  open my $out, '>', "$dir/f$n" or die;
  read $random, my $bytes, 5000;
  print $out $bytes or die;
}
for my $n (1 .. 4) {
  open my $out, '>', "$store/s$n" or die;
  for (1 .. 231) { read $random, my $bytes, 1000000; print $out $bytes or die }
}
PERL
}

move_compose() {
  QNAP_DOCKER_HOME=$work/move "$program" --profile "$1" --yes compose -f "$work/move.yaml" "${@:2}" >/dev/null 2>"$work/error" || {
    cat "$work/error" >&2
    exit 1
  }
}

# back_again: as before the move. What a project leaves on a NAS that forgot it would be in the next one's way.
back_again() {
  move_compose movb down -v --confirm move
  "$nas" sh movb 'rm -rf /share/Container/.qnap-docker/projects/move'
  move_compose mova start
}

# pumped LOG_DRIVER: the volumes of mova into a new one of movb
pumped() {
  SSH_SHARED=1 ssh mova docker run --rm --log-driver "$1" -v move_files:/v/files -v move_store:/v/store busybox tar c -C /v . |
    SSH_SHARED=1 ssh movb docker run -i --rm -v pumped:/v busybox tar x -C /v
}

# moved: the project goes to movb; what it stood still is noted too
moved() {
  QNAP_DOCKER_HOME=$work/move warm "$program" --yes migrate --project move --from mova --to movb --json >"$work/moved" || return 1
  note move-down "$(sed -n 's/.*"downtime": *\([0-9.]*\).*/\1/p' "$work/moved" | awk '{ print $1 * 1e6 }')"
}

moving_nases() {
  local name
  "$nas" check && home "$work/move" || exit 1
  for name in mova movb; do
    "$nas" up $name --rtt 20ms >/dev/null && "$nas" image $name || exit 1
    use $name
    profile_of "$work/move" $name
    ssh_host $name
    [ $peers = 0 ] || master $name
  done
  movb_socket=$NAS_SOCKET
  moving_project >"$work/move.yaml"
  move_compose mova up -d
  fill_volumes || exit 1
}

bench_migrate() {
  QNAP_DOCKER_HOME=$work "$program" migrate --help >/dev/null 2>&1 || { echo 'migrate: this program has no such command' && return; }
  moving_nases
  for _ in $(seq $((rounds / 9 + 1))); do
    if [ $peers = 1 ]; then
      time_of move-tar pumped json-file
      docker -H "unix://$movb_socket" volume rm pumped >/dev/null
      time_of move-tar-none pumped none
      docker -H "unix://$movb_socket" volume rm pumped >/dev/null
    fi
    time_of move-ours moved
    back_again
  done
  printf 'migrate of a project with %s MB in 20,008 files, 20 ms away (ms)\n' $((moved_bytes / 1000000))
  row move-ours "qnap-docker migrate ($(move_rate move-ours) MB/s)"
  row move-down 'of these, the project stood still'
  goal 'the project stood still, s' "$(awk -v t="$(median move-down)" 'BEGIN { print t / 1e6 }')" 5
  [ $peers = 1 ] || return 0
  row move-tar "ssh A docker run tar | ssh B docker run -i tar ($(move_rate move-tar) MB/s)"
  row move-tar-none "the same, --log-driver none ($(move_rate move-tar-none) MB/s)"
  at_least 'MB/s, qnap-docker migrate : tar' "$(ratio move-tar move-ours)" 1.5
  at_least 'MB/s, qnap-docker migrate : tar, --log-driver none' "$(ratio move-tar-none move-ours)" 1
}
move_rate() { awk -v t="$(median "$1")" -v size=$moved_bytes 'BEGIN { printf "%.1f", size / t }'; }
