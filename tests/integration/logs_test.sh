#!/bin/bash
# logs: tail, times, follow to the end of the container, several containers in the order of time.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run --name "l$ID" busybox sh -c 'for i in 1 2 3 4 5; do echo line$i; done; echo bad >&2' >/dev/null 2>&1

it "both streams, each where it belongs"
qd logs "l$ID"
expect_code 0
expect_exact $'line1\nline2\nline3\nline4\nline5'
expect "stderr should be bad" [ "$err" = bad ]

it "--tail"
qd logs --tail 2 "l$ID"
expect_code 0
expect_exact "$(engine logs --tail 2 "l$ID" 2>/dev/null)"
qd logs -n 0 "l$ID"
expect_code 0
expect_exact ''

it "--timestamps, --since and --until"
qd logs -t "l$ID"
expect_code 0
expect "each line should begin with its time" [ "$(grep -Ec '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:.]+Z line' "$WORK/out")" = 5 ]
qd logs --since 1h "l$ID"
expect_out line1
qd logs --since 2099-01-01T00:00:00Z "l$ID"
expect_code 0
expect_exact ''
qd logs --until 2001-01-01 "l$ID"
expect_code 0
expect_exact ''

it "-f ends with the container"
engine run -d --name "f$ID" busybox sh -c 'echo first; until [ -e /go ]; do sleep 0.1; done; echo last' >/dev/null
(wait_for engine logs "f$ID" && sleep 1 && engine exec "f$ID" touch /go) &
qd logs -f "f$ID"
expect_code 0
expect_exact $'first\nlast'
wait $!

it "-f, interrupted: 130"
engine run -d --name "e$ID" busybox sh -c 'echo here; sleep 1000' >/dev/null
on_tty logs -f "e$ID" <<'END'
expect here
send \x03
END
expect_code 130
expect_no_out traceback
expect_restored

it "several: merged, with names in front"
engine run --name "m1$ID" busybox sh -c 'echo a1; sleep 1; echo a2' >/dev/null &
wait_for engine logs "m1$ID"
engine run --name "m2$ID" busybox sh -c 'sleep 0.5; echo b1; sleep 1; echo b2' >/dev/null
wait $!
qd logs "m1$ID" "m2$ID"
expect_code 0
expect "lines should come in the order of their times" \
  [ "$(qd logs -t "m1$ID" "m2$ID" && grep -Eo '20[0-9-]+T[0-9:.]+' "$WORK/out")" = "$(grep -Eo '20[0-9-]+T[0-9:.]+' "$WORK/out" | sort)" ]
expect_out "m1$ID | a1"
expect_out "m2$ID | b2"

it "--json: a document per line, with profile and stream"
qd logs --json "l$ID"
expect_code 0
expect_out '"message":"line1"'
expect_out '"profile":"nas1"'
expect_out '"stream":"stderr"'

it "a container with a terminal has one stream"
engine run -t --name "t$ID" busybox sh -c 'echo tty; echo err >&2' >/dev/null
qd logs "t$ID"
expect_code 0
expect_exact $'tty\r\nerr\r'

it "a long line and bytes that are no text arrive as they are"
engine run --name "b$ID" busybox sh -c 'head -c 70000 /dev/zero | tr "\0" x; echo; printf "\377\376\n"' >/dev/null
qd logs "b$ID"
expect_code 0
expect "the bytes should be the engine's" cmp -s "$WORK/out" <(engine logs "b$ID")

it "a missing container"
qd logs "absent$ID"
expect_refusal 3 no_such_container

it "a log that the driver does not keep"
engine run --log-driver none --name "none$ID" busybox true
qd logs "none$ID"
expect_refusal 6 logs_unreadable

it "--no-prefix and --grep"
engine run -d --name "one$ID" busybox sh -c 'echo apple; echo pear' >/dev/null
engine run -d --name "two$ID" busybox sh -c 'echo apricot' >/dev/null
wait_for sh -c "docker -H unix://$NAS_SOCKET logs two$ID | grep -q apricot"
qd logs --no-prefix --grep '^ap' "one$ID" "two$ID"
expect_code 0
expect "lines of both, without names" [ "$(sort <<<"$out" | grep .)" = $'apple\napricot' ]
qd logs --grep '[' "one$ID"
expect_refusal 2 bad_pattern

it "a terminal gets colours and nothing else that drives it, unless --raw"
engine run -d --name "wild$ID" busybox printf 'a\033[31mred\033]0;title\007x\n' >/dev/null
wait_for sh -c "docker -H unix://$NAS_SOCKET logs wild$ID | grep -q red"
on_tty logs "wild$ID" </dev/null
expect_out $'\e[31mred'
expect_no_out $'\e]0;'
on_tty logs --raw "wild$ID" </dev/null
expect_out $'\e]0;title\a'
qd logs "wild$ID"
expect_out $'\e]0;title\a'
