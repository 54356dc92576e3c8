#!/bin/bash
# tag, rmi, history: names of images come and go.
# shellcheck disable=SC2016,SC2154  # what a shell further on expands; variables that eval sets
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
like=$(like_docker && echo yes)
img=img$ID
# make NAME [CHANGE]: an image of its own.
make() { printf '%s\n' "$1" >"$WORK/content" && tar -C "$WORK" -c content | docker -H "unix://$NAS_SOCKET" import ${2:+-c "$2"} - "$1" >/dev/null; }

it "tag gives a further name, and is silent"
make "$img:1"
qd tag "$img:1" "$img:2"
expect_code 0
expect_exact ''
qd images "$img" --format '{{.Tag}}'
expect "both should be there" [ "$(sort <<<"$out" | tr '\n' ' ')" = '1 2 ' ]
qd tag "$img:1" "r.example:5000/$img"
expect_code 0
expect "latest is the tag" engine image inspect "r.example:5000/$img:latest" -f ok

it "tag of an image that is not there, under a name that is none"
qd tag "none$ID" "x$ID"
expect_refusal 3 no_such_image
qd tag "$img:1" x/UPPER # in front of the slash it would be a registry
expect_code 1 2
qd tag "$img:1" "x$ID:bad tag"
expect_code 1 2
qd tag "$img:1" "x$ID@sha256:$(printf '%064d' 0)"
expect_code 1
expect_err 'refusing to create a tag with a digest reference'
qd tag one
expect_error 1 missing_argument

it "rmi of one of several names, of the last one"
qd rmi "$img:2"
expect_exact "Untagged: $img:2"
engine rmi "r.example:5000/$img" >/dev/null
qd rmi "$img:1"
expect_code 0
expect_out "Untagged: $img:1"
expect_out 'Deleted: sha256:'
expect "it should be gone" bash -c '! docker -H "unix://$0" image inspect "$1"' "$NAS_SOCKET" "$img:1"

it "rmi names the container that is in the way"
make "$img:1" 'CMD ["x"]'
engine create --name "c$ID" "$img:1" >/dev/null
qd rmi "$img:1"
expect_refusal 6 image_in_use
expect_err "container 'c$ID' (created) uses it"
expect_err "qnap-docker rm c$ID"
qd rmi -f "$img:1"
expect_code 0
expect_out "Untagged: $img:1"
engine rm "c$ID" >/dev/null

it "rmi of what is not there, with and without -f, beside what is"
make "$img:1"
qd rmi "none$ID" "$img:1"
expect_code 3
expect_out "Untagged: $img:1"
expect_err "none$ID"
qd rmi -f "none$ID"
expect_code 0
expect_err 'No such image'
qd rmi
expect_error 1 missing_argument
qd rmi --platform linux/amd64 "$img:1"
expect_refusal 6 engine_too_old
qd rmi --unused x
expect_refusal 2 conflicting_flags

it "image rm is rmi; --no-prune is taken"
make "$img:1"
qd image rm --no-prune "$img:1"
expect_code 0
expect_out "Untagged: $img:1"

it "rmi --unused asks, lists, and leaves what a container uses"
nas_up few
"$nas" image "few$ID"
profile "few$ID"
engine create --name web busybox >/dev/null
qd --profile "few$ID" rmi --unused
expect_refusal 9 confirmation_needed
on_tty 120x24 --profile "few$ID" rmi --unused <<'END'
expect Remove 1 unused image
send n\r
END
expect_code 9
expect_out 'app:latest'
expect "it should be there" engine image inspect app -f ok
qd --profile "few$ID" rmi --unused --older-than 30d --yes
expect_code 0
expect_err 'no unused image'
qd --profile "few$ID" rmi --unused --yes
expect_code 0
expect_out 'Untagged: app:latest'
expect_err 'freed '
expect "what is used should be there" engine image inspect busybox -f ok

it "images says who uses an image, where docker has no say"
qd --profile "few$ID" images --used-by
expect_out 'USED BY'
expect_out web
qd --profile "few$ID" images --format '{{.Repository}} {{.UsedBy}}'
expect_exact 'busybox web'
on_tty 120x24 --profile "few$ID" images </dev/null
expect_out 'USED BY'
qd --profile "few$ID" images --tree
expect_refusal 6 engine_too_old
use nas1

make "$img:1" 'LABEL tier=x'
cat >"$WORK/commit" <<END
engine run --name "l$ID" busybox touch /x >/dev/null
engine commit -m "a comment" -c 'CMD ["a", "very", "long", "command", "that", "does", "not", "fit", "into", "the", "column"]' "l$ID" "$img:layers" >/dev/null
END
. "$WORK/commit"
for flags in '' -q '-H=false' --no-trunc '--no-trunc -q' '--format json' "--format '{{.ID}}|{{.CreatedSince}}|{{.CreatedAt}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}'" \
  "--format 'table {{.ID}}\t{{.Size}}'" '-H=false --format json' '--human=false -q'; do
  it "history ${flags:-alone} is docker's, byte for byte"
  for _ in {1..25}; do # ages go on while we look
    eval "theirs=\$(engine history $flags $img:layers); qd history $flags $img:layers"
    [ "$out" != "$theirs" ] || break
  done
  expect_code 0
  [ -z "$like" ] || expect_exact "$theirs"
done

it "history of what is not there, with a bad template, with a platform on an old engine"
qd history "none$ID"
expect_refusal 3 no_such_image
qd history --format '{{.Nope}}' "$img:layers"
expect_code 2 1
qd history --platform linux/amd64 "$img:layers"
expect_refusal 6 engine_too_old
qd history
expect_error 1 missing_argument

it "history --json"
qd history --json=size,comment "$img:layers"
expect_code 0
expect_out '"comment":"a comment"'
engine rm "l$ID" >/dev/null
engine rmi -f "$img:1" "$img:layers" >/dev/null

it "images --dangling, and --sort"
engine create --name "for$ID" busybox >/dev/null
engine commit "for$ID" >/dev/null
qd images --dangling --format '{{.Repository}}'
expect_code 0
expect "untagged ones alone" [ "$(sort -u <<<"$out" | grep .)" = '<none>' ]
qd images --sort size --json=size
expect_code 0
sizes=$(grep -o '[0-9]\+' <<<"$out")
expect "the largest first" [ "$sizes" = "$(sort -rn <<<"$sizes")" ]
