-- A command in a running container on this terminal: what exec and compose exec have in common.
-- Dependencies: attach.keys, attach.pump, create.env, json.
local json = require "json"
local pump = require "attach.pump"

local M = {}

-- docker refuses to run nothing; on a terminal we open the best shell that the container has.
local SHELL = { "/bin/sh", "-c", "for s in bash ash; do command -v $s >/dev/null 2>&1 && exec $s; done; exec sh" }

---The command, or a shell where there is none and a terminal is.
---@param words string[]
---@param usage string what is typed to run one, for the hint
---@return string[] command
---@return boolean shell
---@raise usage "missing_argument"
function M.command(words, usage)
  if #words > 0 then return words, false end
  if pump.is_terminal() then return SHELL, true end
  Error {
    category = "usage", code = "missing_argument", message = "'exec' needs a command", exit_code = 1,
    why = "without a terminal there is no shell to open", hint = "qnap-docker " .. usage,
  }
end

---@param f table flags of exec
---@param command string[]
---@return docker.ExecOptions
function M.options(f, command)
  local environment = require("create.env").environment(f.env_file or {}, f.env)
  return {
    cmd = json.array { table.unpack(command) }, env = #environment > 0 and json.array(environment) or nil, user = f.user,
    workdir = f.workdir, privileged = f.privileged, tty = f.tty, detach_keys = f.detach_keys,
    stdin = f.interactive and not f.detach, stdout = not f.detach, stderr = not f.detach,
    console_size = f.tty and pump.console_size() or nil,
  }
end

---Runs it here, to its end or until the user detaches.
---@async
---@param exec docker.Exec
---@param f table flags of exec
---@return integer? code nil when the user detached
function M.run(exec, f)
  local how
  do
    local session <close> = exec:start { console_size = f.tty and pump.console_size() or nil }
    how = pump.run(session, {
      tty = f.tty, stdin = f.interactive, half_close = not f.tty, detach_keys = f.detach_keys,
      resize = f.tty and function(rows, columns) exec:resize(rows, columns) end or nil,
    })
  end
  if how == "detached" then return nil end
  return exec:exit_code()
end

return M
