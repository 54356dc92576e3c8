#!/bin/bash
# stats --no-stream out of the kernel's files: the engine's numbers, over SSH and on a socket of this machine.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
write_profile here "host=unix://$NAS_SOCKET"
engine run -d --name "busy$ID" -m 64m busybox sh -c 'sleep 1000 & while :; do :; done' >/dev/null
engine run -d --name "idle$ID" busybox sleep 1000 >/dev/null
engine run -d --name "host$ID" --network host busybox sleep 1000 >/dev/null
engine run -d --name "joined$ID" --network "container:idle$ID" busybox sleep 1000 >/dev/null
engine create --name "new$ID" busybox true >/dev/null
names=("idle$ID" "host$ID" "joined$ID" "new$ID")
format='{{.Name}} {{.ID}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}'
# The engine's own figures; ours must be found in what it says now or a moment later.
like_engine() {
  local _
  for _ in {1..10}; do
    [ "$out" != "$(engine stats --no-stream --format "$format" "${names[@]}")" ] || return 0
    qd stats --profile "$to" --no-stream --format "$format" "${names[@]}"
  done
  return 1
}
# Which of the names the files tell everything of, host networks apart.
cat >"$WORK/files.lua" <<'END'
local nas <close> = require("docker").connect((...))
local files = require("stats.cgroup").read(nas)
for _, name in ipairs { select(2, ...) } do
  local s = files[nas:container(name):inspect().Id]
  print(s and s.networks and "whole" or "not whole")
end
END

for to in nas1 here; do
  it "memory, network, blocks and processes are the engine's ($to)"
  qd stats --profile "$to" --no-stream --format "$format" "${names[@]}"
  expect_code 0
  expect "these are not the engine's figures" like_engine

  it "a busy container's CPU is seen, by name and in the list ($to)"
  qd stats --profile "$to" --no-stream --format '{{.CPUPerc}} {{.PIDs}} {{.MemUsage}}' "busy$ID"
  expect_code 0
  expect "CPU and two processes, not $out" awk -v line="$out" 'BEGIN { split(line, f, " "); exit !(f[1] + 0 > 5 && f[1] + 0 < 400 && f[2] == 2) }'
  expect_out '/ 64MiB'
  qd stats --profile "$to" --no-stream --json
  expect_code 0
  expect_out "\"name\":\"idle$ID\""

  it "the files tell of everything that runs ($to)"
  qd __script "$WORK/files.lua" "$to" "idle$ID" "busy$ID" "joined$ID" "new$ID"
  expect_code 0
  expect_exact $'whole\nwhole\nwhole\nnot whole'
done

it "what is missing is told, whatever was read"
qd stats --no-stream "idle$ID" "absent$ID"
expect_code 3
expect_err "absent$ID"
