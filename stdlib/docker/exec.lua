-- Commands in a running container. Dependencies: core.docker, docker.session, task.
local session = require "docker.session"

local M = {}

---@class docker.Exec
---@field nas docker.Nas
---@field id string
---@field tty boolean
local Exec = {}
Exec.__index = Exec

---@class docker.ExecResult
---@field code integer
---@field stdout string
---@field stderr string

---Starts it and connects to it. With detach = true it runs on its own, and nothing is returned.
---@async
---@param options? {detach?: boolean, console_size?: integer[], bulk?: boolean} console_size: {height, width}; bulk: many bytes one way
---@return docker.Session?
function Exec:start(options) ---@endpoint POST /exec/{id}/start
  options = options or {}
  local path = ("/exec/%s/start"):format(self.id)
  local size = options.console_size and self.tty and self.nas:supports "1.42" and options.console_size or nil
  local request = {
    method = "POST", path = path, what = self.what, object = self.object, timeout = 300, bulk = options.bulk,
    body = { Detach = options.detach or false, Tty = self.tty, ConsoleSize = size },
  }
  if options.detach then
    self.nas:request(request)
    return nil
  end
  return session.new(self.nas:hijack(request), {
    nas = self.nas, tty = self.tty, what = self.what, object = self.object, resize_path = ("/exec/%s/resize"):format(self.id),
  })
end

---@async
---@param height integer
---@param width integer
function Exec:resize(height, width) ---@endpoint POST /exec/{id}/resize
  session.resize(self.nas, ("/exec/%s/resize"):format(self.id), self.what, height, width)
end

---Running, ExitCode, Pid (of the NAS) and so on.
---@async
---@return table
function Exec:inspect() ---@endpoint GET /exec/{id}/json
  return self.nas:request { path = ("/exec/%s/json"):format(self.id), what = self.what, object = self.object, pipeline = true }.body
end

local PATIENCE = 2 -- seconds between the end of the output and the exit code, at most

---The exit code, once the output has ended. 126: it cannot be run, 127: it was not found.
---@async
---@return integer
function Exec:exit_code()
  local waited = 0
  while true do
    local state = self:inspect()
    if not state.Running and state.ExitCode then
      return state.ExitCode
    elseif waited >= PATIENCE then
      Error {
        category = "timeout", code = "no_exit_code", message = self.what,
        why = "its output has ended, but the engine says that it still runs", profile = self.nas.name, object = self.object,
      }
    end
    require("task").sleep(0.05)
    waited = waited + 0.05
  end
end

local function feed(live, input)
  if type(input) == "function" then
    for bytes in input do
      if not live:write(bytes) then
        return
      end
    end
  elseif not live:write(input) then
    return
  end
  live:shutdown()
end

---Runs it to its end, with input from a string or an iterator of strings.
---@async
---@param input? string|fun(): string?
---@return docker.ExecResult
function Exec:run(input)
  local task = require "task"
  local live <close> = self:start()
  local writer = input and task.spawn(feed, live, input)
  local stdout, stderr = live:read_all()
  if writer then
    writer:cancel()
  end
  return { code = self:exit_code(), stdout = stdout, stderr = stderr }
end

---@param Container docker.Container
function M.install(Container)
  ---Prepares a command in it; nothing runs before exec:start() or exec:run().
  ---@async
  ---@param options docker.ExecOptions
  ---@return docker.Exec
  ---@raise conflict "not_running"
  function Container:exec(options) ---@endpoint POST /containers/{id}/exec
    local what = self:cannot "run a command in"
    local size = options.console_size and self.nas:supports "1.42" and options.console_size or nil
    local made = self:request("run a command in", {
      method = "POST", path = "/exec",
      body = {
        Cmd = options.cmd, Env = options.env, User = options.user, WorkingDir = options.workdir, Privileged = options.privileged,
        Tty = options.tty or false, DetachKeys = options.detach_keys, ConsoleSize = size,
        AttachStdin = options.stdin or false, AttachStdout = options.stdout ~= false, AttachStderr = options.stderr ~= false,
      },
    }).body
    return setmetatable({ nas = self.nas, id = made.Id, tty = options.tty or false, what = what, object = self.ref }, Exec)
  end
end

return M
