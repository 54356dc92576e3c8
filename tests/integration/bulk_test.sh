#!/bin/bash
# Much through one stream, over a link with a delay: it arrives as it was, and the program holds no more than a part of it.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use nas1
engine run -d --name "c$ID" busybox sleep 1000 >/dev/null
nas_up bulk --share-engine nas1 --rtt 20ms
profile "bulk$ID"
SIZE=$((64 << 20)) MOST_KB=$((64 << 10))
head -c $SIZE /dev/urandom >"$WORK/data"
sum=$(md5sum <"$WORK/data")

# peak ARGUMENTS: the program, and what it held at most.
peak() { run "$programs/peak" "$WORK/peak" "$QD_PROGRAM" "$@"; }
expect_small() { expect "it held $(<"$WORK/peak") KiB" [ "$(<"$WORK/peak")" -lt $MOST_KB ]; }

it "64 MiB into a process"
peak exec -i "c$ID" md5sum <"$WORK/data"
expect_code 0
expect_exact "$sum"
expect_small

it "64 MiB into a process and out of it"
peak exec -i "c$ID" tee /tmp/data <"$WORK/data"
expect_code 0
expect "the bytes should be the same" cmp -s "$WORK/data" "$WORK/out"
expect_small

it "64 MiB out of a process"
peak exec "c$ID" cat /tmp/data
expect_code 0
expect "the bytes should be the same" cmp -s "$WORK/data" "$WORK/out"
expect_small
