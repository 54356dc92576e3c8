#!/bin/bash
# top: processes of one container as docker lists them, of all running ones; sorting, and a ps that knows fewer options.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
write_profile other "host=unix://$NAS_SOCKET"
engine run -d --name "t1$ID" busybox sh -c 'sleep 1000 & while :; do :; done' >/dev/null
engine run -d --name "t2$ID" busybox sleep 2000 >/dev/null
engine create --name "off$ID" busybox true >/dev/null

it "one container, byte for byte"
for words in "t2$ID" "t2$ID -o pid,comm" "t2$ID -eo user,pid,args" "t2$ID -o pid,ppid,args"; do
  for _ in {1..25}; do # its share of the processor goes on while we look
    # shellcheck disable=SC2086
    theirs=$(engine top $words) && qd top $words
    [ "$out" != "$theirs" ] || break
  done
  expect_code 0 && expect_exact "$theirs"
done
qd container top "t2$ID"
expect_code 0 && expect_out 'sleep 2000'
qd top --ps-args '-o pid,comm' "t2$ID"
expect_exact "$(engine top "t2$ID" -o pid,comm)"

it "what docker refuses is refused"
qd top "t2$ID" -o comm
expect_code 1 && expect_err 'PID'
qd top "t2$ID" --no-such-option
expect_refusal 1 ps_options
qd top "absent$ID"
expect_code 3 && expect_err no_such_container
qd top "off$ID"
expect_code 6 && expect_err not_running

it "without a container: all running ones, by name"
qd top
expect_code 0 && expect_out "── t1$ID ──" && expect_out "── t2$ID ──" && expect_no_out "off$ID" && expect_out '%CPU' && expect_out ELAPSED

it "--sort puts the busiest first"
wait_for sh -c "docker -H 'unix://$NAS_SOCKET' top 't1$ID' -eo pid,pcpu | awk 'NR > 1 && \$2 > 1 { found = 1 } END { exit !found }'"
qd top --sort cpu "t1$ID"
expect_code 0
expect "the loop should be first" [ "$(sed -n 2p "$WORK/out" | grep -c 'while')" = 1 ]
qd top --sort size "t1$ID"
expect_error 125 bad_flag_value

it "--json, and several NASes"
qd top --json "t2$ID"
expect_code 0 && expect_out "\"container\":\"t2$ID\"" && expect_out '"cmd":"sleep 2000"'
qd top --profile '*' "t2$ID"
expect_code 0 && expect_out "── nas1/t2$ID ──" && expect_out "── other/t2$ID ──"

it "--watch shows it again until it is interrupted"
on_tty 80x24 top --watch=0.2 "t2$ID" <<'END'
expect sleep 2000
expect sleep 2000
send \x03
END
expect_code 130 && expect_restored

it "a narrow terminal still shows what runs"
on_tty 40x20 top "t2$ID" </dev/null
expect_code 0 && expect_out PID && expect_out 'sleep 2000'

it "a ps that knows no such options: the next ones are tried"
refusal='{"message":"ps: invalid option -- '"'e'"'"}'
answer='{"Titles":["PID","USER","COMMAND"],"Processes":[["12","admin","sleep 3"]]}'
reply() { printf 'HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$2" ${#3} "$3" >"$WORK/$1"; }
reply no '500 Internal Server Error' "$refusal"
reply yes '200 OK' "$answer"
peer unix 'ps_args=w' "$WORK/yes" keep /top "$WORK/no" keep
write_profile busybox "host=unix://$peer_socket"
qd top --profile busybox web
expect_code 0 && expect_out 'PID                 USER                COMMAND' && expect_out 'sleep 3'
