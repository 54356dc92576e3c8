# shellcheck shell=bash
# What the tests of updates share; sourced behind lib.sh with a NAS of its own in use: an image with a server, a proxy and a load
# (tests/support/programs), a network, and a service behind the proxy under load.

# rolling_image: image `rolling` = busybox with those three.
rolling_image() {
  local dir=$WORK/rolling
  mkdir -p "$dir" && cp "$programs"/{answer,balance,load} "$dir"
  printf 'FROM busybox\nCOPY answer balance load /bin/\n' >"$dir/Dockerfile"
  DOCKER_BUILDKIT=0 engine build -q -t rolling "$dir" >/dev/null 2>&1 && engine network create shared >/dev/null
}

# load_on: the proxy of `web`, and requests to it from now on. load_off: ends them; what they came to is in $load.
load_on() {
  local address
  engine run -d --name proxy --network shared rolling balance 8080 web:8000 >/dev/null
  address=$(engine inspect -f '{{.NetworkSettings.Networks.shared.IPAddress}}' proxy)
  engine exec proxy sh -c 'for i in $(seq 50); do wget -qO- "http://$1:8080/" && exit; sleep 0.1; done' sh "$address" >/dev/null 2>&1
  engine run -d --name load --network shared rolling load "$address:8080" "${RATE:-130}" 240 >/dev/null
}
load_off() {
  engine kill -s TERM load >/dev/null
  engine wait load >/dev/null
  load="$(engine logs load 2>&1)
$(engine logs --tail 60 proxy 2>&1)"
  engine rm -f load proxy >/dev/null
}
# unharmed [VERSION...]: no request failed, there were at least 100 a second, and each of these versions answered some.
unharmed() {
  local version
  [[ $load =~ sent\ ([0-9]+)\ ok\ ([0-9]+)\ failed\ ([0-9]+)\ rate\ ([0-9]+) ]] || { fail "the load should say what it did, not: $load" && return 1; }
  expect "no request should fail: $load" [ "${BASH_REMATCH[3]}" = 0 ] && [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ] &&
    expect "there should be 100 requests a second: $load" [ "${BASH_REMATCH[4]}" -ge 100 ] || return 1
  for version; do
    [[ $load == *"version $version "* ]] || { fail "version $version should have answered: $load" && return 1; }
  done
}
