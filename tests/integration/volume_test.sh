#!/bin/bash
# volume: the life of a volume, what is in it, who uses it.
# shellcheck disable=SC2016  # what docker's templates hold
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
hash_in() { engine run --rm -v "$1:/d" busybox md5sum /d/file | cut -d' ' -f1; }

it "create says the name, and the engine has it as it was asked for"
qd volume create --label a=b --label c -o type=tmpfs -o device=tmpfs -o o=size=4m "v$ID"
expect_code 0
expect_exact "v$ID"
got=$(engine volume inspect -f '{{.Labels.a}} {{.Options.o}} {{.Driver}}' "v$ID")
expect "the engine says $got" [ "$got" = 'b size=4m local' ]

it "create of one that is there names it again, as docker; --exact is a conflict"
qd volume create "v$ID"
expect_code 0
expect_exact "v$ID"
qd volume create -o o=size=9m "v$ID"
expect_code 0
expect_err "warning: volume 'v$ID' was there already"
qd volume create --exact -o o=size=9m "v$ID"
expect_error 6 volume_differs

it "create without a name makes an anonymous one"
qd volume create --name '' "named$ID"
expect_code 0 && expect_exact "named$ID"
qd volume create
expect_code 0
expect "a name of 64 digits, not $out" [ ${#out} = 64 ]
engine volume rm "$out" >/dev/null

it "data outlives the container, and the one after it"
engine volume create "data$ID" >/dev/null
qd run --rm -v "data$ID:/d" busybox sh -c 'dd if=/dev/urandom of=/d/file bs=64k count=16'
expect_code 0
first=$(hash_in "data$ID")
qd run -d --name "c$ID" -v "data$ID:/d" busybox sleep 1000
expect_code 0
qd exec "c$ID" md5sum /d/file
expect_out "$first"
qd rm -f -v "c$ID"
expect_code 0
qd run --rm -v "data$ID:/e" busybox md5sum /e/file
expect_out "$first"

if like_docker; then
  for flags in '' -q '--format json' '--format raw' "-f name=data" '-f dangling=true' "--format '{{.Name}} {{.Mountpoint}} {{.Labels}} {{.Links}} {{.Size}}'" "--format 'table {{.Name}}\t{{.Scope}}'"; do
    it "ls ${flags:-alone} is docker's, byte for byte"
    theirs=
    for _ in {1..25}; do # docker's labels come in any order
      eval "theirs=\$(engine volume ls $flags); qd volume ls $flags"
      [ "$out" != "$theirs" ] || break
    done
    expect_code 0
    expect_exact "$theirs"
  done
fi

it "names with numbers come in their order"
engine volume create "n10-$ID" >/dev/null
engine volume create "n9-$ID" >/dev/null
qd volume ls -q -f "name=-$ID"
expect_exact "n9-$ID"$'\n'"n10-$ID"

it "ls --size counts, and says who uses a volume"
engine run -d --name "user$ID" -v "data$ID:/d" busybox sleep 1000 >/dev/null
qd volume ls --size -f "name=data$ID"
expect_code 0
expect_out 1.049MB
expect_out "user$ID"
qd volume ls --size --json -f "name=data$ID"
expect_out '"size":1048576'
expect_out "\"used_by\":[\"user$ID\"]"

it "ls --used-by counts nothing; a terminal shows users and projects anyway"
engine volume create --label com.docker.compose.project=shop "shop$ID" >/dev/null
qd volume ls --used-by -f "name=data$ID"
expect_out "user$ID"
expect_no_out SIZE
on_tty 150x40 volume ls </dev/null
expect_out "user$ID"
expect_out shop
qd volume ls -f "name=data$ID"
expect_no_out "user$ID"

it "inspect on a terminal: who uses it, and what lies in it"
engine exec "user$ID" touch "/d/a file"
on_tty 150x40 volume inspect "data$ID" </dev/null
expect_code 0
expect_out "user$ID"
expect_out 'a file'
on_tty 150x40 volume inspect "shop$ID" </dev/null
expect_out 'no container mounts it'
expect_out empty

it "inspect, and a template"
qd volume inspect "data$ID"
expect_code 0
expect "the document should be docker's" diff <(engine volume inspect "data$ID") "$WORK/out"
qd volume inspect -f '{{.Name}}' "data$ID" "absent$ID"
expect_refusal 3 no_such_volume
expect_exact "data$ID"

it "rm of one in use names the container"
qd volume rm "data$ID"
expect_error 6 volume_in_use
expect_err "user$ID"
qd volume rm -f "data$ID"
expect_error 6 volume_in_use
expect "it should be there" engine volume inspect -f ok "data$ID"

it "rm takes several and says which failed"
qd volume rm "n9-$ID" "absent$ID" "n10-$ID"
expect_code 3
expect_exact "n9-$ID"$'\n'"n10-$ID"
expect_err "absent$ID"
qd volume rm -f "absent$ID"
expect_code 0

it "mistakes"
qd volume create --name "x$ID" "x$ID"
expect_refusal 1 conflicting_names
qd volume create -d "no$ID" "x$ID"
expect_refusal 3
qd volume create --label =x "x$ID"
expect_refusal 2 bad_flag_value
qd volume ls -f bad
expect_refusal 125 bad_filter
qd volume ls -f nope=1
expect "exit code $code" [ "$code" -ne 0 ]
qd volume update "data$ID"
expect_refusal 6
qd volume update
expect_refusal 1 missing_argument
qd volume rm
expect_code 1

it "cluster volumes want a swarm, as docker's do"
for words in '--group g' '--type mount' '--scope multi' '--limit-bytes 1g'; do
  # shellcheck disable=SC2086
  qd volume create $words "x$ID"
  expect_refusal 6
done
expect "nothing should be made" bash -c '! docker -H "unix://$0" volume inspect "$1"' "$NAS_SOCKET" "x$ID"
qd volume create --required-bytes x "x$ID"
expect_refusal 125 bad_flag_value
if [ "$(engine version -f '{{.Server.APIVersion}}')" = 1.41 ]; then
  qd volume ls --cluster
  expect_refusal 6 engine_too_old
else
  qd volume ls --cluster
  expect_code 0
  expect_exact 'VOLUME NAME   GROUP     DRIVER    AVAILABILITY   STATUS'
fi

it "a terminal of 80 and of 200 columns"
on_tty 80x24 volume ls --size
expect_code 0
expect_out 'VOLUME NAME'
expect "no line of more than 80 cells" [ "$(tr -d '\r' <"$WORK/out" | sed 's/\x1b\[[0-9;]*m//g' | wc -L)" -le 80 ]
on_tty 200x24 volume ls --size
expect_out PROJECT

it "--watch shows it again"
LIMIT=5 qd volume ls -q --watch=0.2 -f "name=data$ID"
expect "several times" [ "$(grep -c "data$ID" <<<"$out")" -gt 2 ]
