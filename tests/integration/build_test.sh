#!/bin/bash
# build: the classic builder beside docker's own output, contexts of every kind, and BuildKit by the NAS's docker.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
unset DOCKER_BUILDKIT
mkdir -p "$WORK/ctx/keep" "$WORK/ctx/drop" && cd "$WORK/ctx" || exit 1
echo text >f && echo kept >keep/a && echo dropped >drop/b && echo secret >.env
printf 'drop\n.env\n' >.dockerignore
tar cf added.tar f
cat >Dockerfile <<'END'
FROM busybox AS first
ARG A=1
RUN echo "arg $A" >/made
FROM busybox
COPY --from=first /made /made
COPY . /ctx/
ADD added.tar /added/
LABEL x=y
END
printf 'FROM busybox\nRUN exit 3\n' >Bad
same() { sed -E 's/sha256:[0-9a-f]+/ID/; s/\b[0-9a-f]{12}\b/ID/g; s/tagged .*/tagged/'; }
in_image() { engine run --rm "$1" sh -c "$2"; }

it "prints what docker's classic builder prints"
DOCKER_BUILDKIT=0 engine build --no-cache -t "theirs:$ID" . 2>/dev/null | same >"$WORK/theirs"
qd build --no-cache -t "t:$ID" .
expect_code 0
if like_docker; then expect "stdout should be docker's: $(diff "$WORK/theirs" <(same <"$WORK/out"))" cmp -s "$WORK/theirs" <(same <"$WORK/out"); fi
expect_err 'note: builder: classic'
expect "what .dockerignore names should be left out" [ "$(in_image "t:$ID" 'cd /ctx; ls -A; cat /made /added/f')" = "$(printf '%s\n' .dockerignore Bad Dockerfile added.tar f keep 'arg 1' text)" ]

it "arguments, labels, several tags, an id file"
qd build --build-arg A=two --label l=m -t "t:$ID" -t "o:$ID" --iidfile id .
expect_code 0
expect "the argument should be used" [ "$(in_image "o:$ID" 'cat /made')" = 'arg two' ]
expect "the id should be written" [ "$(cat id)" = "$(engine image inspect -f '{{.Id}}' "t:$ID")" ]
rm id

it "-q prints the id alone"
qd build -q -t "t:$ID" .
expect_code 0
expect_exact "$(engine image inspect -f '{{.Id}}' "t:$ID")"

it "a target"
qd build -q --target first -t "t:$ID" .
expect_code 0
expect "later stages should not be built" [ "$(in_image "t:$ID" 'ls -d /ctx 2>/dev/null')" = '' ]

it "a RUN that fails gives its exit code"
qd build -f Bad .
expect_refusal 3 build_failed
expect_err 'returned a non-zero code: 3'
expect_out 'Step 2/2 : RUN exit 3'

it "-q shows the output of a build that failed"
qd build -q -f Bad .
expect_code 3
expect_exact ''
expect_err 'RUN exit 3'

it "a Dockerfile on stdin, alone and with a context"
printf 'FROM busybox\nRUN echo alone >/x\n' | "$QD_PROGRAM" build -q -t "t:$ID" - >/dev/null 2>&1
expect "it should be built" [ "$(in_image "t:$ID" 'cat /x')" = alone ]
printf 'FROM busybox\nCOPY f keep/a /\n' | "$QD_PROGRAM" build -q -t "t:$ID" -f - . >/dev/null 2>&1
expect "it should be built with the context" [ "$(in_image "t:$ID" 'cat /f /a')" = "$(printf 'text\nkept')" ]

it "a Dockerfile outside the context"
printf 'FROM busybox\nCOPY f /f\n' >../Outside
qd build -q -t "t:$ID" -f ../Outside .
expect_code 0
expect "it should be built" [ "$(in_image "t:$ID" 'cat /f')" = text ]

it "a tar archive on stdin"
tar czf - -C "$WORK/ctx" Dockerfile f added.tar | "$QD_PROGRAM" build -q -t "t:$ID" - >/dev/null 2>&1
expect "it should be built" [ "$(in_image "t:$ID" 'ls /ctx')" = "$(printf '%s\n' Dockerfile added.tar f)" ]

it "a compressed context"
qd build -q --compress -t "t:$ID" .
expect_code 0

it "leaves no intermediate containers"
expect "none should be left" [ -z "$(engine ps -aq --filter status=exited --filter 'label=x=y')" ]

it "'builder build' is build; an empty -f or --iidfile is none"
qd builder build -q -f '' --iidfile '' -t "t:$ID" .
expect_code 0
expect_exact "$(engine image inspect -f '{{.Id}}' "t:$ID")"

it "docker's own '# syntax=' alone needs no BuildKit"
printf '# syntax=docker/dockerfile:1\nFROM busybox\nRUN true\n' >Syntax
qd build -f Syntax .
expect_code 0
expect_err 'note: builder: classic'
rm Syntax

it "what cannot be built says why"
qd build nowhere
expect_refusal 1 no_context
qd build ''
expect_refusal 1 no_context
qd build --add-host host:nonsense .
expect_refusal 125 bad_flag_value
expect_exact ''
qd build --squash .
expect_refusal 6 not_experimental
qd build --disable-content-trust=false .
expect_refusal 6 no_content_trust
qd build -f none .
expect_refusal 1 no_context
qd build -f - -
expect_refusal 1 bad_arguments
qd build -t BAD .
expect_refusal 125 bad_flag_value
qd build --memory x .
expect_refusal 125 bad_flag_value
qd build --target none .
expect_code 1
expect_refusal 1

it "what needs BuildKit is built by the NAS's docker, which gets the secret and keeps nothing of it"
printf 'FROM busybox\nRUN --mount=type=secret,id=s cat /run/secrets/s >/got\n' >Kit
printf 'very secret' >../secret
qd image build -f Kit --secret id=s,src=../secret --iidfile id -t "t:$ID" .
expect_code 0
expect_err 'needs BuildKit'
expect "the secret should have been there" [ "$(in_image "t:$ID" 'cat /got')" = 'very secret' ]
expect "the id should be written" [ "$(cat id)" = "$(engine image inspect -f '{{.Id}}' "t:$ID")" ]
rm id

it "BuildKit's output to a folder here"
printf 'FROM scratch\nCOPY f /o/f\n' >Scratch
qd build -f Scratch -o made .
expect_code 0
expect "it should be here" cmp -s f made/o/f
rm -r made

it "BuildKit that fails, and what it cannot be used for"
qd build --builder-mode cli -f Bad .
expect_error 1 build_failed
qd build --ssh default .
expect_refusal 6 buildkit_unavailable

engine rmi -f "t:$ID" "o:$ID" "theirs:$ID" >/dev/null 2>&1
