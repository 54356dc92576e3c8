#!/bin/bash
# Completion of what is on a NAS: quick, silent, and without a question.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1 group=office
engine run -d --name "run$ID" busybox sleep 1000 >/dev/null
engine create --name "made$ID" busybox >/dev/null
engine volume create "vol$ID" >/dev/null
engine network create "net$ID" >/dev/null
engine tag busybox "img$ID:1"

# offers WORD NOT ARGUMENTS: these words are completed to WORD, and not to NOT. An engine that lags offers nothing: asked again.
offers() {
  for _ in $(seq 20); do
    qd __complete -- "${@:3}"
    [[ $out != *"$1"* ]] || break
  done
  expect_code 0 && expect_out "$1" && expect "nothing on stderr" [ -z "$err" ]
  [ -z "$2" ] || expect_no_out "$2"
}

it "containers, by what the command can do with them"
offers "run$ID" "made$ID" stop ''
offers "made$ID" "run$ID" start ''
offers "made$ID	busybox (created)" '' rm ''
offers "made$ID" "run$ID" rm "run$ID" ''
offers "run$ID:" '' cp "run"
offers '' "run$ID" cp ./

it "images, volumes, networks, and anything"
offers "img$ID:1" '' rmi 'img'
offers "vol$ID	local" '' volume inspect ''
offers "net$ID	bridge" '' network rm 'net'
offers "img$ID:1" '' inspect 'img'
offers "made$ID" '' inspect 'made'
offers 'nas1,group:office' '' ps --profile nas1,

it "an unknown profile and one that is down offer nothing"
qd __complete -- --profile nowhere stop ''
expect_code 0 && expect_no_out "run$ID"
write_profile dead "host=$NAS_GATEWAY" port=9 user=admin identity_agent=none
qd __complete -- stop --profile dead ''
expect_code 0 && expect_no_out "run$ID"
engine rmi "img$ID:1" >/dev/null
