#!/bin/bash
# profile sync: FROM the first TO the second, additive; what differs, what is only there; data, secrets, singletons, conflicts.
# shellcheck disable=SC2016 # expectations are evaluated when they are asked
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/migrate_lib.sh
. "$here/migrate_lib.sh"
sync() { LIMIT=120 qd profile sync "$A" "$B" "$@"; }
env_of() { on "$1" inspect -f '{{.Config.Env}}' "$2"; }
on "$A" run -d --name plain -v pdata:/p -v /share/Container/web:/w -e X=1 busybox sleep 1000 >/dev/null
on "$A" exec plain sh -c 'echo mine >/p/file; echo conf >/w/conf'
on "$A" run -d --name secretive -e API_TOKEN=geheim1 busybox sleep 1000 >/dev/null
on "$A" run -d --name lonely -l qnap-docker.singleton=1 busybox sleep 1000 >/dev/null
on "$A" run -d --name shop-db-1 --label com.docker.compose.project=shop --label com.docker.compose.service=db -v shop_data:/d busybox sleep 1000 >/dev/null
untouched() { [ "$(on "$A" ps -q | wc -l)" = 4 ] && [ "$(on "$A" inspect -f '{{.State.StartedAt}}' plain)" = "$since" ]; }
since=$(on "$A" inspect -f '{{.State.StartedAt}}' plain)

it "-n plans, in full words, and changes nothing"
sync -n --exit-code
expect_code 10 && expect_err "FROM $A TO $B" && expect_out 'create container plain' && expect_out 'create volume shop_data'
expect "nothing should be there: $(rest "$B")" empty "$B"

it "without a yes nothing happens"
sync
expect_code 9 && expect_err 'code: confirmation_needed'
expect "nothing should be there" empty "$B"

it "what is missing is made; volumes begin empty; the source goes on"
sync --yes --json
expect_code 0 && expect_out '"state":"missing"'
expect "it should run there" running "$B" plain
expect "its volume should be empty" [ -z "$(on "$B" exec plain ls /p)" ]
expect "its folder, too" [ -z "$(on "$B" exec plain ls /w)" ]
expect "the image should be the same" [ "$(on "$A" image inspect -f '{{.Id}}' busybox)" = "$(on "$B" image inspect -f '{{.Id}}' busybox)" ]
expect "the source should not have been touched" untouched

it "secrets stay behind, and what lacks one is not started; nor is the second of a singleton"
expect "the secret should not be there: $(env_of "$B" secretive)" eval '[[ $(env_of "$B" secretive) != *API_TOKEN* ]]'
expect "nor should it run" eval 'has "$B" container secretive && ! running "$B" secretive'
expect "one of its kind" eval 'has "$B" container lonely && ! running "$B" lonely'
expect "no secret should stand in the journal" eval '! grep -rq geheim1 "$QNAP_DOCKER_HOME"'

it "a second time there is nothing to do"
sync --yes
expect_code 0 && expect_err 'nothing to do'

it "what differs, and what is only there, is reported and stays"
on "$A" rm -f plain >/dev/null
on "$A" run -d --name plain -v pdata:/p -v /share/Container/web:/w -e X=2 busybox sleep 1000 >/dev/null
on "$B" run -d --name extra busybox sleep 1000 >/dev/null
sync --yes
expect_code 0 && expect_err 'different: plain (env X)' && expect_err 'only on the target: extra' && expect_err 'nothing to do'
expect "it should be as it was" eval '[[ $(env_of "$B" plain) == *X=1* ]]'

it "--update makes it alike, --prune asks for the name"
sync --yes --update
expect_code 0
expect "it should be alike" eval '[[ $(env_of "$B" plain) == *X=2* ]] && running "$B" plain'
sync --yes --prune
expect_code 9 && expect_err 'code: confirmation_needed'
expect "it should be there" running "$B" extra
sync --prune --confirm "$B"
expect_code 0
expect "it should be gone" eval '! has "$B" container extra'

it "--with-data: a volume that is there is overwritten only by name, after a copy"
on "$B" exec plain sh -c 'echo theirs >/p/theirs'
sync --yes --with-data --only plain --overwrite-volume pdata
expect_code 9 && expect_err 'code: confirmation_needed'
sync --with-data --only plain --overwrite-volume pdata --confirm "$B"
expect_code 0 && expect_err 'is in volume pdata-before-'
expect "the data should be the source's: $(on "$B" exec plain ls /p)" [ "$(on "$B" exec plain ls /p)" = file ]
spare=$(on "$B" volume ls -q | grep pdata-before)
expect "what was there should be kept" [ "$(on "$B" run --rm -v "$spare:/s" busybox ls /s)" = theirs ]
expect "the source should run" running "$A" plain
qd --yes undo
expect_code 0
expect "undo should bring it back: $(on "$B" exec plain ls /p)" [ "$(on "$B" exec plain ls /p)" = theirs ]
expect "both should run" eval 'running "$A" plain && running "$B" plain'

it "--with-data brings a container with what it has"
on "$B" rm -f plain >/dev/null
on "$B" volume rm pdata >/dev/null
in_nas "$B" rm -rf /share/Container/web
sync --yes --with-data --only plain
expect_code 0
expect "its data should be there" [ "$(on "$B" exec plain cat /p/file /w/conf)" = "mine
conf" ]
expect "the source should run, as it was" running "$A" plain

it "--only, --exclude, --stopped, --map, --with-secrets"
# shellcheck disable=SC2046
on "$B" rm -f $(on "$B" ps -aq) >/dev/null
sync --yes --only 's*' --exclude shop --with-secrets --stopped --map env=MORE:1
expect_code 0
expect "only that: $(on "$B" ps -a --format '{{.Names}}')" [ "$(on "$B" ps -a --format '{{.Names}}')" = secretive ]
expect "with its secret, and more: $(env_of "$B" secretive)" eval '[[ $(env_of "$B" secretive) == *API_TOKEN=geheim1*MORE=1* ]]'
expect "stopped" eval '! running "$B" secretive'

it "conflicts block in the plan; a protected profile wants its name; one direction at a time; words"
on "$A" run -d --name porty -p 18070:80 busybox sleep 1000 >/dev/null
on "$B" run -d --name holder -p 18070:80 busybox sleep 1000 >/dev/null
sync --yes --only porty
expect_code 6 && expect_err 'code: blocked' && expect_err 'port 18070/tcp'
expect "nothing should be made" eval '! has "$B" container porty'
sync --yes --only porty --map port=18070:18071
expect_code 0
expect "on another port" eval '[[ $(on "$B" port porty) == *18071* ]]'
on "$B" rm -f porty >/dev/null
sed -i "/^  $B:/a\    protected: true" "$QNAP_DOCKER_HOME/profiles.yaml"
sync --yes --only porty --map port=18070:18071
expect_code 9 && expect_err 'code: confirmation_needed'
sync --only porty --map port=18070:18071 --confirm "$B"
expect_code 0
qd profile sync "$A" "$A"
expect_refusal 2 same_nas
sync --overwrite-volume x
expect_refusal 2 conflicting_flags
qd profile sync "$A"
expect_code 2
