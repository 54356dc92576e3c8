# shellcheck shell=bash disable=SC2154
# Sourced by bench: what the host costs, beside plain Lua and luv (Debian: lua-luv; left out where it is not installed).

bench_host() {
  local name value k luv=0
  lua5.4 -e 'require "luv"' 2>/dev/null && luv=1
  : >"$work/nothing.lua"
  for _ in $(seq "$rounds"); do
    while read -r name value; do note "host-$name" "$value"; done < <("$tools/costs" 1)
    note host-tasks "$("$tools/costs" tasks | cut -d ' ' -f 2)"
    for k in 1 2 3; do
      time_of host-lua lua5.4 -e ''
      time_of host-nothing "$program" __script "$work/nothing.lua"
      [ $luv = 0 ] || time_of host-luv lua5.4 -e 'require("luv").run()'
    done
    [ $luv = 0 ] || while read -r name value; do note "host-$name" "$value"; done < <(lua5.4 "$here/luv.lua")
  done
  echo 'The host in a program (µs)'
  row host-start-lua 'luaL_newstate and luaL_openlibs' 1 2
  row host-start-host 'qd_host_new' 1 2
  row host-start-host-script 'qd_host_new, and a script that does nothing' 1 2
  row host-yield-bare 'yield and resume through C' 1 2
  row host-yield-await 'await that does nothing: task.sleep(0)' 1 2
  row host-yield-luv 'luv: a coroutine and an idle handle' 1 2
  printf '\nA script that does nothing, as a process (ms)\n'
  row host-lua "lua5.4 -e ''"
  row host-luv 'lua5.4 with luv, an empty loop'
  row host-nothing 'qnap-docker __script nothing.lua'
  printf '\n10,000 sleeping tasks (MiB)\n'
  row host-tasks 'task.spawn(task.sleep, 60)' 1024
  row host-tasks-luv 'luv: a coroutine and a timer each' 1024
  echo
  goal 'qd_host_new : luaL_newstate and luaL_openlibs' "$(ratio host-start-host host-start-lua)" 2
  goal 'nothing.lua, in times of (1.5 lua + 5 ms)' "$(awk -v a="$(median host-nothing)" -v b="$(median host-lua)" 'BEGIN { print a / (1.5 * b + 5000) }')" 1
  goal 'await : yield and resume through C' "$(ratio host-yield-await host-yield-bare)" 3
  goal '10,000 sleeping tasks, in times of 50 MiB' "$(awk -v k="$(median host-tasks)" 'BEGIN { print k / 1024 / 50 }')" 1
}
