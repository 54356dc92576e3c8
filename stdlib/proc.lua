-- Other programs: run to their end, or talked to while they run. Arguments go to the program as they are: there is no shell
-- in between, so nothing needs quoting and nothing is expanded.
-- Dependencies: core.proc.
local core = require "core.proc"

local M = {}

---@class proc.Options
---@field argv string[] program and arguments; the program is looked for in PATH
---@field stdin? string run: what it reads (default: nothing)
---@field env? table<string, string|false> changes to our variables; false takes one away
---@field cwd? string folder to run in
---@field timeout? number run: seconds; then it is ended and `timeout` is raised
---@field max_output? integer run: bytes of stdout and of stderr (default 16 MiB); beyond it is ended and `too_large` is raised
---@field stdio? {stdin?: "pipe"|"null"|"inherit", stdout?: "pipe"|"null"|"inherit", stderr?: "pipe"|"null"|"inherit"}

---How a program ended.
---@class proc.Result
---@field code integer exit status; 128 + signal when a signal ended it
---@field signal? integer
---@field stdout string run: what it wrote
---@field stderr string run

---Runs a program to its end. A status other than 0 is no failure: look at `code`.
---@async
---@param options proc.Options
---@return proc.Result
---@raise not_found, fail, timeout
function M.run(options)
  return core.run(options)
end

---Runs a program that must succeed. Returns what it wrote to stdout.
---@async
---@param options proc.Options
---@return string
---@raise fail "process_failed", not_found, timeout
function M.check(options)
  local r = core.run(options)
  if r.code ~= 0 then
    local how = r.signal and ("was ended by signal %d"):format(r.signal) or ("ended with status %d"):format(r.code)
    Error {
      category = "fail", code = "process_failed", message = ("%s %s"):format(options.argv[1], how),
      why = r.stderr:match "([^\n]+)%s*$",
    }
  end
  return r.stdout
end

---Starts a program and returns a handle: read([max][, "stdout"|"stderr"]) until nil, write(bytes), close_stdin(), wait([timeout]),
---kill([signal]), pid(), close(). Declare it <close>: a program that still runs then is ended.
---@param options proc.Options
---@return core.proc.Process
---@raise not_found, fail
function M.spawn(options)
  return core.spawn(options)
end

---Runs a program on our own terminal (an editor, a pager) and waits for it.
---@async
---@param options proc.Options
---@return proc.Result
---@raise not_found, fail
function M.interactive(options)
  local stdio = { stdin = "inherit", stdout = "inherit", stderr = "inherit" }
  local process <close> = core.spawn { argv = options.argv, env = options.env, cwd = options.cwd, stdio = stdio }
  return process:wait()
end

return M
