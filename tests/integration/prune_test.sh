#!/bin/bash
# container, network, volume, image, system and builder prune: docker's output, what is kept, the question, several NASes.
# A NAS of its own: a prune takes everything that others left.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up prune
"$nas" image "prune$ID" >/dev/null 2>&1
name=prune$ID
printf 'default_profile: %s\nprofiles:\n  %s:\n    host: unix://%s\n  other:\n    host: unix://%s\n' "$name" "$name" "$NAS_SOCKET" "$NAS_SOCKET" \
  >"$QNAP_DOCKER_HOME/profiles.yaml"
chmod 600 "$QNAP_DOCKER_HOME/profiles.yaml"
ended() { engine run --name "$1" "${@:2}" busybox sh -c 'echo 1234567890 >/file' >/dev/null; }
has() { [ -n "$(engine "$1" ls "${@:3}" -q --filter "name=$2")" ]; }

it "container prune says what docker says, and keeps what is labelled"
ended gone
ended kept --label qnap-docker.keep=true
engine run -d --name runs busybox sleep 1000 >/dev/null
id=$(engine inspect -f '{{.Id}}' gone)
qd container prune -f
expect_code 0
expect_exact "Deleted Containers:
$id

Total reclaimed space: 11B"
expect "the labelled one stays" has container kept -a
expect "the running one stays" has container runs

it "without a terminal the question is docker's, and only y goes on"
ended asked
qd container prune </dev/null
expect_code 0
expect_exact "WARNING! This will remove all stopped containers.
Are you sure you want to continue? [y/N] "
expect "nothing was removed" has container asked -a
qd container prune <<<y
expect_out 'Deleted Containers:'
expect "it was removed" [ -z "$(engine ps -aq --filter name=asked)" ]

it "a terminal shows the list and the bytes first"
ended listed
on_tty container prune <<'END'
expect [y/N]
send n\r
END
expect_code 0
expect_out '- remove container listed'
expect_out '1 to destroy; frees up to 11B'
expect_out 'Are you sure you want to continue? [y/N]'
expect "nothing was removed" has container listed -a

it "--dry-run, --exit-code, --plan-out and apply"
qd container prune --dry-run --exit-code
expect_code 10
expect_out '- remove container listed'
expect "nothing was removed" has container listed -a
qd container prune --plan-out "$WORK/plan.json"
expect_code 0
expect "the plan is nobody else's" [ "$(stat -c %a "$WORK/plan.json")" = 600 ]
engine rename listed other
qd apply "$WORK/plan.json" --yes
expect_refusal 6 state_changed
engine rename other listed
qd apply "$WORK/plan.json"
expect_error 9 confirmation_needed
qd apply "$WORK/plan.json" --yes
expect_code 0
expect "it was removed" [ -z "$(engine ps -aq --filter name=listed)" ]
qd container prune --dry-run --exit-code
expect_code 0

it "filters are docker's"
ended red --label color=red
ended blue --label color=blue
qd container prune -f --filter label=color=red
expect "blue stays" has container blue -a
qd container prune -f --filter until=1h
expect_exact 'Total reclaimed space: 0B'
qd container prune -f --filter 'label!=color'
expect "blue stays" has container blue -a
qd container prune -f --filter label=color=none --filter ''
expect_exact 'Total reclaimed space: 0B'
qd container prune -f --filter color
expect_code 125
qd container prune -f --filter foo=bar
expect_refusal 1 invalid_filter
engine rm -f blue >/dev/null

it "network prune leaves used ones"
engine network create used >/dev/null && engine network connect used runs
engine network create unused >/dev/null
qd network prune -f
expect_exact "Deleted Networks:
unused"
expect "the used one stays" has network used

it "volume prune takes anonymous ones only, and named ones with -a"
engine volume create --label com.docker.compose.project=shop named >/dev/null
engine volume create --label qnap-docker.keep=true keeper >/dev/null
engine run --name holder -v /data busybox true && engine rm holder >/dev/null
qd volume prune -f
expect_out 'Deleted Volumes:'
expect "named stays" has volume named
on_tty volume prune -a <<'END'
expect remove volume named of project shop
expect to go on
send wrong\r
END
expect_code 9
expect "named stays" has volume named
qd volume prune -f --filter all=x
expect_refusal 1 invalid_filter
expect "named stays" has volume named
qd volume prune -a -f
expect_out named
expect "the keeper stays" has volume keeper

it "image prune keeps used images and those that a container would go back to"
engine commit -c 'LABEL v=1' runs old >/dev/null
engine commit -c 'LABEL v=2' runs older >/dev/null
old=$(engine image inspect -f '{{.Id}}' old)
engine create --name updated --label "qnap-docker.rollback=$old" busybox true >/dev/null
qd image prune -a -f
expect_code 0
expect_out 'untagged: older:latest'
expect "the rollback image stays" engine image inspect -f x "$old"
expect "the used image stays" engine image inspect -f x busybox
engine rm updated >/dev/null
engine create --name updated --label "qnap-docker.rollback=$(engine image inspect -f '{{.Id}}' busybox)" --label "qnap-docker.rollback-older=$old" busybox true >/dev/null
qd image prune -a --keep-rollback 2 -f
expect "the second rollback image stays" engine image inspect -f x "$old"
qd image prune -a --dry-run --exit-code
expect_code 10
engine rm updated >/dev/null
engine create --name updated --label "qnap-docker.rollback=$old" busybox true >/dev/null
qd image prune -a --dry-run --exit-code
expect_code 0
qd image prune -a --keep-rollback 0 --dry-run --exit-code
expect_code 10
engine rm updated >/dev/null
qd system prune -a -f --json
expect_code 0
expect_out "$old"

it "several NASes are confirmed with their list"
ended both
qd container prune -f --profile '*'
expect_error 9 confirmation_needed
expect_err "$name:"
expect_err other:
expect "nothing was removed" has container both -a
qd container prune --profile '*' --yes
expect_code 0
expect_out other:

it "system prune names what it will do"
qd system prune --volumes --filter label=x </dev/null
expect_code 0
expect_out '  - all anonymous volumes not used by at least one container'
expect_out 'Items to be pruned will be filtered with:'
qd system prune --volumes --filter until=1h -f
expect_code 1
qd builder prune -f --filter until=nonsense
expect_refusal 1
expect_exact ''
qd builder prune -f
expect_exact 'Total reclaimed space: 0B'
qd system prune --dry-run --build-cache
expect_no_out 'build cache'

it "system prune takes what only the containers used that go with it"
printf 'FROM busybox\nLABEL p=%s\n' "$ID" | docker -H "unix://$NAS_SOCKET" build -q -t "last:$ID" - >"$WORK/built" 2>&1
engine run --name "last$ID" --label "p=$ID" "last:$ID" true
qd system prune -a -f --filter "label=p=$ID"
expect_out 'Deleted Containers:'
expect_out "untagged: last:$ID"
expect "the image should be gone" bash -c '! docker -H "unix://$0" image inspect "$1"' "$NAS_SOCKET" "last:$ID" >/dev/null 2>&1
engine run --name "anon$ID" -v /anon busybox true
volume=$(engine inspect -f '{{(index .Mounts 0).Name}}' "anon$ID")
engine volume create "kept$ID" >/dev/null && engine create --name "user$ID" -v "kept$ID:/k" busybox >/dev/null
qd system prune -f --volumes
expect_out "$volume"
expect "its volume should be gone" bash -c '! docker -H "unix://$0" volume inspect "$1"' "$NAS_SOCKET" "$volume" >/dev/null 2>&1
expect "a named one stays" has volume "kept$ID"
