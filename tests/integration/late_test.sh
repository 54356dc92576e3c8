#!/bin/bash
# One of several NASes whose link is dead: the others are shown, it is told, and what goes on takes it in when it answers.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up late --share-engine nas1
late=late$ID
profile nas1
profile "$late"
use nas1
engine run -d --name "c$ID" -l "com.docker.compose.project=p$ID" -l com.docker.compose.service=c busybox sh -c 'echo hello; exec sleep 1000' >/dev/null
engine volume create "v$ID" >/dev/null

# quick ARGUMENTS: with a limit of two seconds for each NAS.
quick() { qd --profile '*' --timeout 2 "$@"; }
it "without an answer a NAS is told, and the others' rows are shown"
"$nas" drop "$late"
while read -r words; do
  # shellcheck disable=SC2086
  quick $words
  { expect_code 7 && expect_out nas1 && expect_no_out "$late" && expect_err "error: $late: "; } || break
  expect "one error" [ "$(grep -c '^error: ' "$WORK/err")" = 1 ]
done <<END
ps
images
system df
volume ls
network ls
health
compose ls -a
version
info
stats --no-stream
events --since 10m --until 0s --filter container=c$ID
logs c$ID
END

it "profile list asks nobody, and --check does not wait for the dead one"
qd profile list --format '{{.Name}} {{.State}}'
expect_code 0 && expect_out "$late "
qd profile list --check --timeout 2 --format '{{.Name}} {{.State}}'
expect_code 8 && expect_out "nas1 ok" && expect_out "$late timeout"

it "without --timeout it is the login and the first answer that have a limit"
qd --profile '*' ps -q --filter "name=c$ID"
expect_code 7 && expect_err "error: $late: admin@" && expect_err 'code: timeout'
expect "the other's row" [ "$(wc -l <"$WORK/out")" = 1 ]
"$nas" heal "$late"
qd --profile '*' ps -q --filter "name=c$ID"
expect_code 0 && expect "both" [ "$(wc -l <"$WORK/out")" = 2 ]

it "a NAS whose link dies behind the login is told, too"
QNAP_DOCKER_AGENT='' qd --profile '*' ps -q # a connection that is kept
"$nas" drop "$late"
QNAP_DOCKER_AGENT='' qd --profile '*' ps -q --filter "name=c$ID"
expect_code 7 && expect_err "error: $late: " && expect "the other's row" [ "$(wc -l <"$WORK/out")" = 1 ]
QNAP_DOCKER_AGENT='' qd agent stop

# Three commands that go on, begun while the NAS is dead: each shows the other one and tells of the dead one; healed, it is taken in.
# begin NAME ARGUMENTS
begin() {
  "$QD_PROGRAM" --profile '*' "${@:2}" >"$WORK/$1.out" 2>"$WORK/$1.err" </dev/null &
  pids+=($!)
}
pids=()
begin events events --since 10m --filter "container=c$ID"
begin stats stats --json=profile,name,pids --interval 0.5s "c$ID"
begin logs logs -f "c$ID"
told() { grep -q "$late.*did not answer in time\|did not answer in time.*$late" "$WORK/$1.err"; }
shown() { grep -q "$1.*$2\|$2.*$1" "$WORK/$3.out"; }
all_told() { told events && told stats && told logs; }
wait_for all_told || wait_for all_told
before=$(cat "$WORK"/{events,stats,logs}.out)
"$nas" heal "$late"
# something must happen to be seen
taken_in() { engine exec "c$ID" true && shown "$late" exec_create events && shown "$late" pids stats && shown "$late" hello logs; }
wait_for taken_in || wait_for taken_in
kill "${pids[@]}" && wait "${pids[@]}" 2>/dev/null
# went NAME WORD: what the test of one of them expects.
went() {
  out=$(<"$WORK/$1.out") err=$(<"$WORK/$1.err")
  expect "told" told "$1" && expect "nas1 is shown" shown nas1 "$2" "$1" && expect "the late one is shown" shown "$late" "$2" "$1" &&
    expect_err "$late answers now"
}
it "what goes on shows the others while one is dead" && expect "none of the dead one" [ -z "$(grep "$late" <<<"$before")" ]
expect "lines of the other" [ "$(grep -c nas1 <<<"$before")" -ge 3 ]
it "events takes the late one in" && went events exec_create
it "stats takes the late one in" && went stats pids
it "logs -f takes the late one in, and shows what was written meanwhile" && went logs hello

it "more NASes than are asked at once are followed"
for n in 1 2 3; do
  write_profile "n$n" "host=unix://$NAS_SOCKET"
done
: >"$WORK/out"
"$QD_PROGRAM" --profile 'n*' --parallel 2 events --filter "container=c$ID" >"$WORK/out" 2>&1 </dev/null &
all_shown() { engine exec "c$ID" true && for n in nas1 n1 n2 n3; do grep -q "^$n " "$WORK/out" || return; done; }
wait_for all_shown
code=$? out=$(<"$WORK/out")
kill $! && wait $! 2>/dev/null
expect_code 0
