#!/bin/bash
# update: limits and restart policy of containers that exist; memory and swap together; all checked before one is changed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
limits() { engine inspect -f "{{with .HostConfig}}{{.Memory}} {{.MemorySwap}} {{.NanoCpus}} {{.CpuShares}} {{.RestartPolicy.Name}}{{end}}" "$1"; }
M=1048576

engine run -d --name "u1$ID" busybox sleep 1000 >/dev/null
engine run -d --name "u2$ID" -m 64m --memory-swap 128m busybox sleep 1000 >/dev/null

it "every flag of docker's gives what docker gives"
engine run -d --name "theirs$ID" busybox sleep 1000 >/dev/null
engine run -d --name "ours$ID" busybox sleep 1000 >/dev/null
all() { engine inspect -f '{{json .HostConfig}}' "$1"; }
for words in '--cpu-shares 512' '-c 300' '--cpus 0.5' '--cpuset-cpus 0' '--cpuset-mems 0' '--memory 64m --memory-swap 128m' \
  '-m 32m --memory-swap -1' '--memory-reservation 16m' '--pids-limit 100' '--pids-limit -1' '--restart always' '--restart on-failure:3' \
  '--restart no' '--blkio-weight 300' '--pids-limit 0 --cpu-shares 5'; do
  # shellcheck disable=SC2086
  qd update $words "ours$ID"
  # shellcheck disable=SC2086
  expect_code 0 && expect_exact "$(engine update $words "theirs$ID" | sed "s/^theirs$ID/ours$ID/")"
  expect "$words: $(all "ours$ID")" [ "$(all "ours$ID")" = "$(all "theirs$ID")" ]
done
engine run -d --name "cfs1$ID" busybox sleep 1000 >/dev/null
engine run -d --name "cfs2$ID" busybox sleep 1000 >/dev/null
qd update --cpu-period 50000 --cpu-quota 25000 "cfs1$ID"
engine update --cpu-period 50000 --cpu-quota 25000 "cfs2$ID" >/dev/null
expect "period and quota" [ "$(all "cfs1$ID")" = "$(all "cfs2$ID")" ]

it "memory alone is raised above the stored sum, which docker refuses"
qd container update --memory 64m "u1$ID"
expect_code 0 && expect_exact "u1$ID"
expect "$(limits "u1$ID")" [ "$(limits "u1$ID")" = "$((64 * M)) $((128 * M)) 0 0 no" ]
qd update --memory 256m "u2$ID"
expect_code 0
expect "the swap on top should stay: $(limits "u2$ID")" [ "$(limits "u2$ID")" = "$((256 * M)) $((320 * M)) 0 0 no" ]

it "--swap is on top of memory"
qd update --swap 32m "u1$ID"
expect_code 0
expect "$(limits "u1$ID")" [ "$(limits "u1$ID")" = "$((64 * M)) $((96 * M)) 0 0 no" ]
qd update --memory 32m --swap 0 "u1$ID"
expect_code 0
expect "$(limits "u1$ID")" [ "$(limits "u1$ID")" = "$((32 * M)) $((32 * M)) 0 0 no" ]
qd update --swap unlimited "u1$ID"
expect_code 0
expect "$(limits "u1$ID")" [ "$(limits "u1$ID")" = "$((32 * M)) -1 0 0 no" ]
qd update --swap 1g --memory-swap 2g "u1$ID"
expect_refusal 2 conflicting_flags

it "several are changed together, or none"
qd update --cpu-shares 200 "u1$ID" "u2$ID"
expect_code 0 && expect_exact "u1$ID"$'\n'"u2$ID"
qd update --cpu-shares 300 "u1$ID" "absent$ID" "u2$ID"
expect_code 3 && expect_exact '' && expect_err 'nothing was changed'
expect "both should be as before" [ "$(limits "u1$ID" | cut -d' ' -f4)$(limits "u2$ID" | cut -d' ' -f4)" = 200200 ]
engine run -d --rm --name "rm$ID" busybox sleep 1000 >/dev/null
qd update --restart always "u1$ID" "rm$ID"
expect_code 6 && expect_err 'made with --rm' && expect_err 'nothing was changed'
expect "the policy should be as before" [ "$(limits "u1$ID" | cut -d' ' -f5)" = no ]

it "limits that contradict each other are refused beforehand"
engine update --cpus 1 "u2$ID" >/dev/null
qd update --cpu-quota 1000 "u2$ID"
expect_refusal 6 conflicting_limits
qd update --memory 64m --memory-swap 32m "u1$ID"
expect_refusal 2 bad_flag_value
qd update --cpuset-cpus 77 "u1$ID"
expect_refusal 1 bad_parameter

it "mistakes"
qd update "u1$ID"
expect_error 1 nothing_to_change
qd update --memory 1g
expect_error 1 missing_argument
qd update --memory lots "u1$ID"
expect_refusal 2 bad_flag_value
qd update --restart sometimes "u1$ID"
expect_refusal 1
qd update --cpus 1 "absent$ID"
expect_code 3 && expect_exact ''

it "--plan-out, apply and undo"
qd update --memory 300m --restart always --plan-out "$WORK/plan.json" --exit-code "u2$ID"
expect_code 10
expect_out "~ change container u2$ID"
before=$(engine inspect -f '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' "u2$ID")
qd apply "$WORK/plan.json"
expect_code 0
expect "it is changed" [ "$(engine inspect -f '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' "u2$ID")" = '314572800 always' ]
qd undo --yes
expect_code 0
expect "it is as before" [ "$(engine inspect -f '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' "u2$ID")" = "$before" ]

it "--dry-run shows what would change, and changes nothing"
before=$(limits "u2$ID")
qd update --memory 512m --restart always --dry-run "u2$ID"
expect_code 0 && expect_out "u2$ID: memory 256MiB -> 512MiB" && expect_out "u2$ID: restart no -> always"
expect "it should be as before" [ "$(limits "u2$ID")" = "$before" ]

it "on a terminal the change is shown; a compose container and too little memory are warned of"
engine run -d --name "c$ID" --label "com.docker.compose.project=shop$ID" busybox sh -c 'dd if=/dev/zero of=/dev/shm/x bs=1M count=30; echo ready; sleep 1000' >/dev/null
wait_for sh -c "docker -H 'unix://$NAS_SOCKET' logs 'c$ID' | grep -q ready"
on_tty 100x30 update --memory 10m --memory-swap 500m "c$ID" </dev/null
expect_out BEFORE && expect_out 'memory + swap' && expect_out 10MiB
expect_out "belongs to the compose project 'shop$ID'" && expect_out 'it may be killed'
qd update --cpu-shares 10 "c$ID"
expect_code 0 && expect_exact "c$ID" && expect_err 'compose project'
