#!/bin/bash
# images and pull: listing, a registry, what goes wrong with one.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
nas_up reg
"$nas" image "reg$ID"
"$nas" registry "reg$ID" >"$WORK/registry" 2>&1 || { cat "$WORK/registry" && exit 1; }
profile "reg$ID"
export QNAP_DOCKER_PROFILE=reg$ID

for flags in '' '-q' '--digests' '--no-trunc' 'busybox' '--filter reference=app' "--format '{{.Repository}}:{{.Tag}} {{.Size}}'" '--format json'; do
  it "images ${flags:-alone} is docker's, byte for byte"
  [[ $flags != *json ]] || like_docker || { skip "docker here is older" && continue; }
  theirs=
  for _ in {1..25}; do # their age goes on while we look
    eval "theirs=\$(engine images $flags); qd images $flags"
    [ "$(sort <<<"$out")" != "$(sort <<<"$theirs")" ] || break
  done
  expect_code 0
  # Images of one second come in any order.
  expect "stdout should be: $theirs" [ "$(sort <<<"$out")" = "$(sort <<<"$theirs")" ]
done

it "--tree: an engine that has it, and no other form beside it"
qd images --tree
expect_refusal 6 engine_too_old
expect_err '"--tree" requires API version 1.47'
qd images --tree -q
expect_refusal 1 conflicting_flags

it "pull brings an image"
engine rmi localhost:5000/busybox >/dev/null
qd pull localhost:5000/busybox
expect_code 0
expect_out 'Using default tag: latest'
expect_out 'localhost:5000/busybox:latest'
expect "the image should be there" engine image inspect -f ok localhost:5000/busybox:latest

it "pull of what is there says so"
qd pull localhost:5000/busybox:latest
expect_code 0
expect_out 'Image is up to date'

it "-q prints the name alone"
qd pull -q localhost:5000/busybox
expect_code 0
expect_exact localhost:5000/busybox:latest

it "several"
engine tag busybox localhost:5000/other:1
engine push -q localhost:5000/other:1 >/dev/null
engine rmi localhost:5000/other:1 localhost:5000/busybox:latest >/dev/null
qd pull -q localhost:5000/other:1 localhost:5000/busybox
expect_code 0
expect "both should be there" engine image inspect -f ok localhost:5000/other:1 localhost:5000/busybox:latest

it "run pulls a missing image, and keeps stdout for the process"
engine rmi localhost:5000/other:1 >/dev/null
qd run --rm --name "p$ID" localhost:5000/other:1 echo ran
expect_code 0
expect_exact ran
expect_err "Unable to find image 'localhost:5000/other:1' locally"

it "a tag that the registry does not have"
qd pull localhost:5000/busybox:absent
expect_refusal 3 manifest_unknown

it "a registry that is not there"
qd pull localhost:5999/busybox
expect_refusal 1
qd run --rm localhost:5999/busybox true
expect_code 125
expect_err 'code: registry_unreachable'

it "a layer that breaks off inside a stream that began well"
"$nas" sh "reg$ID" "find /run/registry -path '*blobs*' -name data -size +100k -exec truncate -s 1000 {} +"
engine rmi -f busybox app localhost:5000/busybox:latest localhost:5000/other:1 >/dev/null
qd pull localhost:5000/busybox
expect_refusal 1
expect "there should be no image" bash -c '! docker -H "unix://$0" image inspect localhost:5000/busybox' "$NAS_SOCKET"
