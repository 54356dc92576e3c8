#!/bin/bash
# A transfer whose program, sshd or engine is killed: nothing has a name that is not complete, and the same command again
# does it. cp out of a container, load, pull.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
nas_up brk
"$nas" image "brk$ID" && "$nas" registry "brk$ID"
profile "brk$ID"
export QNAP_DOCKER_PROFILE=brk$ID
ref=localhost:5000/large:1
mkdir "$WORK/ctx" && cd "$WORK" || exit 1
head -c 100000000 /dev/urandom >ctx/large
printf 'FROM busybox\nCOPY large /large\n' >ctx/Dockerfile
DOCKER_BUILDKIT=0 engine build -q -t $ref ctx >/dev/null 2>&1
engine push -q $ref >/dev/null
engine save $ref >large.tar
engine run -d --name "c$ID" $ref sh -c 'truncate -s 8G /huge; sleep 100000' >/dev/null
sum=$(md5sum <ctx/large)

# begin ARGUMENTS: the program in the background, with $input as its stdin.
begin() {
  "$QD_PROGRAM" "$@" >begun.out 2>begun.err <"${input:-/dev/null}" &
  begun=$!
}
# ended [kill]: what became of it is the result.
ended() {
  [ -z "${1:-}" ] || kill -KILL "$begun"
  wait "$begun" 2>/dev/null
  code=$? out=$(<begun.out) err=$(<begun.err)
  cp begun.err "$WORK/err"
}
forget() {
  engine rm -f "c$ID" >/dev/null 2>&1
  engine rmi -f $ref >/dev/null 2>&1
}
absent() { ! engine image inspect $ref >/dev/null 2>&1; }
whole() { [ "$(engine run --rm $ref md5sum /large | cut -d ' ' -f 1)" = "${sum%% *}" ]; }

# half: a pipe with half of the archive, which stays open.
half() {
  rm -f pipe && mkfifo pipe && input=pipe
  (
    trap - EXIT
    exec >pipe && head -c 50000000 large.tar && exec sleep 100000
  ) &
  feeder=$!
}
# drained: the program has what there is, and waits for more.
drained() { [ "$(cat "/proc/$feeder/comm")" = sleep ]; }
fed() { kill "$feeder" 2>/dev/null; input=; }
copied() { [ "$(find half -type f -size +1M | wc -l)" != 0 ]; }

# cut_off WHAT: it is killed; what became of the program is the result.
cut_off() {
  case $1 in
    program) ended kill && return ;;
    sshd) "$nas" kill-sshd "brk$ID" ;;
    engine) "$nas" kill-dockerd "brk$ID" ;;
  esac
  ended
  expect_refusal 5
}
mend() {
  case $1 in
    sshd) "$nas" heal "brk$ID" ;;
    engine) "$nas" restart-dockerd "brk$ID" && wait_for engine version ;;
  esac
}

for what in program sshd engine; do
  it "cp: the $what is killed"
  rm -rf half && mkdir half
  begin cp "c$ID:/huge" half/large
  wait_for copied
  cut_off $what
  [ $what = program ] || expect "nothing should be left" [ -z "$(ls -A half)" ]
  expect "there should be no file of that name" [ ! -e half/large ]
  mend $what
  engine start "c$ID" >/dev/null
  qd cp "c$ID:/large" half/large
  expect_code 0
  expect "it should be the same" [ "$(md5sum <half/large)" = "$sum" ]
done
forget

for what in program sshd engine; do
  it "load: the $what is killed"
  half
  begin load
  wait_for drained
  expect "it should run" kill -0 "$begun"
  cut_off $what
  [ $what = program ] || expect_err 'run it again'
  fed
  mend $what
  expect "there should be no such image" absent
  qd load -i large.tar
  expect_code 0
  expect "it should be whole" whole
  forget
done

for what in program sshd engine; do
  it "pull: the $what is killed"
  begin pull $ref
  wait_for grep -q 'Pulling fs layer' begun.out
  cut_off $what
  [ $what = program ] || expect_err 'run the pull again'
  mend $what
  expect "there should be no such image" absent
  qd pull $ref
  expect_code 0
  expect "it should be whole" whole
  forget
done
