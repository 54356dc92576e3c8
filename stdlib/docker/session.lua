-- A live connection to a process: its output in frames or (with a terminal) as it is, its input, its window size.
-- Dependencies: core.docker.
local core = require "core.docker"

local M = {}

---@class docker.Session
---@field stream docker.Stream
---@field tty boolean one output, as a terminal shows it
local Session = {}
Session.__index = Session

-- An error of the daemon inside a stream.
local function daemon_error(self, text)
  error(core.failure { message = text, what = self.what, profile = self.profile, object = self.object }, 0)
end

---The next bytes of the output.
---@async
---@param max? integer bytes (default 64 KiB)
---@param timeout? number seconds
---@return "stdout"|"stderr"|nil which nil at the end
---@return string? bytes
function Session:read(max, timeout)
  if self.tty then
    local bytes = self.stream:read(max, timeout)
    return bytes and "stdout", bytes
  end
  local which, bytes = self.stream:frame(max, timeout)
  if which == "system" then
    daemon_error(self, bytes)
  end
  return which, bytes
end

---All of the output that is left.
---@async
---@return string stdout
---@return string stderr
function Session:read_all()
  local out = { stdout = {}, stderr = {} }
  for which, bytes in function() return self:read() end do
    table.insert(out[which], bytes)
  end
  return table.concat(out.stdout), table.concat(out.stderr)
end

---Bytes for the process's input. Waits while it is slower than the writer.
---@async
---@param bytes string
---@return boolean taken false when it takes no more
function Session:write(bytes)
  return self.stream:write(bytes)
end

---The end of the input. With a terminal the engine would close the output, too: write "\4" there instead.
function Session:shutdown()
  self.stream:shutdown()
end

---@async
---@param height integer
---@param width integer
function Session:resize(height, width)
  M.resize(self.nas, self.resize_path, self.what, height, width)
end

---Detaches: the process goes on.
function Session:close()
  self.stream:close()
end

Session.__close = Session.close

---@param stream docker.Stream
---@param fields {nas: docker.Nas, tty: boolean, what: string, resize_path: string, object: string}
---@return docker.Session
function M.new(stream, fields)
  fields.stream, fields.profile = stream, fields.nas.name
  return setmetatable(fields, Session)
end

local TRIES = 10 -- the process may not have begun yet

---@async
function M.resize(nas, path, what, height, width)
  for n = 1, TRIES do
    local _, err = try(nas.request, nas, { method = "POST", path = path, query = { h = height, w = width }, what = what })
    if not err then
      return
    elseif n == TRIES or err.category == "not_found" then
      error(err, 0)
    end
    require("task").sleep(0.01 * n)
  end
end

---Whether a stream's output is a terminal's. From API 1.42 on the engine says so; before, only the container knows.
---@param nas docker.Nas
---@param stream docker.Stream
---@param ask fun(): boolean
---@return boolean
function M.is_raw(nas, stream, ask)
  local kind = stream.headers["content-type"] or ""
  if kind:find("multiplexed-stream", 1, true) then
    return false
  elseif kind:find("raw-stream", 1, true) and nas:supports "1.42" then
    return true
  end
  return ask()
end

---@param Container docker.Container
function M.install(Container)
  ---Connects to its main process. stdin, stdout and stderr are all wanted unless one of them is named.
  ---@async
  ---@param options? docker.AttachOptions
  ---@return docker.Session
  function Container:attach(options) ---@endpoint POST /containers/{id}/attach
    options = options or {}
    local any = options.stdin or options.stdout or options.stderr
    local tty = options.tty
    if tty == nil and not self.nas:supports "1.42" then
      tty = self:inspect().Config.Tty
    end
    local what = self:cannot "attach to"
    local stream = self.nas:hijack {
      method = "POST", path = self.path .. "/attach", what = what, object = self.ref,
      query = {
        stream = options.stream ~= false, logs = options.logs or nil, detachKeys = options.detach_keys,
        stdin = not any or options.stdin, stdout = not any or options.stdout, stderr = not any or options.stderr,
      },
    }
    if tty == nil then
      tty = M.is_raw(self.nas, stream, function()
        return self:inspect().Config.Tty
      end)
    end
    return M.new(stream, { nas = self.nas, tty = tty, what = what, object = self.ref, resize_path = self.path .. "/resize" })
  end
end

return M
