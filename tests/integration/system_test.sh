#!/bin/bash
# system df, info and version: docker's texts, and what the numbers are made of.
# shellcheck disable=SC2016  # what docker's templates hold
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up own
"$nas" image "own$ID"
profile "own$ID"
engine volume create data >/dev/null
engine run --name full -v data:/d busybox sh -c 'dd if=/dev/zero of=/d/f bs=1000 count=300; dd if=/dev/zero of=/f bs=1000 count=200' >/dev/null 2>&1
engine run -d --name busy busybox sh -c 'dd if=/dev/zero of=/f bs=1000 count=100; sleep 1000' >/dev/null
engine volume create spare >/dev/null
engine run --rm -v spare:/d busybox dd if=/dev/zero of=/d/f bs=1000 count=50 >/dev/null 2>&1
wait_for engine exec busy test -s /f

it "df counts what is there"
qd system df --json
expect_code 0
expect_out '"active":1,"profile":"own'
expect_out '"reclaimable":200000,"size":300000,"total":2,"type":"Containers"'
expect_out '"size":350000,"total":2,"type":"Local Volumes"'

it "df's sums are those of the engine's own list"
qd system df --format '{{.Type}}|{{.TotalCount}}|{{.Size}}|{{.Reclaimable}}'
expect_out "Containers|2|300kB|200kB (66%)"
expect_out "Local Volumes|2|350kB|50kB (14%)"
expect_out "Images|$(engine images -q | sort -u | wc -l)|"
engine volume rm spare >/dev/null
qd system df --format '{{.Type}}|{{.Reclaimable}}'
expect_out "Local Volumes|0B (0%)"

if like_docker; then
  for flags in 'df' 'df -v' 'df --format json' 'df --format raw' "df --format 'table {{.Type}}\t{{.Active}}'" 'df -v --format raw' "df -v --format '{{range .Volumes}}{{.Name}} {{.Size}};{{end}}{{len .Containers}}'" "info -f '{{.Driver}} {{.Name}} {{.NCPU}} {{.Swarm.LocalNodeState}} {{.Plugins.Volume}}'" "info -f '{{json .Plugins}}'"; do
    it "system $flags is docker's, byte for byte"
    theirs=
    for _ in {1..25}; do # their age goes on while we look
      eval "theirs=\$(engine system $flags); qd system $flags"
      [ "$out" != "$theirs" ] || break
    done
    expect_code 0
    expect_exact "$theirs"
  done
  # docker prints the runtimes in any order.
  engine_part() { sed '1,/^Server:/d' | while IFS= read -r line; do
    [[ $line != ' Runtimes:'* ]] || line=$(tr ' ' '\n' <<<"$line" | sort | tr '\n' ' ')
    printf '%s\n' "$line"
  done; }
  it "info is docker's behind the client's part"
  qd info
  expect_code 0
  expect "the engine's part should be docker's" diff <(engine info 2>/dev/null | engine_part) <(engine_part <"$WORK/out")
  it "version is docker's behind the client's part"
  qd version
  expect_code 0
  expect "the engine's part should be docker's" diff <(engine version | sed '1,/^Server:/d') <(sed '1,/^Server:/d' "$WORK/out")
fi

it "version in scripts"
theirs=$(engine version -f '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}')
qd version --format '{{.Server.Version}} {{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}'
expect_code 0
expect_exact "$theirs"
qd version --format '{{.Server.Os}}	{{.Server.Arch}}|'
expect_exact "$(engine version -f '{{printf "%-20s" .Server.Os}}{{.Server.Arch}}|')"
qd version --json
expect_out '"servers":['
qd version --client
expect_code 0
expect_out 'Client: qnap-docker'
expect_no_out 'Server:'

it "a template that asks a map for what it does not have"
qd version -f '{{(index .Server.Components 0).Details.None}}'
expect_code 0
expect_exact '<no value>'
qd info -f '{{.Runtimes.none}}'
expect_code 0
expect_exact '<no value>'

it "version without a NAS, and with one that does not answer"
home=$QNAP_DOCKER_HOME
export QNAP_DOCKER_HOME=$WORK/empty
qd version
expect_code 0
expect_out 'libssh2'
export QNAP_DOCKER_HOME=$home
write_profile "gone$ID" "host=unix:///nonexistent$ID"
qd --profile "gone$ID" version
expect_out 'Client: qnap-docker'
expect_refusal 5
qd --profile "gone$ID" version --format '{{.Server.Version}}'
expect_refusal 5
expect_exact ''

it "info --nas says what the NAS is"
qd info --nas
expect_code 0
expect_out ' System: '
expect_out ' Container Station: '
expect_out '  cgroup version'
qd info --nas --json
expect_out '"capabilities":['

it "df --disks says where docker's data is, and what is free"
qd system df --disks
expect_code 0
expect_out FILESYSTEM
expect "docker's place should be marked" grep -Eq '^/share/CACHEDEV1_DATA .* docker$' "$WORK/out"

it "several NASes: a column and sums"
profile "own$ID" # a second entry of the same NAS
sed -i "0,/^  own$ID:/s//  twin$ID:/" "$QNAP_DOCKER_HOME/profiles.yaml"
qd system df --profile "own$ID,twin$ID"
expect_code 0
expect_out PROFILE
expect_out '(total)'
qd info --profile "own$ID,twin$ID" -f '{{.Name}}'
expect "one line each" [ "$(wc -l <"$WORK/out")" = 2 ]

it "mistakes"
qd system df --format '{{.Nope'
expect_refusal 2 bad_template
qd system df -v --format '{{.Nope}}'
expect_refusal 2 bad_template
qd system df words
expect_code 1
qd info -f '{{.Nope}}'
expect_refusal 2 bad_template
qd version -f '{{.Nope}}'
expect_refusal 2 bad_template
qd system frob
expect_refusal 2 unknown_command
