#!/bin/bash
# compose up --snapshot-volumes, and compose rollback --with-data: data is copied between the stop of the old container and the start of the
# new one, and comes back when it is asked for.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
P=sn$ID
ROOT=/share/Container/.qnap-docker/projects/$P
on_nas() { ssh -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o LogLevel=ERROR "$NAS_USER@$NAS_HOST" "$@" </dev/null; }
copies() { engine volume ls -q --filter "label=qnap-docker.snapshot-of=${P}_data" | sort; }
clean() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter "label=com.docker.compose.project=$P") >/dev/null 2>&1
  engine network rm "${P}_default" >/dev/null 2>&1
  # shellcheck disable=SC2046
  engine volume rm "${P}_data" $(copies) >/dev/null 2>&1
  engine rmi "mypostgres$ID" >/dev/null 2>&1
  on_nas "rm -rf $ROOT"
}
trap 'clean; finish' EXIT
look() { engine run --rm -v "$1:/d:ro" busybox sh -c "$2"; } # look VOLUME COMMAND
up() { qd compose -p "$P" up "$@"; }

mkdir -p "$WORK/p" && cd "$WORK/p" || exit 1
compose() { # compose IMAGE COMMAND
  cat >compose.yaml <<YAML
services:
  db:
    image: $1
    command: sh -c "$2"
    stop_grace_period: 5s
    volumes: ["data:/data"]
volumes: {data: {}}
YAML
}
# Writes its version, and at the clean end that it was one.
runs() { echo "echo $1 >>/data/log; trap 'echo end-$1 >>/data/log; exit 0' TERM; sleep 1000 & wait"; }
engine tag busybox "mypostgres$ID"
compose "mypostgres$ID" "$(runs v1)" && up

it "a database's data is copied after its clean end, before the new one starts"
engine exec "$P-db-1" sh -c 'mkdir /data/sub && echo x >/data/sub/f && chown 12:13 /data/sub/f && chmod 640 /data/sub/f && ln -s f /data/sub/l'
compose "mypostgres$ID" "$(runs v2)"
up --dry-run
expect_out "copy volume ${P}_data to ${P}_data-snapshot-"
up
expect_code 0
copy=$(copies)
expect "one copy" [ "$(copies | wc -l)" = 1 ]
[ "$(look "$copy" 'cat /d/log')" = "v1
end-v1" ] || fail "the copy should have what the old one had written: $(look "$copy" 'cat /d/log')"
[ "$(look "${P}_data" 'cat /d/log')" = "v1
end-v1
v2" ] || fail "the volume itself goes on: $(look "${P}_data" 'cat /d/log')"
expect "owner, mode and links are kept" [ "$(look "$copy" 'stat -c "%u:%g %a" /d/sub/f; readlink /d/sub/l')" = "12:13 640
f" ]

it "the copy says of what it is, and no compose command takes it for a volume of the project"
[ "$(engine volume inspect "$copy" -f '{{index .Labels "qnap-docker.snapshot-project"}} {{index .Labels "qnap-docker.snapshot-revision"}}
{{- index .Labels "com.docker.compose.project"}}')" = "$P 1" ] || fail "labels: $(engine volume inspect "$copy" -f '{{.Labels}}')"
expect "no helper is left" [ -z "$(engine ps -aq --filter label=qnap-docker.snapshot-helper)" ]

it "never means never"
compose busybox "$(runs v3)"
up --snapshot-volumes never
expect_code 0 && expect "still one copy" [ "$(copies | wc -l)" = 1 ]

it "what is no database is not copied by itself, but always with always"
compose busybox "$(runs v4)"
up
expect "still one copy" [ "$(copies | wc -l)" = 1 ]
compose busybox "$(runs v5)"
up --snapshot-volumes always
expect_code 0 && expect "another copy" [ "$(copies | wc -l)" = 2 ]

it "where the shell may not, the engine copies"
write_profile past "host=unix://$NAS_SOCKET" "data_root=$WORK/root"
compose busybox "$(runs v6)"
qd compose -p "$P" --profile past up --snapshot-volumes always
expect_code 0 && expect "another copy" [ "$(copies | wc -l)" = 3 ]
third=$(copies | tail -1)
[ "$(look "$third" 'tail -1 /d/log; stat -c "%u:%g %a" /d/sub/f')" = "end-v5
12:13 640" ] || fail "the copy is not right: $(look "$third" 'cat /d/log; ls -lR /d')"

it "the newest three stay"
compose busybox "$(runs v7)"
up --snapshot-volumes always
expect_code 0 && expect "three copies" [ "$(copies | wc -l)" = 3 ] && expect "the oldest is gone" [ "$(copies | head -1)" != "$copy" ]

it "data comes back only when the project's name is given"
up >/dev/null
five=$(engine volume ls -q --filter "label=qnap-docker.snapshot-of=${P}_data" --filter label=qnap-docker.snapshot-revision=4)
[ -n "$five" ] || fail "there should be a copy of revision 4: $(engine volume ls --filter label=qnap-docker.snapshot-of)"
log=$(look "${P}_data" 'cat /d/log')
qd compose -p "$P" rollback 4 --with-data --yes
expect_error 9 confirmation_needed && expect "the data is as it was" [ "$log" = "$(look "${P}_data" 'cat /d/log')" ]

it "--with-data brings the data back that the revision had written, and keeps what was there"
qd compose -p "$P" rollback 4 --with-data --confirm "$P"
expect_code 0
[ "$(look "${P}_data" 'tail -2 /d/log')" = "end-v4
v4" ] || fail "the data should be that of revision 4: $(look "${P}_data" 'cat /d/log')"
[ "$(look "$(copies | tail -1)" 'tail -1 /d/log')" = "end-v7" ] || fail "what was there should be kept: $(look "$(copies | tail -1)" 'cat /d/log')"

it "a revision without a copy"
qd compose -p "$P" rollback 2 --with-data --confirm "$P"
expect_error 3 no_snapshot

it "when the new one fails the old one runs again, and its data was not touched"
compose "mypostgres$ID" "true" && sed -i 's/command: .*/command: no-such-program/' compose.yaml
up --snapshot-volumes always
expect_code 1 && expect_err "runs as before" && expect "it runs" [ "$(engine inspect "$P-db-1" -f '{{.State.Running}}')" = true ]
expect "the copy stays" [ "$(look "$(copies | tail -1)" 'tail -1 /d/log')" = end-v4 ]
