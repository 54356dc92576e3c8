#!/bin/bash
# Changes of several steps that failed or were cut off: jobs, resume, undo and apply.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1
journals=$QNAP_DOCKER_HOME/state/journal

# plan OPTIONS STEP...: a plan of these steps (Lua tables) is made and done.
plan() {
  {
    echo "local nas = require('docker').connect 'nas1'"
    echo "local p = require('plan').new { command = 'test', $1 }"
    printf 'p:add { target = "nas1", %s }\n' "${@:2}"
    echo "p:apply { nas_of = function() return nas end }"
  } >"$WORK/plan.lua"
  rm -rf "$journals"
  qd __script "$WORK/plan.lua"
}
stop() { echo "op = 'container.stop', args = { container = '$1', timeout = 0 }, verb = 'stop', object = { kind = 'container', name = '$1' }"; }
rename() { echo "op = 'container.rename', args = { container = '$1', to = '$2', was = '$3' }, verb = 'rename', object = { kind = 'container', name = '$3' }"; }
drop_volume() { echo "op = 'volume.remove', args = { name = '$1' }, verb = 'remove', danger = 2, object = { kind = 'volume', name = '$1' }"; }
state() { qd jobs --format '{{.State}} {{.Steps}}' && echo "$out"; }
running() { [ "$(engine inspect -f '{{.State.Running}}' "$1")" = true ]; }
# journal ID BY STEP... : one that another process left: its plan as of a document, and these records.
journal() {
  mkdir -p "$journals" && rm -f "$journals"/*
  {
    echo "{\"t\":\"plan\",\"ts\":1700000000,\"id\":\"$1\",\"by\":$2,\"plan\":$3}"
    printf '%s\n' "${@:4}"
  } >"$journals/$1.ndjson"
}
gone='{"pid":1,"birth":"0","host":"'$(hostname)'"}'

it "without jobs"
qd jobs --json
expect_code 0
expect_exact '[]'
for words in resume undo; do
  qd $words
  expect_error 3 no_such_job || break
done
qd jobs --prune
expect_err '0 forgotten'

it "a change that is done can be taken back, after a question"
id=$(engine run -d --name "a$ID" busybox sleep 1000)
plan '' "$(stop "$id")" "$(rename "$id" "b$ID" "a$ID")"
expect_code 0
expect "it is stopped and renamed" [ "$(engine ps -a --filter "name=b$ID" --format '{{.State}}')" = exited ]
expect "it is finished" [ "$(state)" = 'finished 2/2' ]
qd undo
expect_error 9 confirmation_needed
qd undo --yes
expect_code 0
expect_err ': undone'
expect "it runs under its old name" running "a$ID"
expect "it is undone" [ "$(state)" = 'undone 0/2' ]

it "what is undone is not undone or resumed again"
job=$(qd jobs -q && echo "$out")
qd undo "$job"
expect_error 6 not_undoable
expect_err 'it is undone'
qd resume "$job"
expect_error 6 not_resumable
qd jobs --json=id,state,targets
expect_exact "[{\"id\":\"$job\",\"state\":\"undone\",\"targets\":[\"nas1\"]}]"

it "on a terminal no leaves it as it is"
plan '' "$(stop "a$ID")"
on_tty undo <<'END'
expect Take back 'test'? [y/N]
send n\r
END
expect_code 9
expect "it stays stopped" [ "$(state)" = 'finished 1/1' ]
qd undo --yes

it "taking back what somebody removed meanwhile is harmless"
plan '' "$(stop "a$ID")"
engine rm -f "a$ID" >/dev/null
qd undo --yes
expect_code 0

it "a change that failed tells how to go on, and resume does what is left"
engine volume create "v$ID" >/dev/null
engine run -d --name "c$ID" -v "v$ID:/v" busybox sleep 1000 >/dev/null
engine run -d --name "d$ID" busybox sleep 1000 >/dev/null
plan '' "$(stop "d$ID")" "$(drop_volume "v$ID")" "$(stop "c$ID")"
expect_code 6
expect_err 'qnap-docker resume '
expect "it has failed" [ "$(state)" = 'failed 1/3' ]
expect "what comes behind is not begun" running "c$ID"
qd resume
expect_error 9 confirmation_needed
expect_err "remove volume v$ID"
expect_no_err "d$ID"
qd resume --yes
expect_code 6
expect "it has failed again" [ "$(state)" = 'failed 1/3' ]
engine rm -f "c$ID" >/dev/null
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
qd resume --yes
expect_code 0
expect_err ': finished'
expect "the volume is gone" [ -z "$(engine volume ls -q --filter "name=v$ID")" ]
expect "the last step is done" [ "$(state)" = 'finished 3/3' ]

it "what removed something is not undone once it is done; a failed one takes back the rest"
qd undo
expect_refusal 6 not_undoable
expect_err "remove volume v$ID"
engine start "d$ID" >/dev/null
engine volume create "v$ID" >/dev/null && engine volume create "w$ID" >/dev/null
engine run -d --name "e$ID" -v "w$ID:/w" busybox sleep 1000 >/dev/null
plan '' "$(drop_volume "v$ID")" "$(stop "d$ID")" "$(drop_volume "w$ID")"
qd undo --yes
expect_code 6
expect_err 'is removed for good'
expect "it stays as it is" [ "$(state)" = 'failed 2/3' ]

it "a plan that keeps going does what it can; resume tells what still fails"
plan 'keep_going = true' "$(drop_volume "w$ID")" "$(stop "e$ID")"
expect_code 0
expect "the other step is done" [ "$(state)" = 'failed 1/2' ]
qd resume --yes
expect_code 6
expect_err 'code: volume_in_use'
expect_err 'not all was done'
engine rm "e$ID" >/dev/null
qd resume --yes
expect_code 0

it "one that is at work is left alone"
birth=$(sed 's/.*) //' /proc/$$/stat | cut -d ' ' -f 20)
document='{"version":1,"command":"test","steps":[{"id":"s1","target":"nas1","op":"container.stop","verb":"stop","danger":1,"args":{"container":"d'$ID'","timeout":0},"object":{"kind":"container","name":"d'$ID'"}}]}'
journal job-1 "{\"pid\":$$,\"birth\":\"$birth\",\"host\":\"$(hostname)\"}" "$document"
for words in resume undo; do
  qd $words job-1
  expect_code 6
  expect_err 'it is running'
done
journal job-1 '{"pid":1,"birth":"0","host":"another.machine"}' "$document"
qd undo job-1
expect_err 'it is running'

it "a journal that ends in the middle of a line is read up to there"
engine start "d$ID" >/dev/null
journal job-2 "$gone" "$document" '{"t":"started","step":"s1"}' '{"t":"done","st'
truncate -s -1 "$journals/job-2.ndjson"
expect "it is interrupted" [ "$(state)" = 'interrupted 0/1' ]
qd resume --yes
expect_code 0
expect "it is done" [ "$(state)" = 'finished 1/1' ]
expect "it is stopped" [ "$(engine ps -a --filter "name=d$ID" --format '{{.State}}')" = exited ]

it "a job of a profile that is no more, and one that nobody can read"
journal job-3 "$gone" "${document//nas1/other}"
qd resume --yes
expect_error 3 profile_not_found
qd undo --yes job-3
expect_code 0
journal job-4 "$gone" '{"version":99,"command":"test","steps":[]}'
echo nonsense >"$journals/job-5.ndjson"
echo other >"$journals/notes.txt"
qd jobs -q
expect_exact ''
for job in job-4 job-5 ../../profiles nothing; do
  qd resume "$job"
  expect_refusal 3 no_such_job || break
done
journal job-6 "$gone" "${document//container.stop/container.explode}" '{"t":"started","step":"s1"}'
qd resume --yes
expect_error 6 unknown_operation
journal job-6 "$gone" "${document//container.stop/script}" '{"t":"started","step":"s1"}'
qd undo --yes
expect_error 6 unknown_operation
expect_err 'the script that made the plan'

# step OP ARGS [MORE]: a plan of one such step on nas1, as a journal has it.
step() {
  echo '{"version":1,"command":"test","steps":[{"id":"s1","target":"nas1","op":"'"$1"'","verb":"x","danger":1,"args":'"$2"',"object":{"kind":"thing","name":"thing"}'"${3:-}"'}]}'
}
begun='{"t":"started","step":"s1"}'

it "what was done before it could be noted is not done again"
while read -r op args; do
  journal job-a "$gone" "$(step "$op" "$args")" "$begun"
  qd resume
  expect_code 0
  expect "$op is done" [ "$(state)" = 'finished 1/1' ]
done <<END
volume.remove {"name":"absent$ID"}
network.remove {"network":"absent$ID"}
container.remove {"container":"absent$ID"}
container.rename {"container":"d$ID","to":"d$ID","was":"x$ID"}
END
engine network create "n$ID" >/dev/null
journal job-a "$gone" "$(step network.remove "{\"network\":\"n$ID\"}")" "$begun"
qd resume
expect_code 0
expect "what was not done is done now" [ -z "$(engine network ls -q --filter "name=n$ID")" ]

it "a step whose object is gone fails, and says so"
journal job-b "$gone" "$(step container.stop "{\"container\":\"absent$ID\"}")" "$begun"
qd resume
expect_code 3
expect_err "No such container: absent$ID"
expect_err 'qnap-docker undo job-b'
expect "it has failed" [ "$(state)" = 'failed 0/1' ]

it "a pull that is taken back gives the name its image again"
old=$(engine image inspect -f '{{.Id}}' busybox)
engine tag app "pulled$ID:1"
journal job-c "$gone" "$(step image.pull "{\"ref\":\"pulled$ID:1\",\"was\":\"$old\"}")" '{"t":"done","step":"s1","result":{}}'
qd undo --yes
expect_code 0
expect "the name has it" [ "$(engine image inspect -f '{{.Id}}' "pulled$ID:1")" = "$old" ]
engine rmi "pulled$ID:1" >/dev/null

it "limits that are taken back are as before, and a container that was made and started is gone"
engine update -m 64m --memory-swap 64m "d$ID" >/dev/null
journal job-d "$gone" "$(step container.update "{\"container\":\"d$ID\",\"resources\":{\"Memory\":67108864},\"was\":{\"Memory\":33554432,\"MemorySwap\":67108864}}")" '{"t":"done","step":"s1"}'
qd undo --yes
expect_code 0
expect "the old limit" [ "$(engine inspect -f '{{.HostConfig.Memory}}' "d$ID")" = 33554432 ]
plan '' "op = 'container.create', args = { name = 'm$ID', body = { Image = 'busybox', Cmd = { 'sleep', '1000' } } }" \
  "op = 'container.start', args = { from = 's1' }" "op = 'container.stop', args = { from = 's1', timeout = 0 }"
expect_code 0
qd undo --yes
expect_code 0
expect "it is gone" [ -z "$(engine ps -aq --filter "name=m$ID")" ]

it "a secret that stands in no file is asked for"
secret='{"version":1,"command":"test","steps":[{"id":"s1","target":"nas1","op":"container.create","verb":"create","danger":1,"args":{"name":"s'$ID'","hidden":["PASSWORD"],"secrets_from":"none'$ID'","body":{"Image":"busybox","Env":["PASSWORD="]}},"object":{"kind":"container","name":"s'$ID'"}}]}'
journal job-7 "$gone" "$secret"
qd resume
expect_error 9 secret_needed
expect "nothing is created" [ -z "$(engine ps -aq --filter "name=s$ID")" ]
on_tty resume <<'END'
expect PASSWORD for 's
send quiet\r
END
expect_code 0
expect_no_out quiet
expect "the container has it" [ "$(engine inspect -f '{{index .Config.Env 0}}' "s$ID")" = PASSWORD=quiet ]
expect "the journal has not" [ -z "$(grep -rs quiet "$journals")" ]
journal job-8 "$gone" "${secret/\"danger\"/\"incomplete\":true,\"danger\"}"
qd resume
expect_error 6 secret_lost

it "jobs --prune keeps what is not over, the newest, and what is young"
journal job-9 "$gone" "$document"
for n in 1 2 3; do
  echo "{\"t\":\"plan\",\"ts\":1700000000,\"by\":$gone,\"plan\":$document}" >"$journals/old-$n.ndjson"
  echo '{"t":"end","ts":1700000000,"state":"finished"}' >>"$journals/old-$n.ndjson"
done
qd jobs --prune --older-than 90000h
expect_err '0 forgotten'
qd jobs --prune --keep 2
expect_err '1 forgotten'
qd jobs
expect_out 'STARTED'
expect_out '2023-11-14T22:13:20Z'
qd jobs --prune
qd jobs -q
expect_exact job-9

it "apply refuses what is no plan, and what has changed"
engine start "d$ID" >/dev/null
for text in 'no json' '[]' '{"version":1,"steps":[]}' '{"version":2,"command":"x","steps":[]}' "${document/\"danger\":1/\"danger\":9}" "${document/\"id\":\"s1\",/}"; do
  echo "$text" >"$WORK/bad.json"
  qd apply "$WORK/bad.json"
  expect_refusal 2 bad_plan || break
done
qd apply "$WORK/none.json"
expect_code 3
engine create --name "f$ID" --label "job=$ID" busybox >/dev/null
qd container prune --filter "label=job=$ID" --plan-out "$WORK/plan.json"
expect_code 0
qd apply "$WORK/plan.json" --dry-run --exit-code
expect_code 10
expect_out "remove container f$ID"
qd apply "$WORK/plan.json" -n --json
expect_code 0
expect_out '"command"'
qd apply "$WORK/plan.json"
expect_error 9 confirmation_needed
engine rename "f$ID" "g$ID"
qd apply "$WORK/plan.json" --yes
expect_error 6 state_changed
engine rename "g$ID" "f$ID"
qd apply "$WORK/plan.json" --yes
expect_code 0
expect_err 'done: 1 step (job '
expect "it is gone" [ -z "$(engine ps -aq --filter "name=f$ID")" ]
qd apply "$WORK/plan.json" --yes
expect_error 6 state_changed

it "apply of what a volume, a network and an image were"
engine volume create --label "job=$ID" "p$ID" >/dev/null
engine network create --label "job=$ID" "p$ID" >/dev/null
engine commit -c "LABEL job=$ID" "d$ID" "p$ID:1" >/dev/null
engine commit -c "LABEL job=$ID" "d$ID" "p$ID:2" >/dev/null
for words in "volume prune -a" "network prune" "image prune -a"; do
  # shellcheck disable=SC2086
  qd $words --filter "label=job=$ID" --plan-out "$WORK/plan.json"
  expect_code 0
  case $words in
    volume*) engine volume rm "p$ID" >/dev/null ;;
    network*) engine network rm "p$ID" >/dev/null ;;
    image*) engine rmi "p$ID:1" >/dev/null ;;
  esac
  qd apply "$WORK/plan.json" --yes --confirm "p$ID"
  expect "$words: exit code $code" [ "$code" = "$([[ $words = image* ]] && echo 0 || echo 6)" ]
done
engine volume create --label "job=$ID" "p$ID" >/dev/null
engine network create --label "job=$ID" "p$ID" >/dev/null
for words in "volume prune -a" "network prune"; do
  # shellcheck disable=SC2086
  qd $words --filter "label=job=$ID" --plan-out "$WORK/plan.json"
  qd apply "$WORK/plan.json" --yes --confirm "p$ID"
  expect_code 0
done
expect "all are gone" [ -z "$(engine volume ls -q --filter "name=p$ID")$(engine network ls -q --filter "name=p$ID")$(engine images -q "p$ID")" ]
