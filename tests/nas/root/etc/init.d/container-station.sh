#!/bin/sh
# Starts and stops the engines of the test NAS, as /etc/init.d/container-station.sh of QTS does.
# shellcheck source=/dev/null
. /etc/nas.conf
export PATH=/usr/sbin:/usr/bin:/sbin:/bin container=nas

# engine NAME SOCKET ARGUMENTS: a dockerd with its data on the volume. /etc/docker is private to each: there engines up to
# 20.10 keep the key that their ID is made from.
engine() {
  name=$1 socket=$2
  shift 2
  mkdir -p "/etc/$name"
  # shellcheck disable=SC2016
  unshare --mount --propagation slave sh -c 'mount --bind "/etc/$0" /etc/docker && exec dockerd "$@"' "$name" --config-file "$CS_PATH/etc/docker.json" \
    --data-root "$CONTAINER_SHARE/container-station-data/lib/$name" --exec-root "/run/$name" -p "/run/$name.pid" -H "unix://$socket" \
    --cgroup-parent "$CGROUP_PARENT" "$@" >>"/var/log/nas/$name" 2>&1 &
}

start() {
  [ -z "$SHARE_ENGINE" ] || { ln -sf /run/engine/docker.sock /run/docker.sock && return; }
  engine docker /var/run/docker.sock
  if [ "$TWO_ENGINES" = 1 ]; then
    # QTS's own second engine has a bridge of its own; one set of iptables chains is enough for a test.
    ip link show system0 >/dev/null 2>&1 || { ip link add system0 type bridge && ip addr add 10.0.5.1/24 dev system0 && ip link set system0 up; }
    engine system-docker /var/run/system-docker.sock --bridge system0 --iptables=false
  fi
}

stop() {
  for name in docker system-docker; do
    [ -f "/run/$name.pid" ] || continue
    pid=$(cat "/run/$name.pid")
    kill -"${1:-TERM}" "$pid" 2>/dev/null
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    rm -f "/run/$name.pid"
  done
}

# Waits until every engine answers; QTS's script does not, but a test wants to go on.
wait_ready() {
  for socket in docker $([ "$TWO_ENGINES" = 1 ] && echo system-docker); do
    tries=0
    until "$CS_PATH/bin/docker" -H "unix:///var/run/$socket.sock" version >/dev/null 2>&1; do
      tries=$((tries + 1))
      [ $tries -lt 300 ] || { echo "the engine at /var/run/$socket.sock does not answer" && exit 1; }
      sleep 0.1
    done
  done
}

case $1 in
  start) start && wait_ready ;;
  stop) stop ;;
  restart) stop && start && wait_ready ;;
  kill) stop KILL ;;
  *) echo "usage: $0 start|stop|restart|kill" >&2; exit 2 ;;
esac
