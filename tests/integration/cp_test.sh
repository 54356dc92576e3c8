#!/bin/bash
# cp: files in and out of containers, beside docker's own cp, and over SSH.
# shellcheck disable=SC2016  # what a shell further on expands
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
c=c$ID
engine run -d --name "$c" busybox sleep 100000 >/dev/null
inside() { engine exec "$c" sh -c "$1"; }
hashes() { (cd "$1" && find . -type f -exec md5sum {} + | sort); }
shape() { (cd "$1" && find . -printf '%p %M %l %s %n %T@\n' | sed 's/\.[0-9]*$//' | sort); }

mkdir -p "$WORK/tree/d/empty" && cd "$WORK" || exit 1
printf hello >tree/f && chmod 4751 tree/f && ln -s f tree/sym2 && echo two >tree/two && ln tree/two tree/hard && ln -s f tree/sym && touch -d 2001-02-03 tree/d
printf x >"tree/new
line" && printf y >'tree/a blank' && printf z >tree/é && printf '%s' dash >tree/-dash
truncate -s 3M tree/sparse && head -c 1000000 /dev/urandom >tree/random
long=$(printf 'n%.0s' {1..200}) && mkdir -p "tree/$long/$long" && echo deep >"tree/$long/$long/x"

it "a tree comes back as it went, over SSH"
inside 'mkdir -p /t'
qd cp tree "$c:/t"
expect_code 0
expect_exact ''
qd cp "$c:/t/tree" back
expect_code 0
expect "the files should be the same" [ "$(hashes tree)" = "$(hashes back)" ]
expect "modes, links and times should be the same: $(diff <(shape tree) <(shape back))" [ "$(shape tree)" = "$(shape back)" ]

it "fifty megabytes"
head -c 52428800 /dev/urandom >big
qd cp big "$c:/t/"
expect_code 0
qd cp "$c:/t/big" big2
expect_code 0
expect "it should be the same" cmp -s big big2

# Each in a fresh place with both tools: the same outcome, the same files here and there.
place() {
  rm -rf w && mkdir -p w/src/d w/ex w/exd/d && cd w || exit 1
  echo a >src/f && echo b >src/d/g && ln -s f src/lf && ln -s d src/ld && ln -s nowhere src/lbroken
  echo old >ex/f && ln -s ex lex && ln -s newname lnew && echo x >-dash
  inside 'rm -rf /w; mkdir -p /w/src/d /w/ex /w/exd/d; cd /w; echo a>src/f; echo b>src/d/g; ln -s f src/lf; ln -s d src/ld; echo old>ex/f; ln -s ex lex; ln -s newname lnew; ln -s /w/ex labs'
}
seen() {
  find . -printf '%p %M %l\n' | sort
  inside 'cd /w; find . | sort | while read f; do stat -c "%n %A %u" "$f"; readlink "$f"; test -f "$f" && md5sum <"$f"; done'
}
while read -r words; do
  it "cp $words is docker's"
  place
  eval "engine cp ${words//C:/$c:}" >/dev/null 2>&1
  theirs=$? && want=$(seen) && cd ..
  place
  eval "qd cp ${words//C:/$c:}"
  [ "$theirs" = 0 ] && expect_code 0
  [ "$theirs" = 0 ] || { expect "it should fail" [ "$code" != 0 ] && expect_refusal "$code"; }
  expect "the files should be as docker's: $(diff <(echo "$want") <(seen))" [ "$want" = "$(seen)" ]
  cd ..
done <<'END'
src/f C:/w
src/f C:/w/new
src/f C:/w/new/
src/f C:/w/lnew
src/d C:/w/new
src/d/. C:/w/new
src/d C:/w/ex/f
-L src/lf C:/w/ex
src/ld/ C:/w/ex
C:/w/src/f new
C:/w/src/f new/
C:/w/src/f lnew
C:/w/src/d new
C:/w/src/d/. new
C:/w/src/lf ex
-L C:/w/src/lf ex
C:/w/src/ld/. ex
C:/w/src/none .
END

it "owners are docker's, with -a and without"
echo mine >owned && chown 1234:4321 owned
qd cp owned "$c:/t/ours" && qd cp -a owned "$c:/t/ours-a"
expect_code 0
engine cp owned "$c:/t/theirs" 2>/dev/null && engine cp -a owned "$c:/t/theirs-a" 2>/dev/null
expect "they should be docker's" [ "$(inside 'stat -c %u:%g /t/ours /t/ours-a')" = "$(inside 'stat -c %u:%g /t/theirs /t/theirs-a')" ]

it "tar streams in both directions"
qd cp "$c:/t/tree/d" -
expect_code 0
tar tf "$WORK/out" >names 2>/dev/null
expect "the archive should hold it" grep -qx d/empty/ names
inside 'mkdir -p /in'
tar cf - -C tree f | "$QD_PROGRAM" cp - "$c:/in"
expect "it should be unpacked" [ "$(inside 'cat /in/f')" = hello ]
qd cp - "$c:/t/big"
expect_refusal 6 not_a_directory

it "into a container that is only created"
engine create --name "n$ID" busybox true >/dev/null
qd container cp tree/f "n$ID:/f"
expect_code 0
qd cp "n$ID:/f" from-created
expect "it should be the same" cmp -s tree/f from-created

it "-q=false says what was copied, as docker does"
qd cp -q=false tree/f "$c:/t/"
expect_err "Successfully copied 2.05kB to $c:/t/"
expect_exact ''

it "an interrupted copy leaves nothing half written"
mkdir -p half
inside 'dd if=/dev/zero of=/t/huge bs=1M count=400 2>/dev/null'
"$QD_PROGRAM" cp "$c:/t/huge" half/ >/dev/null 2>"$WORK/err" &
pid=$!
wait_for sh -c '[ -n "$(ls -A half)" ]'
kill -INT "$pid"
wait "$pid"
code=$? err=$(cat "$WORK/err") out=
expect_code 130 0
[ "$code" = 0 ] || expect "nothing should be left: $(ls -A half)" [ -z "$(ls -A half)" ]

it "refuses two containers, two files, and several NASes"
qd cp "$c:/a" "n$ID:/b"
expect_refusal 1 bad_arguments
qd cp /tmp/a /tmp/b
expect_refusal 1 bad_arguments
nas_up two
profile "two$ID"
qd cp --profile "nas1,two$ID" tree/f "$c:/t"
expect_refusal 2 one_nas_only

