#!/bin/bash
# A compose project's folder on the NAS: its files arrive as revisions, data is not overwritten, a crash leaves the old revision.
# shellcheck disable=SC2016  # a file's name
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
P=st$ID
ROOT=/share/Container/.qnap-docker/projects/$P
on_nas() { ssh -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o LogLevel=ERROR "$NAS_USER@$NAS_HOST" "$@" </dev/null; }
trap 'on_nas "rm -rf $ROOT"; finish' EXIT

mkdir -p "$WORK/p/conf" "$WORK/p/html" "$WORK/shared" && cd "$WORK/p" || exit 1
echo one >conf/app.conf && echo index >html/index.html && echo s3cretfile >secret.txt && echo common >../shared/common.conf
printf 'FROM busybox\n' >Dockerfile && printf '**/*.log\n' >.qnapignore && echo noise >conf/debug.log
cat >compose.yaml <<'YAML'
services:
  web:
    image: app
    volumes:
      - ./conf:/conf:ro
      - ./html:/html
      - ../shared:/shared:ro
      - /share/Public:/public
    secrets: [token]
  other:
    image: app
secrets:
  token: {file: ./secret.txt}
YAML
# What 'compose up' does with files. Words: stop=BYTES (print "stopped" and wait there), binds, undo, fail.
cat >"$WORK/sync.lua" <<'LUA'
local nas_name, name, words = ...
words = words or ""
local store, sync, json = require "compose.store", require "compose.sync", require "json"
local nas <close> = require("docker").connect(nas_name)
local project = require("compose").load { project_name = name }
local stored = store.read(nas, name, { paths = sync.paths(nas, project) })
local p = sync.prepare(nas, project, stored, { create_binds = words:find "binds" ~= nil })
for _, line in ipairs(p.changes) do print("change " .. line) end
for _, line in ipairs(p.notices) do print("notice " .. line) end
print("digest web " .. p.digests.web .. " other " .. tostring(p.digests.other))
for _, v in ipairs(p.project.model.services.web.volumes) do print("bind " .. v.source .. " " .. v.target) end
local stop = math.tointeger(tonumber(words:match "stop=(%d+)"))
local upload, left = require "compose.upload", stop
local stream = upload.stream
if stop then
  upload.stream = function(args, folder, write)
    stream(args, folder, function(bytes)
      if left and #bytes >= left then
        write(bytes:sub(1, left))
        require("fs").write(os.getenv "STOPPED", "")
        require("task").sleep(1000)
      end
      left = left - #bytes
      write(bytes)
    end)
  end
end
if words:find "meanwhile" then require("fs").write("conf/app.conf", "CHANGED-MORE\n") end
local plan = require("plan").new { command = "compose up", undo_on_failure = true }
if p.args then plan:add { target = nas_name, op = "project.sync", args = p.args, describe = "send files" } end
if words:find "fail" then
  plan:add { target = nas_name, describe = "fail", apply = function() Error { category = "fail", code = "on_purpose", message = "on purpose" } end }
end
local record = { project = name, number = stored.next, command = "compose up", source = require("compose.source").of(project) }
plan:add { target = nas_name, op = "project.record", args = record, describe = "record" }
local lock <close> = store.lock(nas, name, { what = "compose up", wait = 2 })
plan:apply { nas_of = function() return nas end }
print("next " .. stored.next)
LUA
sync() { qd __script "$WORK/sync.lua" "$1" "$P" "${2:-}"; }
digest() { sed -n 's/^digest web //p' "$WORK/out"; }

it "a project's files arrive, and containers are given the NAS's paths"
sync nas1
expect_code 0
expect_out 'change + conf/app.conf'
expect_out "bind $ROOT/current/conf /conf"
expect_out "bind $ROOT/data/html /html"
expect_out 'bind /share/Public /public'
expect 'the files are there' [ "$(on_nas "cat $ROOT/current/conf/app.conf $ROOT/data/html/index.html $ROOT/current/secret.txt $ROOT/current/outside/*/shared/common.conf")" = $'one\nindex\ns3cretfile\ncommon' ]
expect 'the compose file, too' on_nas "[ -f $ROOT/current/compose.yaml ]"
expect 'what .qnapignore names stays here' on_nas "[ ! -e $ROOT/current/conf/debug.log ]"
expect 'only its owner enters the folder' [ "$(on_nas "stat -c %a $ROOT")" = 700 ]
expect 'records are for their owner alone' [ "$(on_nas "stat -c %a $ROOT/revisions/1.json")" = 600 ]
expect 'nobody holds it any more' on_nas "[ ! -e $ROOT/lock ]"
first=$(digest)

it "a second time nothing is sent, and the digest stays"
sync nas1
expect_code 0
expect_no_out 'change'
expect 'the same digest' [ "$(digest)" = "$first" ]
expect 'the same revision of the files' [ "$(on_nas "readlink $ROOT/current")" = rev-1 ]

it "a changed read-only file arrives in a new revision, and only its service has another digest"
echo two >conf/app.conf
sync nas1
expect_code 0
expect_out 'change ~ conf/app.conf'
expect 'it is there' [ "$(on_nas "cat $ROOT/current/conf/app.conf")" = two ]
expect 'the old one is, too' [ "$(on_nas "cat $ROOT/rev-1/conf/app.conf")" = one ]
expect 'what did not change is the same file' [ "$(on_nas "stat -c %h $ROOT/current/secret.txt")" = 2 ]
expect 'another digest' [ "$(digest)" != "$first" ]
expect_out 'other nil'

it "data that changed on the NAS is kept; what changed only here is updated; what is only there is left alone"
echo b1 >html/b.html
sync nas1
expect_out 'change + data/html/b.html'
on_nas "echo theirs >$ROOT/data/html/index.html; echo own >$ROOT/data/html/own.html"
echo mine >html/index.html && echo b2 >html/b.html
sync nas1
expect_code 0
expect_out "notice $ROOT/data/html/index.html was changed on nas1"
expect_out 'change ~ data/html/b.html'
expect 'three ways' [ "$(on_nas "cd $ROOT/data/html && cat b.html index.html own.html")" = $'b2\ntheirs\nown' ]
rm html/b.html
sync nas1
expect 'what is gone here stays there' on_nas "[ -f $ROOT/data/html/b.html ]"

it "names of all kinds arrive"
odd=(' a b ' "it's" 'q"uote' '-dash' '$(x)' 'back\slash' 'ünï' '*')
mkdir odd && for name in "${odd[@]}"; do echo "$name" >"conf/$name" && echo "$name" >"html/$name" && echo "$name" >"odd/$name"; done
sed -i 's|- ./html:/html|&\n      - ./odd:/odd|' compose.yaml
sync nas1
expect_code 0
expect 'in a revision' [ "$(on_nas "cd $ROOT/current/conf && ls -A | wc -l")" = 9 ]
for name in "${odd[@]}"; do echo "$name" >>"$WORK/odd"; done
expect 'in a new directory' [ "$(on_nas "cd $ROOT/data/odd && cat ./* | LC_ALL=C sort | cksum; ls -A | wc -l")" = "$(LC_ALL=C sort "$WORK/odd" | cksum)"$'\n8' ]
expect 'in one that was there' [ "$(on_nas "cd $ROOT/data/html && ls -A | wc -l")" = 11 ]
rm -rf odd conf/[!a]* html/[!ib]*
sed -i '/odd:/d' compose.yaml

it "data that was there before the first time is not overwritten"
mkdir more && echo ours >more/f && on_nas "mkdir $ROOT/data/more && echo there >$ROOT/data/more/f"
sed -i 's|- ./html:/html|&\n      - ./more:/more|' compose.yaml
sync nas1
expect_code 0
expect_out "notice $ROOT/data/more/f was changed on nas1"
expect 'it is as it was' [ "$(on_nas "cat $ROOT/data/more/f")" = there ]

it "sources that are nowhere are one error, and nothing was written"
cp compose.yaml kept.yaml
sed -i 's|- ./html:/html|&\n      - ./nothing:/nothing\n      - /share/none:/none|' compose.yaml
before=$(on_nas "cd $ROOT && ls -lAR . | cksum")
sync nas1
expect_error 3 no_bind_source
expect_err "volume /none of service 'web': /share/none is not on nas1"
expect_err 'nothing is neither here nor on nas1'
expect 'nothing was written' [ "$(on_nas "cd $ROOT && ls -lAR . | cksum")" = "$before" ]
expect 'nothing was made there' on_nas '[ ! -e /share/none ]'

it "with --create-binds they become directories"
sed -i '/share.none/d; s|- ./html:/html|&\n      - ./empty:/empty:ro|' compose.yaml
sync nas1 binds
expect_code 0
expect 'they are there' on_nas "[ -d $ROOT/data/nothing ] && [ -d $ROOT/current/empty ]"
sed -i '/empty/d' compose.yaml
sync nas1
expect_code 0
cp kept.yaml compose.yaml

it "a file that is gone here is missing, although an older revision has it"
mv secret.txt ../gone
sync nas1
expect_error 3 no_bind_source
expect_err "secret 'token' of service 'web'"
mv ../gone secret.txt

it "a large file is refused by name, unless it is listed"
truncate -s 101M conf/large.bin
sync nas1
expect_error 2 large_file
expect_err 'conf/large.bin'
rm conf/large.bin

it "a failure takes the files back"
sync nas1
was=$(on_nas "readlink $ROOT/current")
echo three >conf/app.conf
sync nas1 fail
expect_code 1
expect 'the old files are current' [ "$(on_nas "readlink $ROOT/current; cat $ROOT/current/conf/app.conf")" = "$was"$'\ntwo' ]

it "kill -9 while files are sent: the old revision stays, whole, and the next command needs no help"
head -c 3000000 /dev/urandom >conf/big
files() { on_nas "cd $ROOT && readlink current && cd current/ && find . -type f | sort | xargs sha256sum"; }
was=$(files)
export STOPPED=$WORK/stopped
for at in 1 700000 2500000; do # bytes of a write; the content is 3000000
  rm -f "$STOPPED"
  "$QD_PROGRAM" __script "$WORK/sync.lua" nas1 "$P" "stop=$at" >/dev/null 2>&1 &
  victim=$!
  expect "it came to byte $at" wait_for test -e "$STOPPED"
  kill -9 "$victim"
  wait "$victim" 2>/dev/null
  expect 'the old revision is whole' [ "$(files)" = "$was" ]
  qd compose -p "$P" lock status
  expect_out 'left behind'
done

it "what was interrupted is resumed by another process"
qd jobs -q
qd resume "$(head -n 1 "$WORK/out")"
expect_code 0
expect 'it arrived' [ "$(on_nas "sha256sum <$ROOT/current/conf/big")" = "$(sha256sum <conf/big)" ]
expect 'nothing is left of the others' [ -z "$(on_nas "ls -d $ROOT/tmp-* 2>/dev/null")" ]

it "Ctrl-C while files are sent: the old revision stays, nothing is left, and the project is free"
head -c 3000000 /dev/urandom >conf/big
was=$(files)
rm -f "$STOPPED"
env --default-signal=INT "$QD_PROGRAM" __script "$WORK/sync.lua" nas1 "$P" stop=700000 >/dev/null 2>&1 &
victim=$!
expect 'it came that far' wait_for test -e "$STOPPED"
kill -INT "$victim"
wait_for test ! -e "/proc/$victim" || kill -9 "$victim"
wait "$victim" 2>/dev/null
code=$?
expect_code 130
expect 'the old revision is whole' [ "$(files)" = "$was" ]
expect 'nobody holds it' on_nas "[ ! -e $ROOT/lock ]"
expect 'nothing is left' wait_for on_nas "[ ! -e $ROOT/tmp-* ]"

it "a file that changes between plan and deed is an error, and the old revision stays"
was=$(files)
echo changed-more >conf/app.conf
sync nas1 meanwhile
expect_error 6 file_changed
expect 'the old revision is whole' [ "$(files)" = "$was" ]
expect 'nothing is left of it' [ -z "$(on_nas "ls -d $ROOT/tmp-* 2>/dev/null")" ]
sync nas1
expect_code 0

it "through ssh itself, too"
write_profile openssh "host=$NAS_HOST" "user=$NAS_USER" "ssh_key_path=$NAS_KEY" "known_hosts=[$NAS_KNOWN_HOSTS]" transport=openssh
echo four >conf/app.conf
sync openssh
expect_code 0
expect 'it arrived' [ "$(on_nas "cat $ROOT/current/conf/app.conf")" = four ]

it "the files of an earlier revision become the current ones, and go back again"
cat >"$WORK/back.lua" <<'LUA'
local name = ...
local store = require "compose.store"
local nas <close> = require("docker").connect "nas1"
local stored = store.read(nas, name)
local older = stored.revisions[2]
local plan = require("plan").new { command = "compose rollback" }
local args = { project = name, number = older.files, from = stored.files }
plan:add { target = "nas1", op = "project.use", args = args, describe = "go back" }
plan:apply { nas_of = function() return nas end }
print("files " .. store.read(nas, name).files .. " of " .. older.files)
require("plan.ops.project").use.undo(nas, plan.steps[1])
LUA
sync nas1
echo later >conf/app.conf
sync nas1
was=$(on_nas "readlink $ROOT/current")
qd __script "$WORK/back.lua" "$P"
expect_code 0
expect 'it went there' grep -Eq '^files ([0-9]+) of \1$' "$WORK/out"
expect 'and back' [ "$(on_nas "readlink $ROOT/current")" = "$was" ]

it "another machine's lock is told, and only 'lock release' takes it"
on_nas "mkdir $ROOT/lock && echo '{\"host\":\"elsewhere\",\"user\":\"eve\",\"pid\":7,\"token\":\"t\",\"command\":\"compose up\"}' >$ROOT/lock/who"
echo five >conf/app.conf
sync nas1
expect_error 6 locked
expect_err "held by eve@elsewhere (process 7), for 'compose up'"
qd compose -p "$P" lock status --json
expect_out '"state":"held"'
qd compose -p "$P" lock release
expect_code 9
qd compose -p "$P" lock release --yes
expect_code 0
sync nas1
expect_code 0

it "a file that a container writes to is one file through all revisions, and is kept when both sides changed it"
echo '{}' >acme.json
sed -i 's|- ./html:/html|&\n      - ./acme.json:/acme.json|' compose.yaml
sync nas1
expect_code 0
on_nas "echo theirs >$ROOT/current/acme.json"
echo six >conf/app.conf
sync nas1
expect_out 'change ~ conf/app.conf'
expect 'what was written there goes along' [ "$(on_nas "cat $ROOT/current/acme.json")" = theirs ]
echo mine >acme.json
sync nas1
expect_out "notice $ROOT/current/acme.json was changed on nas1"
expect 'it is theirs' [ "$(on_nas "cat $ROOT/current/acme.json")" = theirs ]

it "secrets and configs by content: put into a container, or bound where its root file system is read-only; never in a record"
export TOKEN=hush-hush-token
cat >"$WORK/contents.yaml" <<'YAML'
services:
  web: {image: busybox, secrets: [{source: tok, uid: "5", gid: "6", mode: 0400}], configs: [{source: conf, target: /etc/app.conf}]}
  ro: {image: busybox, read_only: true, secrets: [tok]}
secrets: {tok: {environment: TOKEN}}
configs: {conf: {content: "token=${TOKEN}"}}
YAML
cat >"$WORK/contents.lua" <<'LUA'
local name, id, file = ...
local store, sync = require "compose.store", require "compose.sync"
local nas <close> = require("docker").connect "nas1"
local project = require("compose").load { project_name = name, files = { file } }
local p = sync.prepare(nas, project, store.read(nas, name))
local plan = require("plan").new { command = "compose up" }
plan:add { target = "nas1", op = "project.sync", args = p.args, describe = "send files" }
for _, service in ipairs { "web", "ro" } do
  local body = { Image = "busybox", Cmd = { "sleep", "1000" }, HostConfig = { ReadonlyRootfs = service == "ro" or nil, Mounts = {} } }
  for i, v in ipairs(p.project.model.services[service].volumes or {}) do
    body.HostConfig.Mounts[i] = { Type = "bind", Source = v.source, Target = v.target, ReadOnly = v.read_only }
  end
  body.HostConfig.Mounts = #body.HostConfig.Mounts > 0 and body.HostConfig.Mounts or nil
  local made = plan:add { target = "nas1", op = "container.create", args = { name = service .. id, body = body }, describe = "create " .. service }
  if service == "web" then
    local args = { from = made.id, service = service, source = require("compose.source").of(project) }
    plan:add { target = "nas1", op = "project.put", args = args, describe = "put" }
  end
  plan:add { target = "nas1", op = "container.start", args = { from = made.id }, describe = "start " .. service }
end
plan:save(os.getenv "PLAN")
local lock <close> = store.lock(nas, name)
plan:apply { nas_of = function() return nas end }
LUA
PLAN=$WORK/plan.json qd __script "$WORK/contents.lua" "$P" "$ID" "$WORK/contents.yaml"
expect_code 0
run docker -H "unix://$NAS_SOCKET" exec "web$ID" sh -c 'stat -c "%a %u %g" /run/secrets/tok; cat /run/secrets/tok; stat -c " %a %u" /etc/app.conf; cat /etc/app.conf'
expect_exact $'400 5 6\nhush-hush-token 444 0\ntoken=hush-hush-token'
run docker -H "unix://$NAS_SOCKET" exec "ro$ID" sh -c 'cat /run/secrets/tok && ! echo x >/run/secrets/tok'
expect_code 0
expect_exact hush-hush-token
nowhere() { ! grep -rq "$@"; }
expect 'no plan and no journal holds it' nowhere hush-hush "$WORK/plan.json" "$QNAP_DOCKER_HOME"
engine rm -f "web$ID" "ro$ID" >/dev/null
sync nas1

it "an account that may write there only with sudo"
nas_up sudo --sudo
profile "sudo$ID"
sync "sudo$ID"
expect_code 0
expect 'it is root who has it' [ "$(on_nas "sudo -n sh -c 'stat -c %a%u $ROOT && cat $ROOT/current/conf/app.conf'")" = $'7000\nsix' ]
qd --profile "sudo$ID" compose -p "$P" history -q
expect_exact 1
use nas1

it "history and diff"
qd compose -p "$P" history -q
expect_code 0
expect 'the last ten' [ "$(wc -l <"$WORK/out")" = 10 ]
expect 'older ones are gone' on_nas "[ ! -e $ROOT/revisions/1.json ] && [ ! -e $ROOT/rev-1 ]"
qd compose -p "$P" diff --exit-code
expect_code 0
sed -i 's/image: app/image: busybox/; s/secrets: \[token\]/&\n    environment: {PASSWORD: hush-hush}/' compose.yaml
qd compose -p "$P" diff --exit-code --no-trunc
expect_code 10
expect_out 'services.web.image'
expect_out 'services.web.environment'
expect_out 'file compose.yaml'
expect_no_out hush-hush
qd compose -p "$P" diff 999
expect_error 3 no_revision

it "'use' chooses the project where there is no file"
qd compose use "$P"
expect_code 0
cd / || exit 1
qd compose history -q
expect_code 0
expect 'its revisions' [ "$(wc -l <"$WORK/out")" = 10 ]
qd compose use --none
qd compose history -q
expect_code 3
cd "$WORK/p" || exit 1

it "image prune -a leaves what a revision runs"
engine run -d --name "web$ID" --label "com.docker.compose.project=$P" --label com.docker.compose.service=web app sleep 1000 >/dev/null
sync nas1
engine rm -f "web$ID" >/dev/null
qd image prune -a --dry-run
expect_no_out app:latest
qd image prune -a --dry-run --keep-rollback 0
expect_out app:latest
qd compose -p "$P" history --json=revision,images
expect_out '"image":"app"'
