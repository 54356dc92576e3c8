#!/bin/bash
# The REPL on a real terminal (tmux), against a live NAS. Nothing sleeps: every step waits for what the screen shows.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
nas_up repl
"$nas" image "repl$ID"
profile "repl$ID" color=red
at="repl$ID>"
# shellcheck disable=SC2016  # what the container's shell expands
engine run -d --name "web$ID" busybox sh -c 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 1; done' >/dev/null
engine volume create "data$ID" >/dev/null

# --- from a pipe, without a terminal

# typed TEXT [ARGUMENTS]: the REPL reads TEXT from a pipe.
typed() { LIMIT=30 run "$QD_PROGRAM" repl "${@:2}" <<<"$1"; }

it "a pipe is run chunk by chunk, without a prompt"
typed $'x = 20 + 1\nfor i = 1, 2 do\n  x = x * 2\nend\nx\n"é日本語"'
expect_code 0 && expect_exact $'84\n"é日本語"' && expect "nothing on stderr" [ -z "$err" ]

it "a record list is a table, and nas is the profile's"
typed 'nas:containers { all = true }'
expect_code 0 && expect_out "web$ID" && expect_out '1 row'

it "the first failure of a pipe ends it with its exit code"
typed $'nas:container "none'"$ID"$'":inspect()\nprint "not reached"'
expect_code 3 && expect_err 'code: no_such_container' && expect_no_out 'not reached'
typed $'error "boom"\nprint "not reached"'
expect_code 1 && expect_err 'error: line 1: boom' && expect_no_out 'not reached' && expect_no_err traceback
typed 'x = = 1'
expect_refusal 2 bad_syntax
typed 'for i = 1, 2 do'
expect_refusal 2 bad_syntax
typed ':nonsense'
expect_refusal 2 unknown_command

it "dry mode shows changes and does none"
typed $':dry on\nnas:create_volume { name = "dry'"$ID"$'" }\nnas:container "web'"$ID"$'":remove { force = true }'
expect_code 0 && expect_out "~ create volume 'dry$ID' on repl$ID" && expect_out "~ remove container 'web$ID' on repl$ID"
expect "the container lives" engine inspect "web$ID" >/dev/null
engine volume inspect "dry$ID" >/dev/null 2>&1 && fail "the volume was made"

it "a file is run, and alone where there is no terminal"
echo 'y = 5; return y * 2' >"$WORK/script.lua"
typed 'print "not reached"' "$WORK/script.lua"
expect_code 0 && expect_exact 10
typed ":load $WORK/script.lua
y"
expect_code 0 && expect_exact $'10\n5'
typed '' "$WORK/none.lua"
expect_refusal 3 no_file

it ":save writes what worked, without what was secret"
typed "a = 1
password = 'hunter2'
:save $WORK/saved.lua"
expect_code 0 && expect "the chunk is there" grep -q '^a = 1' "$WORK/saved.lua"
grep -q hunter2 "$WORK/saved.lua" && fail "the password is there"

it "the NAS that is meant by default is named where help is asked for by nothing at all"
on_tty 80x24 </dev/null
expect_out 'Usage:' && expect_out "repl$ID" && expect_out 'default profile'

# --- on a terminal

if ! command -v tmux >/dev/null; then
  it "on a terminal"
  skip "tmux is not installed"
  finish
fi
unset NO_COLOR
T=(tmux -f /dev/null -S "$WORK/tmux")
screen=''
end_tmux() {
  "${T[@]}" kill-server 2>/dev/null
  finish
}
trap end_tmux EXIT
"${T[@]}" new-session -d -s held 'exec cat' # the server stays while sessions come and go

# start [ARGUMENTS]: a REPL in a terminal of 80x24; its exit code is shown at its end.
start() {
  "${T[@]}" kill-session -t repl 2>/dev/null
  "${T[@]}" new-session -d -s repl -x 80 -y 24 "EDITOR='${EDITOR:-}' '$QD_PROGRAM' repl $*; echo \"left: \$?\"; exec cat" || return
  sees "$at"
}
press() { "${T[@]}" send-keys -t repl "$@"; }
type_in() { "${T[@]}" send-keys -t repl -l -- "$1"; }
enter() { type_in "$1" && press Enter; }
look() { screen=$("${T[@]}" capture-pane -t repl -p); }
# sees TEXT: the screen shows it, 20 seconds at most.
sees() {
  local tries=0
  until look && [[ $screen == *"$1"* ]]; do
    [ $((tries += 1)) -le 200 ] || { out=$screen && fail "the screen should show: $1" && return 1; }
    sleep 0.1
  done
}
# last_line TEXT: the cursor's line is that.
last_line() {
  local tries=0
  until look && [ "$(sed '/^ *$/d' <<<"$screen" | tail -n 1 | sed 's/ *$//')" = "$1" ]; do
    [ $((tries += 1)) -le 200 ] || { out=$screen && fail "the last line should be: $1" && return 1; }
    sleep 0.1
  done
}
fresh() { press C-c && press C-l && last_line "$at"; }

it "expressions are shown and kept"
start
enter '6 * 7' && sees '_1 = 42' && enter '_ + _1' && sees '_2 = 84'

it "editing: beginning, end, kill, yank, words, arrows"
fresh
type_in 'bc' && press C-a && type_in 'a' && press C-e && type_in 'd' && last_line "$at abcd"
press C-a C-k && last_line "$at" && press C-y && last_line "$at abcd"
press C-u && last_line "$at" && type_in 'one two' && press C-w && last_line "$at one" && press C-u
type_in '"ac"' && press Left Left && type_in 'b' && last_line "$at \"abc\"" && press Home Delete && last_line "$at abc\""
press End BSpace && last_line "$at abc"

it "UTF-8 and wide characters"
fresh
type_in '"é日本語x"' && press Left Left Left && type_in 'ü' && last_line "$at \"é日本ü語x\""
press BSpace BSpace && last_line "$at \"é日語x\""
press Enter && sees '= "é日語x"'

it "a chunk of several lines, and its recall as one"
fresh
enter 'for i = 1, 2 do' && last_line '…>' && enter '  print("n" .. i)' && enter 'end' && sees n2
press C-l Up && sees 'end' && press Enter && sees n2

it "Ctrl-C gives up a line and a chunk that is not complete"
fresh
type_in 'nonsense(' && press C-c && sees 'nonsense(^C' && last_line "$at"
enter 'if true then' && last_line '…>' && press C-c && last_line "$at" && enter '"alive"' && sees '= "alive"'

it "Ctrl-C stops a loop, one inside a coroutine, and a wait; the session lives"
fresh
enter 'kept = 1; while true do end' && sees 'while true do end' && press C-c && sees interrupted && last_line "$at"
enter 'kept' && sees '= 1'
fresh
enter 'coroutine.wrap(function() print "inside" while true do end end)()' && sees $'\ninside' && press C-c && sees interrupted && last_line "$at"
fresh
enter 'pcall(function() print("swall" .. "ows") while true do end end) print("no" .. "more") while true do end' && sees swallows && press C-c &&
  sees nomore && press C-c && sees interrupted && last_line "$at"
fresh
enter 'do local _ <close> = defer(function() print("clean" .. "ed") end) print("wait" .. "ing") task.sleep(1000) end' && sees waiting && press C-c &&
  sees cleaned && sees interrupted && last_line "$at"
enter '"alive" .. 2' && sees '= "alive2"'

it "errors never end it"
fresh
enter 'error "boom"' && sees 'error: line 1: boom' && enter 'x = = 1' && sees 'this is no Lua' && enter 'undeclared' && sees 'is not declared'
enter "setmetatable({}, { __tostring = function() error 'no words' end })" && sees 'no words' && last_line "$at"

it "a prompt begins a line, whatever was printed in front of it"
fresh
enter 'do io.write("no" .. "thing ends this") end' && sees $'\nnothing ends this\n' && last_line "$at"

it "completion of globals, fields and methods"
fresh
type_in 'str' && press Tab && last_line "$at string" && type_in '.for' && press Tab && last_line "$at string.format"
fresh
type_in 'nas:create_v' && press Tab && last_line "$at nas:create_volume"
fresh
type_in 'nas:container "x":rest' && press Tab && last_line "$at nas:container \"x\":restart"
fresh
type_in ':rec' && press Tab && last_line "$at :reconnect"

it "completion inside strings asks the NAS"
fresh
enter 'nas:ping()' && last_line "$at"
type_in "nas:container \"web$ID" && press BSpace Tab && last_line "$at nas:container \"web$ID\""
fresh
type_in "nas:volume \"data" && press Tab && last_line "$at nas:volume \"data$ID\""
fresh
type_in "loadfile \"$WORK/scr" && press Tab && sees "script.lua\""

it "what runs beside the prompt prints above it, and the line that is edited stays"
fresh
enter "spawn(function() for line in nas:container \"web$ID\":logs { follow = true, tail = 1 } do print(line.text) end end)" && sees 'tick'
fresh
type_in 'half a 日本 line' && press Left Left && sees 'tick' && last_line "$at half a 日本 line"
type_in 'X' && last_line "$at half a 日本 liXne"
press C-c && enter ':jobs' && sees '1  running' && enter ':jobs stop 1' && enter ':jobs' && sees '1  stopped'

it "a resize keeps the line"
fresh
line="$at aaaaaaaaaa bbbbbbbbbb cccccccccc dddddddddd eeeeeeeeee"
type_in "${line#"$at "}" && last_line "$line"
"${T[@]}" resize-window -t repl -x 40 -y 20
type_in Z && line=${line}Z && last_line "${line:40}" && expect "the line wraps once" [ "$(grep -c "$at" <<<"$screen")" = 1 ]
"${T[@]}" resize-window -t repl -x 100 -y 24
type_in Y && last_line "${line}Y"

it "what is pasted is one piece, line ends and Tabs among it"
fresh
printf 'do\n\tlocal z = 5\n\tpasted = z\nend' >"$WORK/paste"
"${T[@]}" load-buffer "$WORK/paste" && "${T[@]}" paste-buffer -t repl -p && sees 'pasted = z' && press Enter && enter 'pasted' && sees '= 5'

it "sshd is killed: a call fails, the next one connects again, and what was made before stays good"
fresh
enter "web = nas:container \"web$ID\"" && enter 'web:inspect().State.Status' && sees '= "running"'
"$nas" kill-sshd "repl$ID"
fresh
enter 'web:inspect().Name' && sees 'code: refused' && last_line "$at"
"$nas" heal "repl$ID"
fresh
enter 'web:inspect().Name' && sees "= \"/web$ID\""

it "a link that is dead fails the call, keeps the session, and works again when it is back"
fresh
"$nas" drop "repl$ID" && enter 'print("ask" .. "ing") nas:info()' && sees asking
press C-c
sees interrupted && last_line "$at"
"$nas" heal "repl$ID" && enter 'web:inspect().State.Running' && sees '= true'

it "commands with a colon"
fresh
enter ':help' && sees ':reconnect' && enter ':nonsense' && sees 'code: unknown_command'
fresh
enter ':doc nas:create_volume' && sees 'stdlib/docker/volumes.lua'
fresh
enter ':time 2 + 2' && sees '= 4' && sees ' s'
fresh
enter ':set depth 1' && enter '{ deep = { er = 1 } }' && sees '{ deep = { … } }' && enter ':set depth 4'
fresh
enter ':set json' && enter '{ a = 1 }' && sees '"a": 1' && enter ':set table'
fresh
enter ':profile' && sees "repl$ID (" && enter ':reconnect' && sees ': Docker '
fresh
enter ':history' && sees ':reconnect'

it "an editor changes the last chunk, and the terminal is ours again behind it"
EDITOR='sed -i s/1/7/' start
enter 'edited = 1' && enter ':edit' && sees 'edited = 7' && enter 'edited + 1' && sees '= 8'

it "a file first, then the prompt"
start "$WORK/script.lua"
sees '_1 = 10' && enter 'y' && sees '= 5'

it "Ctrl-Z gives the terminal to the shell, and fg brings the line back"
"${T[@]}" kill-session -t repl 2>/dev/null
"${T[@]}" new-session -d -s repl -x 80 -y 24 "PS1='shell> ' exec bash --norc -i" && last_line 'shell>'
enter "'$QD_PROGRAM' repl" && last_line "$at" && type_in 'half' && last_line "$at half" && press C-z && last_line 'shell>'
enter 'stty -a | grep -o " echo\b"' && sees ' echo' && enter fg && last_line "$at half" && type_in ' = 1' && press C-c && last_line "$at"

it "the terminal goes away: nothing is left behind"
pid=$("${T[@]}" list-panes -t repl -F '#{pane_pid}' | xargs -I {} pgrep -P {} -f 'qnap-docker repl')
"${T[@]}" kill-session -t repl
expect "process $pid should end" wait_for test ! -e "/proc/$pid"

it "SIGTERM leaves, and the terminal is as it was"
start
type_in 'half a line'
last_line "$at half a line"
kill -TERM "$("${T[@]}" list-panes -t repl -F '#{pane_pid}' | xargs -I {} pgrep -P {} -f 'qnap-docker repl')" && sees 'left: 130'
type_in 'echoed' && sees echoed

it "history lasts, in a file of one's own"
start
enter 'remembered = 12345' && enter ' hidden = 54321' && enter 'api_token = "hunter22"' && enter '"last" .. 1' && sees '= "last1"' && last_line "$at" && press C-d && sees 'left: 0'
expect "mode 0600" [ "$(stat -c %a "$QNAP_DOCKER_HOME/state/repl_history")" = 600 ]
grep -Eq '54321|hunter22' "$QNAP_DOCKER_HOME/state/repl_history" && fail "what was hidden is in the history"
start && press Up Up && last_line "$at remembered = 12345" && press C-u
press C-r && type_in 'for i' && sees 'for i = 1, 2 do' && press C-c

it "a protected NAS begins in dry mode"
sed -i "s/^  repl$ID:/&\n    protected: true/" "$QNAP_DOCKER_HOME/profiles.yaml"
at="repl$ID (dry)>" start
enter "nas:container \"web$ID\":restart()" && sees "~ restart container 'web$ID'" && enter ':dry off' && sees 'dry mode is off' && last_line "$at"

end_tmux
