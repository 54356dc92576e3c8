#!/bin/bash
# network: who reaches whom, addresses and names, and what would lose the NAS.
# shellcheck disable=SC2016  # what docker's templates hold
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
server() { engine run -d --name "$1$ID" --network "$2" busybox sh -c 'while :; do echo hello | nc -l -p 80; done' >/dev/null; }
# greeted CONTAINER HOST: whether a container gets hello from it.
greeted() { [ "$(engine exec "$1$ID" sh -c 'nc -w 2 "$0" 80 </dev/null' "$2" 2>/dev/null)" = hello ]; }
not_greeted() { ! greeted "$@"; }
octet=$((ID % 200 + 20))

it "create makes what was asked for"
qd network create --label who=me --subnet "172.30.$octet.0/24" --gateway "172.30.$octet.1" --ip-range "172.30.$octet.128/25" \
  --aux-address "box=172.30.$octet.9" -o com.docker.network.bridge.name="b$ID" "a$ID"
expect_code 0
expect "an id, not $out" [ ${#out} = 64 ]
got=$(engine network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}} {{.IPRange}}{{end}} {{.Labels.who}}' "a$ID")
expect "the engine says $got" [ "$got" = "172.30.$octet.0/24 172.30.$octet.1 172.30.$octet.128/25 me" ]
qd network create "b$ID"
expect_code 0
qd network create --internal "i$ID"
expect_code 0
expect "it should be internal" [ "$(engine network inspect -f '{{.Internal}}' "i$ID")" = true ]

it "containers of one network reach each other by name, those of another one do not"
server web "a$ID"
engine run -d --name "near$ID" --network "a$ID" busybox sleep 1000 >/dev/null
engine run -d --name "far$ID" --network "b$ID" busybox sleep 1000 >/dev/null
expect "its neighbour should reach it" wait_for greeted near "web$ID"
address=$(engine inspect -f "{{(index .NetworkSettings.Networks \"a$ID\").IPAddress}}" "web$ID")
expect "the far one should not, by name" not_greeted far "web$ID"
expect "the far one should not, by address" not_greeted far "$address"

it "connect with an alias and an address"
qd network connect --alias "shop$ID" --ip "172.30.$octet.200" "a$ID" "far$ID"
expect_code 0
expect_exact ''
expect "now it reaches it" wait_for greeted far "web$ID"
got=$(engine inspect -f "{{with index .NetworkSettings.Networks \"a$ID\"}}{{.IPAddress}} {{.Aliases}}{{end}}" "far$ID")
expect "the engine says $got" grep -q "^172.30.$octet.200 .*shop$ID" <<<"$got"

it "connect a second time: nothing to do, unless other settings are asked for"
qd network connect "a$ID" "far$ID"
expect_code 0
expect_err 'already'
qd network connect --alias "other$ID" "a$ID" "far$ID"
expect_error 6 already_exists
qd network connect host "far$ID"
expect_refusal 1 predefined_network
expect_err '--network host'

it "connect: what is no driver option, no link"
qd network connect --driver-opt nothing "a$ID" "far$ID"
expect_code 1
expect_err 'invalid key/value pair format in driver options'
qd network connect --link a:b:c "a$ID" "far$ID"
expect_code 1
expect_err 'bad format for links: a:b:c'

it "disconnect takes it out"
qd network disconnect "a$ID" "far$ID"
expect_code 0
expect "the far one should not reach it" not_greeted far "web$ID"

it "containers of an internal network reach each other, and nobody else"
server inner "i$ID"
engine run -d --name "in2$ID" --network "i$ID" busybox sleep 1000 >/dev/null
expect "its neighbour should reach it" wait_for greeted in2 "inner$ID"
expect "it should not reach another network" not_greeted in2 "$address"

if like_docker; then
  for flags in '' -q '--no-trunc' '--format json' '--format raw' '-f driver=bridge' '-f label=who' "--format '{{.Name}} {{.CreatedAt}} {{.IPv6}} {{.Internal}} {{.Labels}}'" "--format 'table {{.Name}}\t{{.Internal}}'"; do
    it "ls ${flags:-alone} is docker's, byte for byte"
    theirs=
    for _ in {1..25}; do # docker's labels come in any order
      eval "theirs=\$(engine network ls $flags); qd network ls $flags"
      [ "$out" != "$theirs" ] || break
    done
    expect_code 0
    expect_exact "$theirs"
  done
fi

it "inspect, and its template"
qd network inspect "a$ID"
expect_code 0
expect "the document should be docker's" diff <(engine network inspect "a$ID") "$WORK/out"
qd network inspect -f '{{len .Containers}}' "a$ID" "absent$ID"
expect_refusal 3 no_such_network
expect_exact 2

it "ls --subnets"
qd network ls --subnets -f "name=a$ID"
expect_out "172.30.$octet.0/24"

it "rm of one in use names its containers; --force-disconnect takes them out"
qd network rm "a$ID"
expect_error 6 network_in_use
expect_err "near$ID, web$ID"
qd network rm --force-disconnect "a$ID" "b$ID"
expect_code 0
expect "it should be gone" bash -c '! docker -H "unix://$1" network inspect "a$0" >/dev/null 2>&1' "$ID" "$NAS_SOCKET"

it "rm: what is predefined, what is missing"
qd network rm bridge
expect_refusal 6 predefined_network
qd network rm "absent$ID"
expect_refusal 3 no_such_network
qd network rm -f "absent$ID"
expect_code 0

it "a network over the address of the NAS, or over ours, is refused; its own others are told"
qd network create --subnet "${NAS_HOST%.*}.0/24" "lost$ID"
expect_error 6 subnet_overlaps
qd network create --subnet "${NAS_GATEWAY%.*}.128/25" "lost$ID"
expect_error 6 subnet_overlaps
expect "nothing was made" bash -c '! docker -H "unix://$1" network inspect "lost$0" >/dev/null 2>&1' "$ID" "$NAS_SOCKET"
qd network create --subnet "${NAS_HOST%.*}.64/27" "told$ID"
expect_code 0
expect_err 'warning:'
qd network create --allow-overlap --subnet "${NAS_HOST%.*}.96/27" "quiet$ID"
expect_code 0
expect_no_err 'warning:'

it "a name with a slash; empty values of docker's lists are none"
qd network create --subnet '' --gateway '' "pre/n$ID"
expect_code 0
qd network inspect -f '{{.Name}}' "pre/n$ID"
expect_exact "pre/n$ID"
engine run -d --name "slash$ID" busybox sleep 1000 >/dev/null
qd network connect --alias '' --alias "one$ID,two$ID" --link-local-ip '' "pre/n$ID" "slash$ID"
expect_code 0
got=$(engine inspect -f "{{range (index .NetworkSettings.Networks \"pre/n$ID\").Aliases}}<{{.}}>{{end}}" "slash$ID")
expect "the engine says $got" grep -q "^<one$ID><two$ID>" <<<"$got"
qd network disconnect "pre/n$ID" "slash$ID"
expect_code 0
qd network rm "pre/n$ID"
expect_exact "pre/n$ID"
qd network rm "../n$ID"
expect_refusal 3 no_such_network

it "mistakes"
for words in '--gateway 10.1.1.1' '--subnet 10.1.1.0/24 --gateway 10.2.2.2' '--subnet 10.1.1.0/24 --subnet 10.1.1.0/25' '--subnet 10.1.1.0/24 --ip-range 10.2.0.0/16'; do
  # shellcheck disable=SC2086
  qd network create $words "x$ID"
  expect_refusal 1 bad_ipam
done
qd network create --subnet nonsense "x$ID"
expect_refusal 1
qd network create "i$ID"
expect_refusal 6 already_exists
qd network connect "absent$ID" "near$ID"
expect_refusal 3 no_such_network
qd network connect "i$ID" "absent$ID"
expect_refusal 3 no_such_container
qd network connect --driver-opt bad "i$ID" "near$ID"
expect_refusal 1 bad_option
qd network connect "i$ID"
expect_code 1
