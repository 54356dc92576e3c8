# shellcheck shell=bash
# What the tests of run --replace share; sourced behind lib.sh, with the profile nas1.
c=web$ID
first() { engine rm -f "$c" >/dev/null 2>&1 && engine run -d --stop-timeout 0 --name "$c" -e DB_PASSWORD=verysecret busybox sleep 1000; }
left() { engine ps -a --filter "name=$c" --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }

# killed WORDS: kills the program as soon as its journal holds this record.
killed() {
  local journals=$QNAP_DOCKER_HOME/state/journal
  rm -rf "$journals"
  "$QD_PROGRAM" run -d --replace --stop-timeout 0 --name "$c" -e DB_PASSWORD=verysecret busybox sleep 2000 >/dev/null 2>&1 </dev/null &
  wait_for grep -qs "$1" -r "$journals"
  kill -9 $! && wait $! 2>/dev/null
}
# killed_everywhere resume|undo: ended hard at every step, and that command afterwards.
killed_everywhere() {
  local way=$1 step id
  for step in s1 s2 s3 s4 s5 s6; do
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
}
