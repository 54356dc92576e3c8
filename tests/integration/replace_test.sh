#!/bin/bash
# run --replace, and containers that get a newer image: the old one stays until the new one works; kill -9 at every step.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1
c=web$ID
first() { engine rm -f "$c" >/dev/null 2>&1 && engine run -d --stop-timeout 0 --name "$c" -e DB_PASSWORD=verysecret busybox sleep 1000; }
left() { engine ps -a --filter "name=$c" --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }

it "the new one takes the place of the old one"
id=$(first)
qd run -d --replace --stop-timeout 0 --name "$c" -e DB_PASSWORD=verysecret busybox sleep 2000
expect_code 0
expect "one is left" [ "$(left)" = "$c running" ]
expect "it is the new one" [ "$(engine inspect -f '{{.Id}}' "$c")" = "${out%$'\n'}" ] && expect "not the old one" [ "$id" != "${out%$'\n'}" ]
qd jobs
expect_out finished
expect "no secret is written down" [ -z "$(grep -rl verysecret "$QNAP_DOCKER_HOME/state")" ]
expect "journals are nobody else's" [ -z "$(find "$QNAP_DOCKER_HOME/state/journal" -type f ! -perm 600)" ]
qd undo
expect_refusal 6 not_undoable

for bad in 'sh -c exit\ 3' nosuchprogram; do
  it "the old one is back when the new one is: $bad"
  id=$(first)
  eval "qd run -d --replace --name '$c' busybox $bad"
  expect "it should fail, not $code" [ "$code" -ne 0 ]
  expect_err "the old container '$c' is back as it was"
  expect "the old one runs, alone" [ "$(left) $(engine inspect -f '{{.Id}}' "$c")" = "$c running $id" ]
done

it "create --replace, and --replace of nothing"
id=$(first)
qd create --replace --name "$c" busybox true
expect_code 0
expect "it is created" [ "$(left)" = "$c created" ]
engine rm "$c" >/dev/null
qd run -d --replace --name "$c" busybox sleep 1000
expect_code 0

# killed WORDS: kills the program as soon as its journal holds this record.
killed() {
  local journals=$QNAP_DOCKER_HOME/state/journal
  rm -rf "$journals"
  "$QD_PROGRAM" run -d --replace --stop-timeout 0 --name "$c" -e DB_PASSWORD=verysecret busybox sleep 2000 >/dev/null 2>&1 </dev/null &
  wait_for grep -qs "$1" -r "$journals"
  kill -9 $! && wait $! 2>/dev/null
}
for step in s1 s2 s3 s4 s5 s6; do
  for way in resume undo; do
    it "kill -9 while $step runs, then $way"
    id=$(first)
    killed "\"step\":\"$step\",\"t\":\"started\""
    qd jobs --format '{{.State}}'
    expect_exact interrupted
    qd $way --yes
    expect_code 0
    if [ $way = undo ]; then
      expect "the old one runs, alone, not: $(left)" [ "$(left) $(engine inspect -f '{{.Id}}' "$c")" = "$c running $id" ]
    else
      expect "the new one runs, alone, not: $(left)" [ "$(left)" = "$c running" ]
      expect "it is the new one" [ "$(engine inspect -f '{{.Config.Cmd}} {{.Config.Env}}' "$c")" = \
        "[sleep 2000] [DB_PASSWORD=verysecret $(engine image inspect -f '{{join .Config.Env " "}}' busybox)]" ]
    fi
    qd $way --yes
    expect_refusal '3 6'
  done
done

it "nothing is taken back once the old one is gone"
first >/dev/null
killed '"step":"s7","t":"started"'
engine rm -f "$(engine ps -aq --filter "name=$c-replaced")" >/dev/null 2>&1
qd undo --yes
expect_code 6
expect_err 'code: not_undoable'
qd resume --yes
expect "the new one runs, alone, not: $(left)" [ "$(left)" = "$c running" ]
