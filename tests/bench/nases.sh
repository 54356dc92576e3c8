# shellcheck shell=bash disable=SC2154
# Sourced by bench: the NASes of the groups, made when the first group needs them, and the ways there.

# home DIRECTORY: a home of our program without profiles
home() {
  mkdir -m 700 "$1" && echo 'profiles:' >"$1/profiles.yaml" && chmod 600 "$1/profiles.yaml"
}
# profile_of HOME PROFILE [PORT]: a profile for the NAS in use (nas env)
profile_of() {
  printf '  %s: {host: %s, port: %s, user: %s, ssh_key_path: %s, known_hosts: [%s], identity_agent: none}\n' \
    "$2" "$NAS_HOST" "${3:-22}" "$NAS_USER" "$NAS_KEY" "$NAS_KNOWN_HOSTS" >>"$1/profiles.yaml"
}
use() { eval "$("$nas" env "$1")"; }

# ssh_host NAME: the NAS in use is NAME for ssh and for docker -H ssh://, of which docker takes the first ssh of the PATH. It calls
# "docker" there, which QTS has out of the PATH. SSH_SHARED chooses the way with a ControlMaster.
ssh_host() {
  "$nas" sh "$1" "ln -s $NAS_VOLUME/.qpkg/container-station/usr/bin/.libs/docker /usr/bin/docker"
  [ -e "$work/bin/ssh" ] || {
    printf 'Host *\n  IdentitiesOnly yes\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n' >"$work/config"
    printf 'Host *\n  ControlPath %s/cm-%%n\nInclude %s/config\n' "$work" "$work" >"$work/config.cm"
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nexec %s -F "%s/config${SSH_SHARED:+.cm}" "$@"\n' "$(command -v ssh)" "$work" >"$work/bin/ssh"
    chmod 755 "$work/bin/ssh"
    PATH=$work/bin:$PATH
  }
  printf 'Host %s\n  HostName %s\n  User %s\n  IdentityFile %s\n  UserKnownHostsFile %s\n' \
    "$1" "$NAS_HOST" "$NAS_USER" "$NAS_KEY" "$NAS_KNOWN_HOSTS" >>"$work/config"
}
# master NAME: its ControlMaster is up
master() { [ -S "$work/cm-$1" ] || SSH_SHARED=1 ssh -M -N -f "$1" || exit 1; }

# links: bench0, bench20 and bench100 are one engine with the containers c1 … c20, at the distances that their names say.
links() {
  local rtt n
  [ ! -d "$work/home" ] || return 0
  "$nas" check || exit 1
  "$nas" up bench0 --max-sessions 100 >/dev/null && "$nas" up bench20 --rtt 20ms --share-engine bench0 >/dev/null &&
    "$nas" up bench100 --rtt 100ms --share-engine bench0 >/dev/null && "$nas" image bench0 && home "$work/home" || exit 1
  for rtt in 100 20 0; do
    use bench$rtt
    profile_of "$work/home" bench$rtt
    ssh_host bench$rtt
    [ $peers = 0 ] || master bench$rtt
  done
  printf '  here: {host: "unix://%s"}\ndefault_profile: bench0\n' "$NAS_SOCKET" >>"$work/home/profiles.yaml"
  link_socket=$NAS_SOCKET
  for n in $(seq 20); do here_docker run -d --name "c$n" busybox sleep 100000 >/dev/null || exit 1; done
}
ours() { "$program" --profile "bench$1" "${@:2}"; }
here_docker() { docker -H "unix://$link_socket" "$@"; }

# engines: n1 … n8 with an engine each, and 8 more ports of their sshd; w1 … w8 are the same engines 100 ms away. Each has the containers
# b1 … b21, which never ran.
engines() {
  local n
  [ ! -d "$work/engines" ] || return 0
  "$nas" check && home "$work/engines" || exit 1
  seq 8 | xargs -P 4 -I{} "$nas" up n{} --ports 8 --max-startups 10:30:100 >/dev/null &&
    seq 8 | xargs -P 4 -I{} "$nas" up w{} --rtt 100ms --share-engine n{} >/dev/null || exit 1
  engine_sockets=()
  for n in 1 2 3 4 5 6 7 8; do
    use n$n
    engine_sockets+=("$NAS_SOCKET")
    printf '  n%s: {host: "unix://%s"}\n' $n "$NAS_SOCKET" >>"$work/engines/profiles.yaml"
    "$nas" image n$n && QNAP_DOCKER_HOME=$work/engines "$program" __script "$here/fill.lua" n$n 21 || exit 1
  done
}
