#!/bin/bash
# Command lines that are wrong, files that cannot be read, outputs that cannot be written.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use nas1
write_profile here "host=unix://$NAS_SOCKET"

# refused CODE ARGUMENTS...
refused() {
  it "${*:2}"
  LIMIT=30 qd "${@:2}"
  expect_refusal "$1"
}

refused 2 frobnicate
refused 2 profile frobnicate
refused 3 help frobnicate
refused 2 completion tcsh
refused 2 --frobnicate ps
refused 2 --timeout soon ps
refused 2 --timeout -3s ps
refused 2 --parallel 0 ps
refused 2 --parallel many ps
refused 125 ps --frobnicate
refused 125 ps -Z
refused 125 ps --last many
refused 125 ps --format
refused 1 ps --filter frob=1
refused 125 ps --sort beauty
refused 125 ps --watch=soon
refused 1 ps extra words
refused 1 inspect
refused 125 inspect --frobnicate x
refused 1 logs
refused 1 exec
refused 1 exec x
refused 1 run
refused 1 rm
refused 1 pull
refused 125 stop --time soon x

for format in '{{' '{{.Names' '{{end}}' '{{range}}' '{{.Nope}}' '{{frob .ID}}' '{{printf}}' '{{index .Names 7}}' '{{template "x"}}' '{{"'; do
  it "ps --format '$format'"
  engine inspect "t$ID" >/dev/null 2>&1 || engine run -d --name "t$ID" busybox sleep 1000 >/dev/null
  LIMIT=30 qd ps --format "$format"
  expect "an error expected, not $code" [ "$code" != 0 ] && expect_refusal "$code"
done

refused 125 run --memory lots busybox
refused 125 run --memory -5m busybox
refused 125 run --memory 1x busybox
refused 125 run --cpus half busybox
refused 125 run --cpus -1 busybox
refused 125 run --swap 1g busybox
refused 125 run --memory 64m --memory-swap 128m --swap 1g busybox
refused 125 run -p 99999:80 busybox
refused 125 run -p http busybox
refused 125 run -p 80:80:80:80 busybox
refused 125 run -p 10-5:80 busybox
refused 125 run -p 80:80/carrier-pigeon busybox
refused 125 run -v /a:/b:/c:/d:/e busybox
refused 125 run -v /a:relative busybox
refused 125 run -v /a:/b:sideways busybox
refused 125 run --mount nonsense busybox
refused 125 run --mount type=frob,target=/x busybox
refused 125 run --mount type=bind,source=/x busybox
refused 125 run --tmpfs relative busybox
refused 125 run -e =x busybox
refused 125 run --env-file "$WORK/absent" busybox
refused 125 run --env-file "$WORK" busybox
printf 'A B=c\n' >"$WORK/blank.env"
refused 125 run --env-file "$WORK/blank.env" busybox
printf 'A=\377\n' >"$WORK/binary.env"
refused 125 run --env-file "$WORK/binary.env" busybox
printf '=value\n' >"$WORK/nameless.env"
refused 125 run --env-file "$WORK/nameless.env" busybox
refused 125 run --label-file "$WORK/absent" busybox
refused 125 run --restart perhaps busybox
refused 125 run --restart on-failure:x busybox
refused 125 run --restart always --rm busybox
refused 1 run -d -a stdout busybox
refused 125 run -a sideways busybox
refused 125 run --pull sometimes busybox
refused 125 run --ulimit nofile busybox
refused 125 run --ulimit frob=1 busybox
refused 125 run --device : busybox
refused 125 run --add-host nonsense busybox
refused 125 run --add-host a:not-an-ip busybox
refused 125 run --dns not-an-ip busybox
refused 125 run --health-interval fast busybox
refused 125 run --health-interval -1s busybox
refused 125 run --no-healthcheck --health-cmd true busybox
refused 125 run --shm-size big busybox
refused 125 run --platform a/b/c/d busybox
refused 125 run --name 'a/b' busybox
refused 125 run --name '' --cidfile "$WORK" busybox
refused 125 run --log-driver none --log-opt a=b busybox
refused 125 run --security-opt nonsense busybox
refused 125 run --security-opt "seccomp=$WORK/absent" busybox
refused 125 run --cap-add FLY busybox
refused 125 run --network "container:absent$ID" busybox
refused 125 run --stop-signal SIGFROB busybox
refused 125 run 'UPPER CASE'
refused 125 run ''
refused 125 run "busybox:$(head -c 200 /dev/zero | tr '\0' x)"

refused 3 inspect "absent$ID"
refused 1 inspect --type frob x
refused 3 logs "absent$ID"
refused 1 exec "absent$ID" true
refused 2 logs --since tomorrowish "t$ID"
refused 2 logs --grep '[' "t$ID"
refused 2 pull 'UPPER CASE'
refused 2 pull ''
refused 3 rm "$(printf 'a\nb')"
refused 3 rm ../../etc
refused 3 rm '..%2f..'
refused 1 rm ''
refused 3 inspect ../../etc
refused 3 inspect ''
refused 3 inspect --type image ../containers/json
refused 3 inspect --type volume ../info
refused 3 logs ''

# --- outputs ---------------------------------------------------------------------------------------------------

it 'stdout is a full disk'
# shellcheck disable=SC2016
run sh -c '"$0" version >/dev/full' "$QD_PROGRAM"
expect_refusal 1
run sh -c '"$0" ps -a >/dev/full' "$QD_PROGRAM"
expect_refusal 1
it 'stdout is closed'
run sh -c '"$0" ps -a >&-' "$QD_PROGRAM"
expect "no success, and no crash: $code" [ "$code" = 1 ]
expect_no_err traceback
it 'stdin, stdout and stderr are closed'
run sh -c '"$0" ps -a <&- >&- 2>&-' "$QD_PROGRAM"
expect "no crash: $code" [ "$code" -le 10 ]
it 'a reader that has gone is no error to speak of'
# shellcheck disable=SC2016
run bash -c '"$0" help | true; exit ${PIPESTATUS[0]}' "$QD_PROGRAM"
expect_code 0 141 1
expect_no_err traceback
it 'logs to a reader that has gone: ends'
engine run --name "long$ID" busybox sh -c 'seq 200000' >/dev/null
# shellcheck disable=SC2016
LIMIT=30 run bash -c '"$0" logs "$1" | head -n 1; exit ${PIPESTATUS[0]}' "$QD_PROGRAM" "long$ID"
expect_code 141
expect_no_err traceback
it '--debug-file that cannot be written'
qd --debug-file /absent/directory/log ps
expect_refusal 2

it 'errors as JSON: one object'
qd ps --json --filter frob=1
expect_code 1
expect "a JSON object" grep -q '^{"error":{.*"exit":1.*}}$' "$WORK/err"
