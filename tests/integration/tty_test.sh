#!/bin/bash
# exec -it and run -it on a real terminal: raw mode, window size, detach keys; the terminal is restored whatever happens.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
profile nas1
engine run -d --name "c$ID" -e 'PS1=# ' busybox sleep 1000 >/dev/null

it "exec -it is a shell on our terminal"
on_tty exec -it "c$ID" sh <<'END'
expect # 
send echo he''llo; tty\r
expect hello
expect /dev/pts/
send exit 3\r
END
expect_code 3
expect_restored

it "the window's size is the process's, and its changes too"
on_tty 90x33 exec -it "c$ID" sh <<'END'
expect # 
send stty size\r
expect 33 90
size 111x44
send \r
expect # 
send until stty size | grep '44 1*1'; do sleep 0.1; done\r
expect 44 111
send exit\r
END
expect_code 0
expect_restored

it "^C goes to the process, not to us"
on_tty exec -it "c$ID" sh <<'END'
expect # 
send echo st''arted; cat\r
expect started
send \x03
expect # 
send echo a''live\r
expect alive
send exit 4\r
END
expect_code 4
expect_restored

it "no command on a terminal: the container's shell"
on_tty exec "c$ID" <<'END'
send echo sh''ell\r
expect shell
send exit\r
END
expect_code 0
expect_restored

it "the detach keys leave exec"
on_tty exec -it "c$ID" sh <<'END'
expect # 
send \x10\x11
END
expect_code 0
expect_restored

it "the detach keys of docker's config.json"
mkdir -p "$WORK/keys"
echo '{"detachKeys": "ctrl-x,q"}' >"$WORK/keys/config.json"
DOCKER_CONFIG=$WORK/keys on_tty exec -it "c$ID" sh <<'END'
expect # 
send \x10\x11
send echo still\x20here\r
expect still here
send \x18q
END
expect_code 0
expect_restored

it "other detach keys, and the usual ones then go to the process"
on_tty exec --detach-keys ctrl-x,q -it "c$ID" sh <<'END'
expect # 
send \x10\x11
send echo still\x20here\r
expect still here
send \x18q
END
expect_code 0
expect_restored

it "run -it: a fresh container that goes away"
on_tty run --rm -it --name "shell$ID" -e 'PS1=# ' busybox sh <<'END'
expect # 
send echo he''llo; stty size\r
expect hello
expect 24 80
send exit 6\r
END
expect_code 6
expect_restored
expect "--rm should leave no container" wait_for sh -c "! docker -H unix://$NAS_SOCKET inspect shell$ID"

it "detached from run -it, the container goes on"
on_tty run -it --name "on$ID" -e 'PS1=# ' busybox sh <<'END'
expect # 
send \x10\x11
END
expect_code 0
expect_restored
expect "it should run" [ "$(engine inspect -f '{{.State.Running}}' "on$ID")" = true ]

it "start -ai joins it again"
engine rm -f "on$ID" >/dev/null
engine create -it --name "on$ID" -e 'PS1=# ' busybox sh >/dev/null
on_tty start -ai "on$ID" <<'END'
expect # 
send exit 8\r
END
expect_code 8
expect_restored

for signal in 15 1; do
  it "ended by signal $signal in raw mode: the terminal is restored"
  on_tty exec -it "c$ID" sh <<END
expect # 
signal $signal
END
  expect "it should have ended by the signal, not with $code" [ "$code" -ge 128 ]
  expect_restored
done

it "the process's terminal output is not changed on its way"
on_tty exec -it "c$ID" sh -c 'printf "\033[31mred\033[0m \342\202\254\n"; sleep 1' <<'END'
expect \e[31mred\e[0m \xe2\x82\xac\r\n
END
expect_code 0

it "-t without a terminal is refused in docker's words"
qd exec -it "c$ID" sh
expect_refusal 1 no_tty
expect_err 'the input device is not a TTY'

it "-t alone: output through a terminal, stdin untouched"
qd exec -t "c$ID" sh -c 'tty; echo line'
expect_code 0
expect_out $'line\r'
