# shellcheck shell=bash disable=SC2016
# Sourced behind lib.sh by tests of moves: two NASes of their own, $A (the source) and $B, and a watcher of what runs on both.
nas_up mga && A=mga$ID
"$nas" image "$A"
profile "$A"
# shellcheck disable=SC2034
nas_up mgb && B=mgb$ID
profile "$B"
on() { docker -H "unix://$NAS_HOME/$1/run/docker.sock" "${@:2}" </dev/null; }
running() { [ "$(on "$1" inspect -f '{{.State.Running}}' "$2" 2>/dev/null)" = true ]; }
policy() { on "$1" inspect -f '{{.HostConfig.RestartPolicy.Name}}' "$2"; }
has() { on "$1" "$2" inspect "$3" >/dev/null 2>&1; }
# in_nas NAS COMMAND [WORD]...: a command there; its words stay what they are.
in_nas() { "$nas" sh "$1" "$(printf '%q ' "${@:2}")"; }

trap 'touch "$WORK/unwatch"; exit 130' INT TERM
# watch NAME: notes in $WORK/both whenever the container runs on both at the same moment.
watch() {
  local name=$1
  rm -f "$WORK/both" "$WORK/unwatch"
  while [ -d "$WORK" ] && [ ! -e "$WORK/unwatch" ]; do
    a1=$(on "$A" inspect -f '{{.State.Running}} {{.State.StartedAt}}' "$name" 2>/dev/null)
    b=$(on "$B" inspect -f '{{.State.Running}}' "$name" 2>/dev/null)
    a2=$(on "$A" inspect -f '{{.State.Running}} {{.State.StartedAt}}' "$name" 2>/dev/null)
    [ "$b" != true ] || [[ $a1 != "true "* ]] || [ "$a1" != "$a2" ] || echo both >>"$WORK/both"
    sleep 0.02
  done &
  watcher=$!
}
unwatch() {
  touch "$WORK/unwatch"
  wait "$watcher" 2>/dev/null
}
never_both() { [ ! -e "$WORK/both" ]; }

# tree NAS VOLUME: every entry with kind, mode, owner, time and content.
tree() {
  local at
  at=$(on "$1" volume inspect -f '{{.Mountpoint}}' "$2") || return
  tree_at "$1" "$at"
}
tree_at() {
  in_nas "$1" sh -c 'cd "$1" && find . -printf "%y %m %U %G %n %T@ %p %l\n" | sort -k7 && find . -type f -print0 | sort -z | xargs -0 sha256sum' sh "$2"
}

# seed: a container "web" on $A that writes all the while, with a volume of awkward content, a folder, a network, a port.
seed() {
  on "$A" network create --subnet 10.99.0.0/24 net >/dev/null
  on "$A" run -d --name web --network net --ip 10.99.0.9 --network-alias www -p 18080:80 -l role=x --restart unless-stopped \
    -v data:/data -v /share/Container/web:/conf --health-cmd true --health-interval 1s -e DB_PASSWORD=geheim -e PLAIN=p --memory 64m busybox \
    sh -c 'trap "exit 0" TERM; n=0; while :; do echo $((n += 1)) >>/data/log; sleep 0.05 & wait; done' >/dev/null
  on "$A" exec web sh -c 'umask 027; mkdir -p /data/d/empty /data/d/e; i=0; while [ $((i += 1)) -le 60 ]; do echo $i >/data/d/e/$i; done
    ln /data/d/e/1 /data/d/hard; ln -s nowhere /data/d/soft; echo x >"/data/d/a b
c"; chown 12:34 /data/d/e/2; chmod 4755 /data/d/e/3; touch -d 2001-02-03 /data/d/e/4; dd if=/dev/zero of=/data/big bs=1k count=500 2>/dev/null
    echo setting >/conf/web.conf; mkdir /conf/sub'
}
# unseed: all of it goes, on both.
unseed() {
  local n
  for n in "$A" "$B"; do
    # shellcheck disable=SC2046
    on "$n" rm -f $(on "$n" ps -aq) >/dev/null 2>&1
    # shellcheck disable=SC2046
    on "$n" volume rm -f $(on "$n" volume ls -q) >/dev/null 2>&1
    on "$n" network prune -f >/dev/null
    in_nas "$n" sh -c 'rm -rf /share/Container/web /share/Container/.web.qnap-docker /share/Container/.qnap-docker'
  done
}
# rest NAS: what is there of moves; empty NAS: nothing is.
rest() {
  on "$1" ps -a --format 'container {{.Names}}'
  on "$1" volume ls --format 'volume {{.Name}}'
  on "$1" network ls -f type=custom --format 'network {{.Name}}'
  in_nas "$1" sh -c 'ls -d /share/Container/web /share/Container/.*.qnap-docker /share/Container/.qnap-docker/*/* 2>/dev/null'
}
empty() { [ -z "$(rest "$1")" ]; }
# as_before: the source runs, as it was.
as_before() { running "$A" web && [ "$(policy "$A" web)" = unless-stopped ]; }
# no_helpers: no container that a copy worked through is left.
no_helpers() { [ -z "$(on "$A" ps -aq -f label=qnap-docker.helper)$(on "$B" ps -aq -f label=qnap-docker.helper)" ]; }
