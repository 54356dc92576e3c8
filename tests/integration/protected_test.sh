#!/bin/bash
# Profiles that are protected: every change asks first, reading does not.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1 protected=true
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null

it "reading is not asked about"
qd ps --filter "name=c$ID" --format '{{.Names}}'
expect_code 0
expect_exact "c$ID"

it "without a terminal a change needs --yes"
qd rm -f "c$ID"
expect_error 9 confirmation_needed
expect_err 'try: '
expect_err --yes
expect "it should be there still" [ -n "$(engine ps -q --filter "name=c$ID")" ]
qd exec "c$ID" true
expect_error 9 confirmation_needed
qd run -d --name "r$ID" busybox true
expect_error 9 confirmation_needed
expect "nothing should be created" [ -z "$(engine ps -aq --filter "name=r$ID")" ]

it "--dry-run changes nothing and is not asked about"
qd run --dry-run busybox true
expect_code 0

it "on a terminal it asks, and no is the answer of Enter"
on_tty rm -f "c$ID" <<'END'
expect which is protected? [y/N]
send \r
END
expect_code 9
expect_out 'code: aborted'
expect "it should be there still" [ -n "$(engine ps -q --filter "name=c$ID")" ]

it "y goes on"
on_tty restart -t 0 "c$ID" <<'END'
expect which is protected? [y/N]
send y\r
END
expect_code 0

it "--yes goes on"
qd --yes rm -f "c$ID"
expect_code 0
expect "it should be gone" [ -z "$(engine ps -aq --filter "name=c$ID")" ]

it "a volume goes only by its name, typed or given"
engine volume create --label com.docker.compose.project=shop "v$ID" >/dev/null
qd --yes volume rm "v$ID"
expect_error 9 confirmation_needed
expect_err "--confirm v$ID"
on_tty volume rm "v$ID" <<'END'
expect project shop
expect Type v
send y\r
END
expect_code 9
expect "it should be there still" engine volume inspect "v$ID" >/dev/null
qd --confirm "v$ID" volume rm "v$ID"
expect_code 0
expect_exact "v$ID"

it "-f is no answer on a protected NAS, --yes is"
engine network create "n$ID" --label "of=$ID" >/dev/null
qd network prune -f --filter "label=of=$ID"
expect_error 9 confirmation_needed
expect "it should be there still" engine network inspect "n$ID" >/dev/null
qd network prune --yes --filter "label=of=$ID"
expect_code 0 && expect_out "n$ID"

it "a read-only profile changes nothing, and a prune says so"
rm "$QNAP_DOCKER_HOME/profiles.yaml" && profile nas1 read_only=true
engine network create "n$ID" --label "of=$ID" >/dev/null
engine run -d --name "c$ID" --label "of=$ID" busybox sleep 1000 >/dev/null
for words in "network prune -f --filter label=of=$ID" "system prune -f --filter label=of=$ID" "network rm n$ID" "rm -f c$ID" "stop c$ID" \
  "volume create w$ID" "pull busybox" "tag busybox x$ID" "update --memory 100m c$ID" "cp /etc/hostname c$ID:/x"; do
  # shellcheck disable=SC2086
  qd $words
  { expect_code 6 && expect_err 'code: read_only_profile'; } || break
done
qd exec "c$ID" true
expect_code 1 && expect_err 'code: read_only_profile'
expect "nothing should have changed" [ "$(engine ps -q --filter "label=of=$ID" | wc -l)$(engine network ls -q --filter "label=of=$ID" | wc -l)" = 11 ]
qd ps -q --filter "label=of=$ID"
expect_code 0
engine network rm "n$ID" >/dev/null
