#!/bin/bash
# Several NASes at once: two that are up, and one whose port is closed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up b
other=b$ID
profile nas1
profile "$other"
write_profile dead "host=$NAS_GATEWAY" port=9 user=admin "ssh_key_path=$NAS_KEY" identity_agent=none
"$nas" image "$other" >/dev/null || exit 1

# each ARGUMENTS: the docker client on either NAS, past our program.
each() {
  local one
  for one in nas1 "$other"; do use "$one" && engine "$@" || return; done
}
# what there is of ours on both
state() {
  each ps -a --filter "name=$ID" --format '{{.Names}} {{.State}}'
  each volume ls -q --filter "name=$ID"
  each network ls --filter "name=$ID" --format '{{.Name}}'
  each images --format '{{.Repository}}' "many$ID*"
}
# expect_dead: the one that is down is told once, by its name, and nothing else failed.
expect_dead() {
  expect_code 7 && expect_err 'error: dead: ' && expect_no_err traceback || return
  expect "one error" [ "$(grep -c '^error: ' "$WORK/err")" = 1 ]
}
# expect_json_dead: the same of --json.
expect_json_dead() {
  expect_code 7 && expect_err '"profile":"dead"' && expect_err '"code":"refused"' || return
  expect "one error" [ "$(grep -c '^{"error":' "$WORK/err")" = 1 ]
}
expect_both() { expect_out "${1/@/nas1}" && expect_out "${1/@/$other}"; }

each run -d --name "c$ID" -p 127.0.0.1::80 busybox sh -c 'echo hello; touch /added; exec sleep 1000' >/dev/null
each volume create "v$ID" >/dev/null
each network create "n$ID" >/dev/null
use nas1
engine run -d --name "one$ID" busybox sh -c 'echo single; exec sleep 1000' >/dev/null
engine volume create "one$ID" >/dev/null
sleep 0.5

# read EXPECTED ARGUMENTS: what is asked of several NASes; @ in EXPECTED stands for each one's name.
read_all() {
  it "${*:2}"
  qd --profile '*' "${@:2}"
  expect_dead && expect_both "$1"
  it "${*:2} --json"
  qd --profile '*' "$2" --json "${@:3}"
  expect_json_dead && expect_both '"profile":"@"'
}
read_all '@ ' ps
read_all '@ ' images
read_all '"profile": "@"' inspect "c$ID"
read_all "@/c$ID " logs "c$ID"
read_all '@ ' stats --no-stream "c$ID"
read_all "── @/c$ID ──" top "c$ID"
read_all '@: 80/tcp -> 127.0.0.1:' port "c$ID"
read_all '@: A /added' diff "c$ID"
read_all '@ ' history busybox
read_all '@ ' health
read_all '@ ' events --since 10m --until 0s --filter "container=c$ID"
read_all 'Context:    @' info
read_all 'Profile:           @' version

# The words of these come before --json.
read_sub() {
  it "${*:2}"
  qd --profile '*' "${@:2}"
  expect_dead && expect_both "$1"
  it "${*:2} --json"
  qd --profile '*' "${@:2}" --json
  expect_json_dead && expect_both '"profile":"@"'
}
read_sub '@ ' volume ls
read_sub '"profile": "@"' volume inspect "v$ID"
read_sub '@ ' network ls
read_sub '"profile": "@"' network inspect "n$ID"
read_sub '@ ' system df
read_sub '@ ' container ls
read_sub '@ ' image ls
read_sub '"profile": "@"' image inspect busybox

it "inspect keeps docker's forms, and the order of the NASes"
qd --profile "$other,nas1" inspect -f '{{.Name}}' "c$ID"
expect_code 0
expect_exact "/c$ID
/c$ID"
qd --profile "$other,nas1" inspect -f json "c$ID"
expect_no_out '"profile"'
qd --profile "$other,nas1" inspect --json=Name,profile "c$ID"
expect_exact "[{\"Name\":\"/c$ID\",\"profile\":\"$other\"},{\"Name\":\"/c$ID\",\"profile\":\"nas1\"}]"

it "what one NAS lacks is told with its name, and the rest is shown"
for words in "logs one$ID" "stats --no-stream one$ID" "inspect -f {{.Name}} one$ID" "volume inspect one$ID" "top one$ID" "diff one$ID"; do
  # shellcheck disable=SC2086
  qd --profile "nas1,$other" $words
  expect_code 7
  expect_err "error: $other: "
  expect_no_err 'nas1: '
  [ "$words" = "diff one$ID" ] || expect "$words shows it" [ -n "$out" ]
done

it "a cause that several share is one error"
qd --profile "nas1,$other" inspect "gone$ID"
expect_code 3
expect_err "error: nas1, $other: no such object: gone$ID"
qd --profile "nas1,$other" port "gone$ID"
expect_code 3
expect_err "error: nas1, $other: cannot inspect container 'gone$ID'
"

it "what goes on until interrupted tells at once which NAS does not answer"
# meanwhile ARGUMENTS: the program until it has told of the dead one and shown both others; what it printed is the result.
meanwhile() {
  : >"$WORK/out" && : >"$WORK/err"
  "$QD_PROGRAM" --profile '*' "$@" >"$WORK/out" 2>"$WORK/err" </dev/null &
  wait_for grep -q "refuses connections" "$WORK/err" "$WORK/out"
  wait_for grep -q nas1 "$WORK/out" && wait_for grep -q "$other" "$WORK/out"
  code=$? out=$(<"$WORK/out") err=$(<"$WORK/err")
  kill $! && wait $! 2>/dev/null
}
meanwhile logs -f "c$ID"
expect_code 0 && expect_err 'error: dead: '
meanwhile events --since 10m --filter "container=c$ID"
expect_code 0 && expect_err 'error: dead: '
meanwhile stats --json --interval 0.2s "c$ID"
expect_code 0 && expect_err '"profile":"dead"'
meanwhile stats --interval 0.2s "c$ID"
expect_code 0 && expect_out 'dead  '
qd --profile 'dea*,dead' stats
expect_error 5 refused

it "a command that works on no NAS takes no profile"
qd jobs --profile '*'
expect_code 2
expect_err 'code: no_target'

it "a write to several asks first, and does nothing without a yes"
before=$(state)
while read -r words; do
  # shellcheck disable=SC2086
  qd --profile '*' $words
  expect_error 9 confirmation_needed || break
done <<END
run -d --name new$ID busybox sleep 1000
create --name new$ID busybox
pull busybox
stop -t 0 c$ID
kill c$ID
pause c$ID
restart -t 0 c$ID
rm -f c$ID
exec c$ID touch /x
update --memory 100m c$ID
tag busybox many$ID
rmi busybox
volume create new$ID
volume rm v$ID
network create new$ID
network rm n$ID
network connect n$ID c$ID
container prune -f
volume prune -f -a
END
[ "$(state)" = "$before" ] || fail "nothing should be written: $(diff <(echo "$before") <(state))"

it "on a terminal they are listed, and y goes on"
on_tty --profile "nas1,$other" pause "c$ID" <<'END'
expect Run 'pause' on 2 NASes? [y/N]
send y\r
END
expect_code 0
expect_out "  nas1 ("
expect "both pause" [ "$(each inspect -f '{{.State.Paused}}' "c$ID" | sort -u)" = true ]

# both ARGUMENTS: with --yes, on all three: the two that are up do it.
both() {
  qd --profile '*' --yes "$@"
  expect_dead
}
it "with --yes it is done on those that are up, and the output names them"
both unpause "c$ID" && expect_both "@/c$ID"
both run -d --name "new$ID" busybox sleep 1000 && expect_both '@/'
both create --name "made$ID" busybox && expect_both '@/'
both update --memory 100m "c$ID" && expect_both "@/c$ID"
both tag busybox "many$ID"
both stop -t 0 "c$ID" && expect_both "@/c$ID"
both start "c$ID" && expect_both "@/c$ID"
both kill "c$ID" && expect_both "@/c$ID"
both rm -f "c$ID" && expect_both "@/c$ID"
both volume create "new$ID" && expect_both "@/new$ID"
both volume rm "v$ID" && expect_both "@/v$ID"
both network create "new$ID" && expect_both '@/'
both network connect "new$ID" "new$ID"
both network rm "n$ID" && expect_both "@/n$ID"
both rmi "many$ID" && expect_out "Untagged: many$ID:latest"
expect "the state of both: $(state)" [ "$(state | sort | uniq -c | sed 's/^ *//')" = "2 made$ID created
4 new$ID
2 new$ID running
1 one$ID
1 one$ID running" ]

it "exec runs on each, under its name"
qd --profile "nas1,$other" --yes exec "new$ID" hostname
expect_code 0
expect_err "── nas1 ──
── $other ──"
expect "two names" [ "$(wc -l <"$WORK/out")" = 2 ]

it "exec ends with the exit code that all share, else with 7"
use nas1
engine exec "new$ID" touch /here
for order in "nas1,$other" "$other,nas1"; do
  qd --profile "$order" --yes exec "new$ID" test -e /here
  expect_code 7
done
qd --profile "nas1,$other" --yes exec "new$ID" sh -c 'exit 3'
expect_code 3

it "a write stops at the first NAS that fails, unless --keep-going"
qd --profile "dead,nas1" --yes volume create "late$ID"
expect_code 7
expect_err 'not begun after the failure: nas1'
qd --profile "nas1,$other" --yes volume rm "one$ID" "new$ID"
expect_code 7
expect_err "error: $other: cannot remove volume 'one$ID'"
qd --profile "$other,nas1" --yes kill "absent$ID"
expect_code 7
expect_err "not begun after the failure: nas1"
expect "nothing of it is there" [ -z "$(each volume ls -q --filter "name=late$ID")" ]
qd --profile "dead,nas1" --yes --keep-going volume create "late$ID"
expect_dead
expect_exact "nas1/late$ID"

it "a prune leaves out the one that does not answer"
each create --name "ended$ID" --label "many=$ID" busybox >/dev/null
qd --profile '*' container prune -f --filter "label=many=$ID"
expect_code 9
expect "both are there" [ "$(each ps -aq --filter "name=ended$ID" | wc -l)" = 2 ]
both container prune --filter "label=many=$ID"
expect_both "@:"
expect "both are gone" [ -z "$(each ps -aq --filter "name=ended$ID")" ]
qd --profile '*' --yes container prune --filter "label=many=$ID" --json
expect_json_dead && expect_both '"profile": "@"'
qd --profile '*' --fail-fast --yes container prune --filter "label=many=$ID"
expect_code 5

it "--dry-run writes nothing, and names the NASes"
before=$(state)
qd --profile "nas1,$other" run --dry-run --name "dry$ID" busybox
expect_code 0
expect_err "── $other ──"
qd --profile "nas1,$other" create --dry-run --name "dry$ID" busybox
expect_code 0
qd --profile "nas1,$other" update --dry-run --memory 200m "new$ID"
expect_code 0
expect_both "@/new$ID: memory"
qd --profile "nas1,$other" container prune --dry-run --filter "label=many=$ID"
expect_code 0
qd --profile "nas1,$other" stop --dry-run "new$ID"
expect_code 2
expect_err 'code: no_dry_run'
[ "$(state)" = "$before" ] || fail "nothing should be written: $(diff <(echo "$before") <(state))"
