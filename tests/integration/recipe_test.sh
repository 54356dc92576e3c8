#!/bin/bash
# recipe: those that come with the program, those of the user's own, trust by content; and the recipes themselves against a NAS.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# A NAS of its own, as some see all that is there. Container Station's engine gives every log a limit; this one does not.
nas_up cap
"$nas" sh "cap$ID" "sed -i '/log-opts/d' /share/CACHEDEV1_DATA/.qpkg/container-station/etc/docker.json" </dev/null
"$nas" restart-dockerd "cap$ID" && "$nas" image "cap$ID"
profile "cap$ID"
folder=$QNAP_DOCKER_HOME/recipes

it "all that come with the program are listed, are in order, and are commands"
qd recipe check
expect_exact "" && expect_code 0
qd recipe list -q
expect_out port-map && names=$out
for name in $names; do
  qd "$name" --help
  expect_code 0 && expect_out "qnap-docker $name"
  qd recipe show "$name"
  expect_out 'summary = "'
done
qd help
expect_out "Recipes:"

it "one of the user's own is begun, is a command, and is trusted until it changes"
qd recipe new mine
expect_code 0 && expect_exact "$folder/mine.lua" && expect "for its owner alone" [ "$(stat -c %a "$folder/mine.lua")" = 600 ]
engine run -d --name "web$ID" busybox sleep 1000 >/dev/null
qd mine --format '{{.Name}}'
expect_code 0 && expect_out "web$ID"
qd recipe run mine --format '{{.Image}}'
expect_out busybox
echo '-- more' >>"$folder/mine.lua"
qd mine
expect_error 4 not_trusted && expect_err "changed since"
qd recipe list --format '{{.Name}} {{.Trust}}'
expect_out "mine changed"
qd --yes recipe trust mine
expect_code 0 && expect_err "-- more"
qd mine
expect_code 0
qd recipe trust --revoke mine
qd mine
expect_error 4 not_trusted

it "it hides no command, and is not overwritten"
qd recipe new ps
expect_error 6 recipe_hides_command
qd recipe new mine
expect_error 6 recipe_hides_command
qd recipe new 'Not-A-Name'
expect_code 2
printf 'return { summary = "x", run = function() print "hidden" end }\n' >"$folder/ps.lua"
qd --yes recipe trust "$folder/ps.lua"
qd ps -q
expect_no_out hidden

it "a stranger's file runs nothing before it is trusted, by whatever way"
printf 'io.open("%s/ran", "w"):close()\nreturn { summary = "x", run = function() end }\n' "$WORK" >"$WORK/evil.lua"
cp "$WORK/evil.lua" "$folder/evil.lua"
for words in "evil" "evil --help" "recipe run evil" "recipe run $WORK/evil.lua" "recipe check $WORK/evil.lua" "recipe check" "recipe list" "recipe show evil" \
  "help" "help evil" "__complete evil --" "__complete e" "recipe trust evil" "evil --json"; do
  # shellcheck disable=SC2086
  qd $words
  expect "nothing ran by: $words" [ ! -e "$WORK/ran" ]
done
qd recipe trust evil
expect_code 9
rm "$folder/evil.lua"

it "check says what is wrong"
cat >"$WORK/bad.lua" <<'LUA'
local core = require "core.docker"
return {
  summary = "Does something.", writes = true, flags = { { "all", type = "nonsense" } }, needs = { everything = true },
  examples = { { "good" } }, run = function() return core end,
}
LUA
qd --yes recipe trust "$WORK/bad.lua"
qd recipe check "$WORK/bad.lua"
expect_code 8 && expect_out "core.*" && expect_out "full stop" && expect_out "needs.everything"
echo 'return {' >"$WORK/broken.lua"
qd recipe check "$WORK/broken.lua"
expect_code 8 && expect_out "expected"
qd recipe check nowhere
expect_error 3 no_recipe
qd recipe run port-mep
expect_error 3 no_recipe && expect_err port-map

it "edit: the user's editor; what they leave is checked, and trusted where it was"
cat >"$WORK/editor" <<'SH'
#!/bin/sh
echo '-- edited' >>"$2"
SH
chmod +x "$WORK/editor"
qd recipe new other --from port-map
EDITOR="$WORK/editor -x" qd recipe edit other
expect_code 0 && expect "it was edited" grep -q -- '-- edited' "$folder/other.lua"
qd other -q
expect_code 0
EDITOR=false qd recipe edit other
expect_error 1 editor_failed
qd recipe edit port-map
expect_error 2 built_in_recipe

it "port-map: who has which port, and what the network reaches"
P=$((20000 + RANDOM % 20000))
engine run -d --name "open$ID" -p "$P:80" -p "$P:53/udp" busybox sleep 1000 >/dev/null
engine run -d --name "local$ID" -p "127.0.0.1:$((P + 1)):80" busybox sleep 1000 >/dev/null
qd port-map --format '{{.Port}} {{.Protocol}} {{.Container}} {{.Target}} {{.Exposed}}'
expect_out "$P tcp open$ID 80 exposed" && expect_out "$P udp open$ID 53 exposed" && expect_out "$((P + 1)) tcp local$ID 80 " &&
  expect_no_out "local$ID 80 exposed"
qd port-map --exposed -q
expect_out "$P" && expect_no_out "$((P + 1))"
again=$out
qd port-map --exposed -q
expect_exact "$again"

it "security-audit: what may do more than it needs"
engine create --name "priv$ID" --privileged --network host --pid host -v /etc:/e -v /etc:/ro:ro busybox sleep 1000 >/dev/null
engine run -d --name "db$ID" --user 1000 --cap-add SYS_ADMIN --security-opt seccomp=unconfined -p "$((P + 2)):5432" busybox:latest sleep 1000 >/dev/null
engine run -d --name "good$ID" --user 1000:1000 -p "127.0.0.1:$((P + 3)):5432" app sleep 1000 >/dev/null
qd security-audit --format '{{.Container}}'
expect_no_out "priv$ID"
qd security-audit -a --format '{{.Risk}} {{.Container}} {{.Finding}}'
expect_code 0 && expect_out "high priv$ID runs privileged" && expect_out "high priv$ID may write to /etc" && expect_out "medium priv$ID shares the NAS's network" &&
  expect_out "medium priv$ID sees all processes" && expect_out "high db$ID PostgreSQL is open to the network on port $((P + 2))" &&
  expect_out "high db$ID has the capability CAP_SYS_ADMIN" && expect_out "medium db$ID runs with seccomp=unconfined" && expect_out "low web$ID runs as root" &&
  expect_err " of 100 points"
expect_no_out "good$ID PostgreSQL" && expect_no_out "db$ID runs as root"
[ "$(grep -c "priv$ID may write to" <<<"$out")" = 1 ] || fail "what is mounted read-only is no finding"
qd security-audit --risk high --format '{{.Risk}}'
expect_no_out low && expect_no_out medium
qd security-audit --fail-on high -q
expect_code 8

it "log-cap: finds logs without end, says beforehand what it would do, caps them once"
# shellcheck disable=SC2046
engine rm -f $(engine ps -aq) >/dev/null
engine run -d --stop-timeout 0 --name "grows$ID" --env KEEP=this -v "vol$ID:/v" busybox sleep 1000 >/dev/null
engine run -d --name "capped$ID" --log-opt max-size=1m busybox sleep 1000 >/dev/null
engine run -d --name "project$ID" --label "com.docker.compose.project=shop$ID" busybox sleep 1000 >/dev/null
qd log-cap --format '{{.Container}} {{.Fix}}'
expect_out "grows$ID log-cap --apply" && expect_out "project$ID logging of project shop$ID" && expect_no_out "capped$ID"
before=$(engine inspect -f '{{.Id}}' "grows$ID")
qd log-cap --apply --dry-run
expect "nothing is done" [ "$(engine inspect -f '{{.Id}}' "grows$ID")" = "$before" ]
qd log-cap --apply --max-size nonsense
expect_code 2 125
qd --yes log-cap --apply --max-size 5m --monitor 1s
expect_code 0 && expect "it has the limit" [ "$(engine inspect -f '{{json .HostConfig.LogConfig.Config}}' "grows$ID")" = '{"max-file":"3","max-size":"5m"}' ]
expect "all else is as it was" [ "$(engine inspect -f '{{.State.Running}} {{index .Config.Env 0}} {{(index .Mounts 0).Name}}' "grows$ID")" = "true KEEP=this vol$ID" ]
expect_err "project$ID is left"
before=$(engine inspect -f '{{.Id}}' "grows$ID")
qd --yes log-cap --apply
expect_code 0 && expect "once is enough" [ "$(engine inspect -f '{{.Id}}' "grows$ID")" = "$before" ]

it "inventory: the same as long as nothing changes, into a folder, into git"
qd inventory
expect_code 0 && expect_out "\"name\": \"capped$ID\"" && first=$out
qd inventory
expect_exact "$first"
qd inventory --as markdown
expect_out "| capped$ID | busybox |"
qd inventory --out "$WORK/inv" --dry-run
expect "nothing is written" [ ! -e "$WORK/inv/cap$ID.json" ]
if command -v git >/dev/null; then
  git init -q "$WORK/inv" && git -C "$WORK/inv" config user.email a@b && git -C "$WORK/inv" config user.name a
  qd inventory --out "$WORK/inv" --commit
  expect_code 0 && expect_out "cap$ID.json"
  qd inventory --out "$WORK/inv" --commit
  expect_err "as it was" && expect_err "nothing has changed"
  engine rm -f "capped$ID" >/dev/null
  qd inventory --out "$WORK/inv" --commit
  expect "the change is a commit" [ "$(git -C "$WORK/inv" log --oneline | wc -l)" = 2 ]
fi
qd inventory --commit
expect_error 2 missing_flag
