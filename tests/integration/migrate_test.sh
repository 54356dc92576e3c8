#!/bin/bash
# migrate: a container, and a project, from one NAS to another: data, networks, ports, labels; what is in the way; the way back.
# shellcheck disable=SC2016 # expectations are evaluated when they are asked
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/migrate_lib.sh
. "$here/migrate_lib.sh"
move() { qd --yes migrate "$@" --from "$A" --to "$B"; }
same() { [ "$(tree "$A" "$1")" = "$(tree "$B" "${2:-$1}")" ]; }
seed

it "-n shows the plan, and changes nothing"
move web -n --exit-code
expect_code 10
expect_out "+ create volume data" && expect_out "stop web" && expect_err "downtime: about"
expect "nothing should be there" empty "$B"
expect "the source should run" as_before

it "warm: data, metadata and settings are the same, the source stops, never both"
watch web
move web --json
unwatch
expect_code 0 && expect_out '"downtime":'
expect "both ran at once" never_both
expect "the target should run" running "$B" web
expect "the source should not" eval '! running "$A" web'
expect "nor come up by itself" [ "$(policy "$A" web)" = no ]
expect "the target's policy should be the source's" [ "$(policy "$B" web)" = unless-stopped ]
on "$B" stop web >/dev/null
expect "what the source had written should all be there, and more" eval \
  '[ "$(in_nas "$B" head -n "$(in_nas "$A" sh -c "wc -l <$(on "$A" volume inspect -f "{{.Mountpoint}}" data)/log")" "$(on "$B" volume inspect -f "{{.Mountpoint}}" data)/log")" = "$(in_nas "$A" cat "$(on "$A" volume inspect -f "{{.Mountpoint}}" data)/log")" ]'
quiet_tree() { tree "$1" data | grep -v ' \./log\| \. $\|^[0-9a-f]*  \./log'; }
expect "everything else should be the same: $(diff <(quiet_tree "$A") <(quiet_tree "$B"))" [ "$(quiet_tree "$A")" = "$(quiet_tree "$B")" ]
expect "the folder should be the same" [ "$(tree_at "$A" /share/Container/web)" = "$(tree_at "$B" /share/Container/web)" ]
facts='{{.Config.Labels.role}} {{.HostConfig.Memory}} {{.HostConfig.PortBindings}} {{.Config.Env}} {{.NetworkSettings.Networks.net.IPAMConfig}}'
expect "its settings should be the same" [ "$(on "$A" inspect -f "$facts" web)" = "$(on "$B" inspect -f "$facts" web)" ]
binds() { on "$1" inspect -f '{{join .HostConfig.Binds "\n"}}' web | sort; }
expect "its places, too" [ "$(binds "$A")" = "$(binds "$B")" ]
expect "its alias, too: $(on "$B" inspect -f '{{.NetworkSettings.Networks.net.Aliases}}' web)" eval \
  '[[ $(on "$B" inspect -f "{{.NetworkSettings.Networks.net.Aliases}}" web) == *www* ]]'
expect "it should bear the job's label" eval '[ -n "$(on "$B" inspect -f "{{index .Config.Labels \"qnap-docker.journal\"}}" web)" ]'
expect "no helper should be left" no_helpers
expect "no mark should be left" eval '! in_nas "$B" sh -c "ls /share/Container/.*.qnap-docker" 2>/dev/null'
expect "no secret should stand in the journal" eval '! grep -rq geheim "$QNAP_DOCKER_HOME"'

it "undo: the target stops and is kept, the source runs as it was"
on "$B" start web >/dev/null
watch web
qd --yes undo
unwatch
expect_code 0 && expect_err 'stays on'
expect "both ran at once" never_both
expect "the source should run" as_before
expect "the target should not" eval '! running "$B" web'
expect "nor come up by itself" [ "$(policy "$B" web)" = no ]

it "what is there is in the way, and nothing is changed"
move web
expect_refusal 6 blocked && expect_err 'has a container web' && expect_err 'volume data: it is never overwritten' && expect_err '--rename'
expect "the source should run" as_before

it "cold, under other names, to another port and path"
move web --strategy cold --rename www --map volume=data:d2 --map port=18080:18081 --map path=/share/Container/web:/share/Container/deep/www \
  --map env=PLAIN:q --verify size
expect_code 0 && expect_err 'downtime: '
expect "it should run under its new name" running "$B" www
expect "with its new places" [ "$(on "$B" inspect -f '{{join .HostConfig.Binds "\n"}}' www | sort | paste -sd' ')" = '/share/Container/deep/www:/conf d2:/data' ]
expect "and the variable" eval '[[ $(on "$B" inspect -f "{{.Config.Env}}" www) == *PLAIN=q* ]]'
expect "and the port" eval '[[ $(on "$B" port www) == *18081* ]]'
expect "and the data" eval 'on "$B" exec www test -s /data/big'
qd --yes undo
unseed
in_nas "$B" rm -rf /share/Container/deep

it "a hash that differs ends it, and leads back"
seed
on "$A" exec web sh -c 'echo one >/data/liar'
at=$(on "$A" volume inspect -f '{{.Mountpoint}}' data)
# the target's copy is changed there without a trace in its size or time
in_nas "$B" sh -c 'until [ -s "$1" ]; do :; done; touch -r "$1" /tmp/ref; while [ ! -e /tmp/stop ]; do echo two >"$1"; touch -r /tmp/ref "$1"; done' \
  sh "$at/liar" 2>/dev/null &
LIMIT=120 move web
in_nas "$B" touch /tmp/stop
expect_code 1 && expect_err 'code: not_equal' && expect_err 'liar: '
expect "the source should run" as_before
expect "nothing should be left: $(rest "$B")" empty "$B"

it "a healthcheck that fails on the target leads back; the target is kept, stopped"
on "$A" rm -f web >/dev/null
on "$A" run -d --name web --restart unless-stopped -v data:/data -v /share/Container/web:/conf --health-interval 1s --health-retries 2 \
  --health-cmd 'test -e /conf/only-here' busybox sleep 1000 >/dev/null
move web --bind-mounts skip
expect_refusal 6 blocked
in_nas "$B" mkdir -p /share/Container/web
watch web
LIMIT=120 move web --bind-mounts skip
unwatch
expect_code 1 && expect_err 'runs on'
expect "both ran at once" never_both
expect "the source should run" as_before
expect "the target should be kept" eval 'has "$B" container web && ! running "$B" web'
unseed

it "--keep-source"
seed
move web --keep-source running
expect_refusal 2 conflicting_flags
move web --keep-source running --no-start
expect_code 0
expect "the source should run" as_before
expect "the target should not" eval 'has "$B" container web && ! running "$B" web'
qd --yes undo
expect "what never ran should be gone: $(rest "$B")" empty "$B"
move web --keep-source remove
expect_code 9 && expect_err 'code: confirmation_needed'
qd migrate web --from "$A" --to "$B" --keep-source remove --confirm web
expect_code 0
expect "the container should be gone" eval '! has "$A" container web'
expect "its data should not" has "$A" volume data
qd --yes undo
expect_code 6
expect "the target should still run" running "$B" web
unseed

it "a plan that is saved is applied as it is, and not when something has changed"
seed
move web --plan-out "$WORK/plan.json"
expect_code 0
expect "nothing should be there: $(rest "$B")" empty "$B"
on "$A" update --memory 65m --memory-swap -1 web >/dev/null
qd --yes apply "$WORK/plan.json"
expect_refusal 6 state_changed
move web --plan-out "$WORK/plan.json"
qd --yes apply "$WORK/plan.json"
expect_code 0 && expect "it should run there" running "$B" web
unseed

it "words that are wrong"
seed
for words in "web --strategy lukewarm" "--project x web" "web --map port=x:y" "web --map volume=a" "web --start --no-start" "" "a b --rename c"; do
  # shellcheck disable=SC2086
  qd migrate $words --from "$A" --to "$B"
  expect_code 2
done
qd migrate web --from "$A"
expect_refusal 2 missing_flag
qd migrate web --from "$A" --to "$A"
expect_refusal 2 same_nas
move nobody
expect_refusal 3 no_such_container
move web --volumes other
expect_refusal 3 no_such_volume
qd --yes migrate --project nobody --from "$A" --to "$B"
expect_refusal 3 no_such_project

it "blockers: port, address, neighbours, --rm, downtime, read_only"
on "$B" network create --subnet 10.99.0.0/16 other >/dev/null
"$nas" image "$B"
on "$B" run -d --name holder -p 18080:80 busybox sleep 1000 >/dev/null
on "$A" run -d --name friend -v data:/x busybox sleep 1000 >/dev/null
move web --strategy cold --max-downtime 0
expect_refusal 6 blocked && expect_err 'port 18080/tcp' && expect_err 'by container holder' && expect_err 'are those of network other' &&
  expect_err 'container friend writes to volume data' && expect_err -- '--max-downtime'
on "$A" run -d --name passing --rm busybox sleep 1000 >/dev/null
move passing
expect_refusal 6 blocked && expect_err 'made with --rm'
expect "the source should run" as_before
expect "nothing should be there" eval '[ -z "$(on "$B" volume ls -q)" ]'

it "the image: without a registry it is copied, and only what is missing of it"
printf 'FROM busybox\nRUN echo own >/own\n' >"$WORK/Dockerfile"
on "$A" build -q -t "own:1" - <"$WORK/Dockerfile" >/dev/null 2>&1 || docker -H "unix://$NAS_HOME/$A/run/docker.sock" build -q -t own:1 - <"$WORK/Dockerfile" >/dev/null
docker -H "unix://$NAS_HOME/$A/run/docker.sock" save busybox | docker -H "unix://$NAS_HOME/$B/run/docker.sock" load -q >/dev/null
on "$A" run -d --name own own:1 sleep 1000 >/dev/null
on "$B" rm -f holder >/dev/null
move own --with-image pull
expect_refusal 6 blocked && expect_err 'never came from a registry'
move own --json
expect_code 0
expect "the image should be the same" [ "$(on "$A" image inspect -f '{{.Id}}' own:1)" = "$(on "$B" image inspect -f '{{.Id}}' own:1)" ]
expect "it should run" running "$B" own
job=$(sed -n 's/.*"job":"\([^"]*\)".*/\1/p' "$WORK/out")
bytes=$(sed -n 's/.*"how":"copied".*/&/p' "$QNAP_DOCKER_HOME/state/journal/$job.ndjson" | grep -o '"bytes":[0-9]*' | head -n 1 | cut -d: -f2)
expect "the layers that were there should not go again: $bytes bytes" [ "${bytes:-9999999}" -lt 200000 ]
unseed

it "a project: services, networks, volumes, files; compose works there"
mkdir -p "$WORK/shop/conf" && echo hello >"$WORK/shop/conf/app.conf" && cd "$WORK/shop" || exit 1
cat >compose.yaml <<YAML
name: shop
services:
  db:
    image: busybox
    command: [sh, -c, 'trap "exit 0" TERM; while :; do echo x >>/data/log; sleep 0.1 & wait; done']
    volumes: [data:/data]
    healthcheck: {test: [CMD, "true"], interval: 1s}
  app:
    image: busybox
    command: [sh, -c, 'trap "exit 0" TERM; sleep 1000 & wait']
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./conf:/conf:ro"]
    environment: {VERSION: "1"}
  web:
    image: busybox
    command: [sh, -c, 'trap "exit 0" TERM; sleep 1000 & wait']
    depends_on: [app]
    ports: ["18090:80"]
volumes:
  data:
YAML
qd compose up --profile "$A"
expect_code 0
sed -i 's/VERSION: "1"/VERSION: "2"/' compose.yaml
qd compose up --profile "$A"
expect_code 0
watch shop-db-1
LIMIT=120 qd --yes migrate --project shop --from "$A" --to "$B"
unwatch
expect_code 0
expect "both ran at once" never_both
state() { on "$1" ps -a --format '{{.Names}} {{.State}}' | sort | paste -sd' '; }
expect "all should run there: $(state "$B")" [ "$(state "$B")" = "shop-app-1 running shop-db-1 running shop-web-1 running" ]
expect "none here: $(state "$A")" [ "$(state "$A")" = "shop-app-1 exited shop-db-1 exited shop-web-1 exited" ]
expect "the file should be there" [ "$(on "$B" exec shop-app-1 cat /conf/app.conf)" = hello ]
qd compose ps --profile "$B" -p shop
expect_code 0 && expect_out shop-app-1
qd --yes compose up --profile "$B" -n --exit-code
expect_code 0
qd --yes compose rollback --profile "$B" -p shop
expect_code 0 && expect "the earlier revision should be back" eval '[[ $(on "$B" inspect -f "{{.Config.Env}}" shop-app-1) == *VERSION=1* ]]'
qd --yes compose down --profile "$B" -p shop
expect_code 0 && expect "all should be down there" [ -z "$(on "$B" ps -aq)" ]

it "a project that another program brought up has no files on record, and moves all the same"
cd "$WORK" || exit 1
unseed
member() { on "$A" run -d --name "other-$1-1" --label com.docker.compose.project=other --label "com.docker.compose.service=$1" \
  --label com.docker.compose.container-number=1 --label com.docker.compose.oneoff=False "${@:2}" busybox sleep 1000 >/dev/null; }
member db -v other_data:/data
member app --label com.docker.compose.depends_on=db:service_started:false
LIMIT=120 qd --yes migrate --project other --from "$A" --to "$B"
expect_code 0
expect "both should run there: $(state "$B")" [ "$(state "$B")" = "other-app-1 running other-db-1 running" ]
qd compose ls --profile "$B"
expect_out other
