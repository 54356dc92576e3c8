#!/bin/bash
# save, load, import and export: tar streams between the NAS and this machine.
# shellcheck disable=SC2016,SC2154  # what a shell further on expands; variables that eval sets
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
like=$(like_docker && echo yes)
img=img$ID
engine tag busybox "$img:1"
cd "$WORK" || exit 1
sums() { sha256sum <"$1" | cut -d ' ' -f 1; }
parts() { find "$WORK" -name '*.part' | wc -l; }

it "save -o writes a file that the engine loads; the digest is on stderr"
qd save -o one.tar "$img:1"
expect_code 0
expect_exact ''
expect_err "sha256:$(sums one.tar)  one.tar"
expect "the archive should name the image" bash -c "tar xOf one.tar manifest.json | grep -q '$img:1'"
expect "it should be the user's alone" [ "$(stat -c %a one.tar)" = 600 ]

it "save to a pipe is the same stream, of several images"
qd save "$img:1" app
expect_code 0
cp "$WORK/out" two.tar
expect "both should be named" bash -c "tar xOf two.tar manifest.json | grep '$img:1' | grep -q app:latest"

it "save refuses a terminal, a directory, a missing folder, an image that is not there"
on_tty save busybox </dev/null
expect_code 1
expect_out 'cowardly refusing to save to a terminal'
qd save -o "$WORK" busybox
expect_refusal 1 bad_output
qd save -o /no/such/x.tar busybox
expect_refusal 1 bad_output
qd save -o none.tar "none$ID"
expect_refusal 3 no_such_image
expect "nothing should be left" [ ! -e none.tar ]
expect "no part should be left" [ "$(parts)" = 0 ]
qd save --platform linux/amd64 busybox
expect_refusal 6 engine_too_old
qd save
expect_error 1 missing_argument

it "load -i and load from a pipe are docker's, byte for byte"
for file in one.tar two.tar; do
  engine rmi -f "$img:1" >/dev/null
  qd load -i "$file"
  mine=$out
  expect_code 0
  qd load -q <"$file"
  expect_exact "$mine"
  [ -z "$like" ] || expect_exact "$(engine load -i "$file")"
done
expect_out "Loaded image: $img:1"

it "load takes gzip"
gzip -k one.tar
qd load -i one.tar.gz
expect_code 0
expect_exact "Loaded image: $img:1"

it "load on a terminal: what was loaded stays below the progress"
on_tty load -i one.tar </dev/null
expect_code 0
expect "the last line should name it" bash -c 'tail -n 1 "$0" | grep -q "^Loaded image: $1"' "$WORK/out" "$img:1"
expect_restored

it "load of what is no archive, of nothing, of a folder"
qd load -i /etc/passwd
expect_refusal 1
qd load -i "$WORK/none"
expect_refusal 3 no_file
qd load -i "$WORK"
expect_refusal 1 bad_input
on_tty load </dev/null
expect_code 1
expect_out 'requested load from stdin, but stdin is empty'
qd load x
expect_error 1 too_many_arguments

it "an archive that ends in the middle leaves no image"
engine rmi -f "$img:1" >/dev/null
head -c 1000000 one.tar >cut.tar
qd load -i cut.tar
expect_refusal 1
expect "there should be no image" bash -c '! docker -H "unix://$0" image inspect "$1"' "$NAS_SOCKET" "$img:1"

it "export gives the file system, and says that volumes are not in it"
engine create --name "c$ID" busybox sh -c 'exit 0' >/dev/null
qd export -o fs.tar "c$ID"
expect_code 0
expect_exact ''
expect_err 'VOLUMES are not included'
expect_err "sha256:$(sums fs.tar)"
expect "there should be a busybox" bash -c 'tar tf fs.tar | grep -qx bin/busybox'
qd export "c$ID"
expect "stdout should be the same archive" [ "$(sums "$WORK/out")" = "$(sums fs.tar)" ]
qd export "none$ID"
expect_refusal 3 no_such_container
qd export
expect_error 1 missing_argument

it "import makes an image of it, with changes and a message"
qd import -c 'CMD ["echo", "hi"]' -c 'ENV A=b' -m "from here" fs.tar "imp$ID:1"
expect_code 0
expect_exact "$(engine image inspect -f '{{.Id}}' "imp$ID:1")"
expect "the changes should be there" [ "$(engine image inspect -f '{{.Config.Cmd}} {{.Config.Env}}' "imp$ID:1")" = '[echo hi] [A=b]' ]
expect "the message should be there" [ "$(engine history --format '{{.Comment}}' "imp$ID:1")" = 'from here' ]
qd run --rm "imp$ID:1"
expect_exact hi

it "import of what save wrote, and load of what export wrote, say what they are for"
qd import one.tar "layers$ID:1"
expect_err "'load' makes images of it"
qd import fs.tar "flat$ID:1"
expect_no_err "'load'"
engine rmi "layers$ID:1" "flat$ID:1" >/dev/null
qd load -i fs.tar
expect "exit code $code" [ "$code" -ne 0 ]
expect_err "is for 'import'"

it "import from a pipe"
qd import - "imp$ID:2" <fs.tar
expect_code 0
expect_out sha256:
expect "it should be there" engine image inspect "imp$ID:2" -f ok

it "import of what is not there, of no archive, under a bad name, from a URL that does not answer"
qd import "$WORK/none" "x$ID:y"
expect_refusal 3 no_file
qd import '' "x$ID:y" <fs.tar
expect_refusal 3 no_file
qd import /etc/passwd "x$ID:y"
expect_refusal 1
qd import fs.tar "UPPER"
expect_refusal 2 bad_reference
qd import http://127.0.0.1:1/x.tar "x$ID:y"
expect_refusal 1 registry_unreachable
qd import -c 'NO SUCH' fs.tar "x$ID:y"
expect_refusal 1
expect "there should be no image" bash -c '! docker -H "unix://$0" image inspect "$1"' "$NAS_SOCKET" "x$ID:y"

it "20 MiB through save and load, in little memory"
mkdir big && head -c 20M /dev/urandom >big/data && cp /bin/busybox big/
tar -C big -c . | docker -H "unix://$NAS_SOCKET" import - "big$ID:1" >/dev/null
run "$programs/peak" peak "$QD_PROGRAM" save -o big.tar "big$ID:1"
expect_code 0
case $(ldd "$QD_PROGRAM") in *asan*) most=4000000 ;; *) most=40000 ;; esac
small() { [ "$(<peak)" -lt $most ]; }
expect "it took $(<peak) KiB" small
engine rmi "big$ID:1" >/dev/null
run "$programs/peak" peak "$QD_PROGRAM" load -i big.tar
expect_code 0
expect "it took $(<peak) KiB" small
expect_exact "Loaded image: big$ID:1"

it "a save that is killed leaves no file of that name, and the next one takes the rest away"
"$QD_PROGRAM" save -o killed.tar "big$ID:1" >/dev/null 2>&1 &
pid=$!
wait_for compgen -G "$WORK/.killed.tar.*.part"
kill -9 $pid
wait $pid 2>/dev/null
expect "there should be no such file" [ ! -e killed.tar ]
qd save -o killed.tar "big$ID:1"
expect_code 0
expect "no part should be left" [ "$(parts)" = 0 ]

it "a save whose NAS loses its sshd leaves nothing and says how to go on"
nas_up lost --rtt 20ms
"$nas" image "lost$ID"
profile "lost$ID"
"$QD_PROGRAM" --profile "lost$ID" save -o lost.tar app busybox >lost.out 2>err &
pid=$!
wait_for compgen -G "$WORK/.lost.tar.*.part"
kill -STOP $pid
"$nas" kill-sshd "lost$ID"
kill -CONT $pid
wait $pid
code=$? err=$(<err) out=
expect_refusal 5
expect_err 'try: '
expect "nothing should be left" [ ! -e lost.tar ]
expect "no part should be left" [ "$(parts)" = 0 ]
conclude

use nas1
engine rmi -f "$img:1" "imp$ID:1" "imp$ID:2" "big$ID:1" >/dev/null 2>&1
