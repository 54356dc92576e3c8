#!/bin/bash
# compose rollback: model, files and images of an earlier revision, without the compose files, whatever the images' names mean now.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
P=rb$ID
ROOT=/share/Container/.qnap-docker/projects/$P
on_nas() { ssh -i "$NAS_KEY" -o UserKnownHostsFile="$NAS_KNOWN_HOSTS" -o LogLevel=ERROR "$NAS_USER@$NAS_HOST" "$@" </dev/null; }
clean() {
  # shellcheck disable=SC2046
  engine rm -f $(engine ps -aq --filter "label=com.docker.compose.project=$P") >/dev/null 2>&1
  engine network rm "${P}_default" >/dev/null 2>&1
  engine volume rm "${P}_data" >/dev/null 2>&1
  engine rmi -f "roll$ID:1" "roll$ID:old" >/dev/null 2>&1
  on_nas "rm -rf $ROOT"
}
trap 'clean; finish' EXIT
# variant MARK: another image of the same name.
variant() { printf 'FROM busybox\nLABEL mark=%s\n' "$1" | docker -H "unix://$NAS_SOCKET" build -q -t "roll$ID:1" - >/dev/null 2>&1; }
mark() { engine inspect "$P-$1-1" --format '{{index .Config.Labels "mark"}}'; }

mkdir -p "$WORK/p/conf" && cd "$WORK/p" || exit 1
compose() { # compose COMMAND EXTRA
  cat >compose.yaml <<YAML
services:
  web:
    image: roll$ID:1
    command: $1
    stop_grace_period: 0s
    volumes: ["./conf:/conf:ro", "data:/data"]
$2
volumes: {data: {}}
YAML
}
variant one
echo first >conf/a && compose "sleep 1001" ""
qd compose -p "$P" up
first=$(engine inspect "$P-web-1" --format '{{.Image}}')
variant two
echo second >conf/a && compose "sleep 1002" "  more: {image: busybox, command: sleep 1000, stop_grace_period: 0s}"
qd compose -p "$P" up
engine exec "$P-web-1" sh -c 'echo written >/data/w'

it "there is something to go back from"
[ "$(mark web)" = two ] || fail "the second image should run: $(mark web)"
expect "two revisions" [ "$(on_nas "ls $ROOT/revisions" | grep -c json)" = 2 ]

cd "$WORK" || exit 1

it "--dry-run shows what would change, and changes nothing"
qd compose -p "$P" rollback --dry-run
expect_code 0 && expect_out "go back to the files of revision 1" && expect_out "~ recreate $P-web-1" && expect_out "- remove $P-more-1" &&
  expect "the right image runs" [ "$(mark web)" = two ]

it "goes back to the good revision before, by the image's id, without the files"
qd compose -p "$P" rollback
expect_code 0 && expect_err "data is not rolled back" && expect_err "${P}_data"
[ "$(engine inspect "$P-web-1" --format '{{.Image}}')" = "$first" ] || fail "the first image should run"
[ "$(engine inspect "$P-web-1" --format '{{join .Config.Cmd " "}}')" = "sleep 1001" ] || fail "the first command should run"
[ "$(engine exec "$P-web-1" cat /conf/a)" = first ] || fail "the first revision's files should be there"
[ "$(on_nas "cat $ROOT/current/conf/a")" = first ] || fail "the first revision's files should be current"
engine inspect "$P-more-1" >/dev/null 2>&1 && fail "what the revision has not should be gone"

it "data stays as it is"
[ "$(engine exec "$P-web-1" cat /data/w)" = written ] || fail "the data should be there"

it "is a revision itself"
qd compose -p "$P" history --json
expect_out '"command":"rollback to 1"'

it "a revision by its number"
qd compose -p "$P" rollback 2
expect_code 0 && expect "the right image runs" [ "$(mark web)" = two ] && expect "the service is back" engine inspect "$P-more-1" >/dev/null

it "to where it is: nothing to do"
qd compose -p "$P" rollback 2
expect_code 0 && expect_err "nothing to do"

it "a revision that is not there"
qd compose -p "$P" rollback 99
expect_error 3 no_revision

it "a project that is not there"
qd compose -p "none$ID" rollback
expect_error 3 no_revision

it "an image that is gone and never was in a registry: it says so, and nothing is changed"
ids=$(engine ps -q --no-trunc --filter "label=com.docker.compose.project=$P" | sort)
engine rmi -f "$first" >/dev/null 2>&1
qd compose -p "$P" rollback 1
expect_error 3 image_gone && expect_err "web: roll$ID:1"
[ "$ids" = "$(engine ps -q --no-trunc --filter "label=com.docker.compose.project=$P" | sort)" ] || fail "containers have changed"

it "an image that is gone is pulled by its digest, whatever its name means there now"
nas_up roll
"$nas" image "roll$ID"
"$nas" registry "roll$ID" >"$WORK/registry" 2>&1 || fail "no registry: $(cat "$WORK/registry")"
profile "roll$ID"
publish() { # publish MARK
  printf 'FROM busybox\nLABEL mark=%s\n' "$1" | docker -H "unix://$NAS_SOCKET" build -q -t localhost:5000/roll:1 - >/dev/null 2>&1 &&
    engine push -q localhost:5000/roll:1 >/dev/null
}
mkdir -p "$WORK/r" && cd "$WORK/r" || exit 1
printf 'services: {web: {image: "localhost:5000/roll:1", command: sleep 1000, stop_grace_period: 0s}}\n' >compose.yaml
publish one && qd compose --profile "roll$ID" -p "$P" up
first=$(engine inspect "$P-web-1" -f '{{.Image}}')
publish two && qd compose --profile "roll$ID" -p "$P" up
expect "the second one runs" [ "$(mark web)" = two ]
# shellcheck disable=SC2046
engine rmi -f $(engine image inspect "$first" -f '{{.Id}}') >/dev/null 2>&1
engine image inspect "$first" >/dev/null 2>&1 && fail "the first image should be gone"
qd compose --profile "roll$ID" -p "$P" rollback
expect_code 0 && expect "the first one runs" [ "$(mark web)" = one ] && expect "by its id" [ "$(engine inspect "$P-web-1" -f '{{.Image}}')" = "$first" ]
