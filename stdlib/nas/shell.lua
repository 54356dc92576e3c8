-- The shell of the NAS itself (or of this machine, for an engine here): POSIX sh and what busybox has. Values are its arguments or its
-- standard input, never part of its text. Where the account may not enter or write to the folder that a script works in, the
-- script runs under `sudo -n`.
-- Dependencies: core.ssh, proc, task.
local M = {}

---@class nas.Script
---@field text string POSIX sh; its arguments are $1, $2, ...
---@field at string absolute folder that it works in
---@field args? string[]
---@field stdin? string|fun(write: fun(bytes: string)) what it reads; a function gives it piece by piece
---@field timeout? number seconds (default 60)
---@field max_output? integer bytes (default 16 MiB)

---@class nas.Answer
---@field status integer
---@field stdout string
---@field stderr string

-- $1 the script, $2 the folder. What is not there yet is made below the nearest folder that is.
local GATE = [==[
s=$1 d=$2 p=$2; shift 2
while [ ! -d "$p" ]; do p=${p%%/*}; [ -n "$p" ] || p=/; done
if %s; then exec sh -c "$s" sh "$@"; fi
exec sudo -n sh -c "$s" sh "$@"]==]
local READS = [==[[ ! -e "$d" ] || { [ -r "$p" ] && [ -x "$p" ]; }]==]
local WRITES = [==[[ -w "$p" ] && [ -x "$p" ]]==]

local function words(script, may)
  assert(script.at:sub(1, 1) == "/", "a script works in an absolute folder")
  return { "sh", "-c", GATE:format(may), "sh", script.text, script.at, table.unpack(script.args or {}) }
end

local function line_of(argv)
  local quote, out = require("core.ssh").quote, {}
  for i, word in ipairs(argv) do out[i] = quote(word) end
  return table.concat(out, " ")
end

-- A process there whose input is written piece by piece, with the same words for all three ways.
local function spawn(nas, argv)
  local raw = nas.session and nas.session.raw
  if raw and raw.exec then
    local command = raw:exec(line_of(argv))
    return {
      write = function(bytes) command:write(bytes) end, finish = function() command:shutdown() end,
      drain = function(take)
        for which, bytes in function() return command:read(64 * 1024) end do take(which, bytes) end
      end,
      wait = function(timeout) return (command:wait(timeout)) end, close = function() command:close() end,
    }
  end
  local process = raw and raw:spawn(line_of(argv))
    or require("proc").spawn { argv = argv, stdio = { stdin = "pipe", stdout = "pipe", stderr = "pipe" } }
  return {
    write = function(bytes) process:write(bytes) end, finish = function() process:close_stdin() end,
    drain = function(take)
      require("task").map({ "stdout", "stderr" }, function(which)
        for bytes in function() return process:read(64 * 1024, which) end do take(which, bytes) end
      end)
    end,
    wait = function(timeout) return process:wait(timeout).code end, close = function() process:close() end,
  }
end

local function stream(nas, argv, script)
  local child, task = spawn(nas, argv), require "task"
  local _ <close> = defer(child.close)
  local out, left = { stdout = {}, stderr = {} }, script.max_output or 16 << 20
  local failed
  local sender = task.spawn(function()
    local _, err = try(function()
      script.stdin(child.write)
      child.finish()
    end)
    -- A script that ended before it had read all says why by its status; one whose input broke off must not take it for whole.
    if err and err.code ~= "reader_gone" then
      failed = err
      child.close()
    end
  end)
  local ok, broken = pcall(child.drain, function(which, bytes)
    left = left - #bytes
    if left >= 0 then table.insert(out[which], bytes) end
  end)
  sender:wait()
  if failed or not ok then error(failed or broken, 0) end
  return { status = child.wait(script.timeout or 60) or 255, stdout = table.concat(out.stdout), stderr = table.concat(out.stderr) }
end

local function run(nas, script, may)
  local argv = words(script, may)
  local options = { stdin = script.stdin, timeout = script.timeout or 60, max_output = script.max_output }
  if type(script.stdin) == "function" then return stream(nas, argv, script) end
  if nas.session then
    local r = nas.session:run(line_of(argv), options)
    return { status = r.status or 255, stdout = r.stdout, stderr = r.stderr }
  end
  options.argv = argv
  local r = require("proc").run(options)
  return { status = r.code, stdout = r.stdout, stderr = r.stderr }
end

local function denied(nas, script, answer)
  local words_of_sudo = answer.stderr:match "sudo: [^\n]*"
  if answer.status == 0 or not words_of_sudo then return end
  Error {
    category = "auth", code = "folder_denied", profile = nas.name, message = ("no access to %s on %s"):format(script.at, nas.name),
    why = words_of_sudo, hint = "use an account that is an administrator, or another folder:\n"
      .. ("qnap-docker profile edit %s --set data_root=/share/NAME"):format(nas.name),
  }
end

---A function for scripts: `sum` prints the SHA-256 of its standard input. A NAS may have openssl alone.
M.SUM = [==[
sum() { h=$(sha256sum 2>/dev/null) || h=$(openssl dgst -sha256 | sed 's/^.*= *//'); echo "${h%% *}"; }
]==]

---Runs a script that only reads.
---@async
---@param nas docker.Nas of plan.reader, too
---@param script nas.Script
---@return nas.Answer any status is a result
---@raise auth "folder_denied"
function M.read(nas, script)
  local answer = run(rawget(nas, "reads_from") or nas, script, READS)
  denied(nas, script, answer)
  return answer
end

---Runs a script that changes something.
---@async
---@param nas docker.Nas
---@param script nas.Script
---@return nas.Answer any status is a result
---@raise auth "folder_denied"
---@raise conflict "read_only_profile"
function M.write(nas, script)
  if rawget(nas, "only_reads") then
    Error {
      category = "internal", code = "plan_would_write", message = ("%s is not changed"):format(nas.name), profile = nas.name,
      why = "a plan is made by reading alone",
    }
  end
  require("docker").check_writable(nas, nil, ("a script in %s"):format(script.at))
  local answer = run(nas, script, WRITES)
  denied(nas, script, answer)
  return answer
end

---The last line of what a script said of its failure.
---@param answer nas.Answer
---@return string
function M.why(answer)
  return answer.stderr:match "([^\n]+)%s*$" or ("the shell ended with status %d"):format(answer.status)
end

return M
