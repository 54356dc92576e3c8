#!/bin/bash
# run: foreground and background, streams, exit codes, clean-up.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
absent() { ! engine container inspect "$1" >/dev/null 2>&1; }

it "a command runs in the foreground: its streams and its exit code are ours"
qd run --rm --name "fore$ID" busybox sh -c 'echo out; echo err >&2; exit 7'
expect_code 7
expect_exact out
expect_err err
expect "--rm should leave no container" absent "fore$ID"

it "an image alone runs in the background"
qd run --name "alone$ID" app
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "alone$ID")" ]

it "-d runs a command in the background"
qd run -d --name "back$ID" busybox sleep 1000
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "back$ID")" ]
expect "it should run" [ "$(engine inspect -f '{{.State.Running}}' "back$ID")" = true ]

it "stdin goes to the process and ends with ours"
qd run -i --rm --name "in$ID" busybox sh -c 'cat; echo end' < <(printf 'one\ntwo\n')
expect_code 0
expect_exact $'one\ntwo\nend'

it "a process that reads nothing ends while stdin goes on"
qd run -i --rm --name "unread$ID" busybox true < <(sleep 2 && head -c 300000 /dev/zero)
expect_code 0

it "settings reach the container"
qd run --rm --name "set$ID" -e A=1 -w /tmp --user 12:34 --hostname box --label l=v --memory 64m busybox sh -c 'echo $A $(pwd) $(id -u):$(id -g) $(hostname)'
expect_code 0
expect_exact '1 /tmp 12:34 box'

it "v0.2: flags behind the image, with a command of its own"
qd run --rm --name "old$ID" busybox --env B=2 --workdir /tmp -- sh -c 'echo $B $(pwd)'
expect_code 0
expect_exact '2 /tmp'

for case in '127|no-such-program' '127|/bin/absent' '126|/etc' '126|/etc/passwd'; do
  it "a command that cannot run: ${case#*|} is exit code ${case%%|*}"
  qd run --rm --name "bad$ID" busybox "${case#*|}"
  expect_refusal "${case%%|*}"
  expect "--rm should leave no container" absent "bad$ID"
done

it "a relative bind lies in the NAS's data_root"
if [ "${VIA:-}" = socket ]; then
  skip 'this is about SSH'
else
  qd run --rm --name "bind$ID" -v "./web$ID:/w" busybox sh -c 'echo hi >/w/f; cat /w/f'
  expect_code 0
  expect_exact hi
  expect_err "web$ID"
  expect "the file should be on the NAS" "$nas" sh nas1 "test -f /share/Container/web$ID/f && rm -r /share/Container/web$ID"
fi

it "what could not start stays to be looked at, as in docker"
qd run --name "kept$ID" busybox no-such-program
expect_refusal 127
expect "it should be there" [ "$(engine inspect -f '{{.State.Status}}' "kept$ID")" = created ]

it "what the engine refuses is exit code 125"
qd run --rm --name "name /$ID" busybox true
expect_refusal 125
qd run --name "back$ID" busybox true
expect_refusal 125 name_conflict
qd run --rm --network "absent$ID" busybox true
expect_refusal 125
qd run --rm --frobnicate busybox true
expect_refusal 125 unknown_flag

it "a missing image that no registry has is exit code 125"
qd run --rm --pull never "absent$ID" true
expect_refusal 125 no_such_image

it "a taken port is told with the container that has it"
engine run -d --name "port$ID" -p 0:80 app sleep 1000 >/dev/null
port=$(engine port "port$ID" 80 | sed -n '1s/.*://p')
qd run -d --name "second$ID" -p "$port:80" app sleep 1000
expect_refusal 125 port_conflict
expect_err "port$ID"

it "create makes it and starts nothing"
qd create --name "made$ID" busybox true
expect_code 0
expect "stdout should be the id" [ "$out" = "$(engine inspect -f '{{.Id}}' "made$ID")" ]
expect "it should not run" [ "$(engine inspect -f '{{.State.Status}}' "made$ID")" = created ]

it "--dry-run makes nothing"
qd run --dry-run --name "dry$ID" -d busybox sleep 1
expect_code 0
expect_out '"Image": "busybox"'
expect "there should be no container" absent "dry$ID"

it "in the background of a terminal, the next step is named"
on_tty run -d --name "bg$ID" busybox sleep 1000 </dev/null
expect_code 0
expect_out "bg$ID runs; follow it with 'qnap-docker logs -f bg$ID'"
on_tty run -d --name "web$ID" -p 127.0.0.1:18765:80 -p 127.0.0.1:18766:53/udp busybox sleep 1000 </dev/null
expect_out "web$ID runs: http://"
expect_out ':18765'
expect_no_out 18766
engine rm -f "bg$ID" "web$ID" >/dev/null

it "^C in the foreground reaches the process"
on_tty run --rm --name "sig$ID" busybox sh -c 'trap "echo caught; exit 9" INT; echo ready; while :; do sleep 0.1; done' <<'END'
expect ready
send \x03
expect caught
END
expect_code 9
expect_restored

it "TERM, too"
LIMIT=60 run bash -c '"$0" run --rm --name "term$1" busybox sh -c "trap \"echo caught; exit 9\" TERM; echo ready; while :; do sleep 0.1; done" & pid=$!
  for _ in $(seq 200); do grep -q ready "$2" && break; sleep 0.1; done; kill -TERM $pid; wait $pid' "$QD_PROGRAM" "$ID" "$WORK/out"
expect_code 9
expect_out caught
