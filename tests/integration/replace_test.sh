#!/bin/bash
# run --replace: the old one stays until the new one works; kill -9 at every step, then resume.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
VIA=socket profile nas1
# shellcheck source=tests/integration/replace_lib.sh
. "$(dirname "$0")/replace_lib.sh"

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

it "--dry-run shows the plan, and changes nothing"
id=$(first)
qd run -d --replace --dry-run --name "$c" -e DB_PASSWORD=verysecret busybox sleep 2000
expect_code 0
expect_out "^ replace container $c"
expect_out 'Plan: 0 to create, 1 to replace'
expect_no_out verysecret
expect "the old one runs, alone" [ "$(left) $(engine inspect -f '{{.Id}}' "$c")" = "$c running $id" ]
qd create --replace --dry-run --pull always --name "new$ID" busybox true
expect_code 0
expect_out '+ pull image busybox'
expect_out "+ create container new$ID"
expect "nothing is created" [ -z "$(engine ps -aq --filter "name=new$ID")" ]

it "a name that is the beginning of another container's id means no container"
id=$(first)
qd run -d --replace --name "${id:0:8}" busybox sleep 1000
expect_code 0
expect "the other one runs still" [ "$(engine inspect -f '{{.Name}} {{.State.Running}}' "$id")" = "/$c true" ]
engine rm -f "${out%$'\n'}" >/dev/null

killed_everywhere resume
