#!/bin/bash
# ps: filters, formats, JSON; several NASes, one of them down.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
label="test=$ID"
engine run -d --name "up$ID" --label "$label" --label tier=web -p 0:80 app sleep 1000 >/dev/null
engine run --name "down$ID" --label "$label" busybox sh -c 'exit 3' >/dev/null
engine create --name "new$ID" --label "$label" busybox true >/dev/null
engine run -d --name "sick$ID" --label "$label" --health-cmd false --health-interval 1s --health-retries 1 busybox sleep 1000 >/dev/null

it "running ones; all with -a"
qd ps --filter "label=$label" --format '{{.Names}}'
expect_code 0
expect_exact "sick$ID"$'\n'"up$ID"
qd ps -a --filter "label=$label" --format '{{.Names}}'
expect_exact "sick$ID"$'\n'"new$ID"$'\n'"down$ID"$'\n'"up$ID"

for flags in '' '-a' '-q' '-aq --no-trunc' '--no-trunc' '-s' '-n 2' '-l' '--filter status=exited' '--filter health=unhealthy -a' '--filter name=up -a'; do
  it "ps ${flags:-alone} is docker's, byte for byte"
  like_docker || { skip "docker here is older" && continue; }
  [[ $flags != *health* ]] || expect "it should become unhealthy" wait_for sh -c "docker -H unix://$NAS_SOCKET inspect -f '{{.State.Health.Status}}' sick$ID | grep -q unhealthy"
  # Times and other tests' containers move on while we look: equal in one of a few tries.
  for _ in {1..25}; do
    # shellcheck disable=SC2086
    theirs=$(engine ps $flags --filter "label=$label") && qd ps $flags --filter "label=$label"
    [ "$out" != "$theirs" ] || break
  done
  expect_code 0
  expect_exact "$theirs"
done

for format in '{{.ID}} {{.Image}} {{.State}}' 'table {{.Names}}\t{{.Status}}' json '{{json .Ports}}' '{{.Label "tier"}}|{{.Names}}' '{{.Labels}}'; do
  it "ps --format '$format' is docker's"
  like_docker || { skip "docker here is older" && continue; }
  for _ in {1..25}; do
    theirs=$(engine ps -a --filter "label=$label" --format "$format") && qd ps -a --filter "label=$label" --format "$format"
    [ "$out" != "$theirs" ] || break
  done
  expect_code 0
  expect_exact "$theirs"
done

it "--json is one document, each record with its profile"
qd ps -a --filter "label=$label" --json
expect_code 0
expect "four records with a profile" [ "$(grep -o '"profile":' "$WORK/out" | wc -l)" = 4 ]
expect_out '"profile":"nas1"'

it "nothing to show: docker's header alone, and a hint on stderr"
qd ps --filter "label=absent$ID"
expect_code 0
expect_exact "$(engine ps --filter "label=absent$ID")"

it "an unknown filter and a bad one"
qd ps --filter "frob=1"
expect_refusal 1
qd ps --filter nothing
expect "exit code $code" [ "$code" -ne 0 ]
expect_err 'code: bad_filter'

it "every NAS: the live one's rows, the dead one's error, exit code 7"
write_profile dead "host=$NAS_GATEWAY" port=9 user=admin "ssh_key_path=$NAS_KEY" identity_agent=none
qd ps --profile '*' --filter "label=$label" --format '{{.Names}}'
expect_code 7
expect_out "up$ID"
expect_err dead
expect_err 'error: '
expect_no_err traceback

it "a table of several NASes has a PROFILE column"
qd ps --profile nas1,dead --filter "label=$label"
expect_code 7
expect_out PROFILE
expect_out nas1

it "--profile with one that is not there"
qd ps --profile absent
expect_refusal 3
qd ps --profile 'absent*'
expect_refusal 3

it "through the local socket, too"
write_profile here "host=unix://$NAS_SOCKET"
qd ps --profile here --filter "label=$label" --format '{{.Names}}'
expect_code 0
expect_exact "sick$ID"$'\n'"up$ID"

it "--sort, --health and --project"
use nas1
engine run -d --name "bb$ID" --label "com.docker.compose.project=p$ID" --health-cmd true --health-interval 100s busybox sleep 1000 >/dev/null
engine run -d --name "aa$ID" --label "com.docker.compose.project=p$ID" busybox sleep 1000 >/dev/null
qd ps --profile nas1 --project "p$ID" --sort name --format '{{.Names}}'
expect_code 0
expect_exact "aa$ID"$'\n'"bb$ID"
qd ps --profile nas1 --project "p$ID" --sort created --format '{{.Names}} {{.Health}}'
expect_exact "aa$ID none"$'\n'"bb$ID starting"
qd ps --profile nas1 --project "p$ID" --health
expect_out HEALTH
qd ps --profile nas1 --project "p$ID" --utc
expect_out "$(date -u +%Y-%m-)"
on_tty 200x40 ps --profile nas1 --filter "name=aa$ID" </dev/null
expect_out PROJECT
expect_out "p$ID"
qd ps --profile nas1 --filter "name=aa$ID"
expect_no_out PROJECT
engine run -d --name "cc$ID" busybox sleep 1000 >/dev/null
on_tty 200x40 ps --profile nas1 --filter "name=cc$ID" </dev/null
expect_no_out PROJECT
