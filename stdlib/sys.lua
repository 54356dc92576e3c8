-- What the system says of this process, its user and the clock.
-- Dependencies: core.sys.
local core = require "core.sys"

local M = {}

---A variable of the environment; nil when it is not set.
---@param name string
---@return string?
function M.env(name)
  return core.env(name)
end

---All variables.
---@return table<string, string>
function M.environ()
  return core.environ()
end

---@return integer
function M.pid()
  return core.pid()
end

---The effective user's number and name (nil when the user database has none).
---@return integer uid
---@return string? name
function M.user()
  return core.uid(), core.user()
end

---HOME, else the folder of the user database; nil when neither knows.
---@return string?
function M.home()
  return core.home()
end

---@return string
function M.hostname()
  return core.hostname()
end

---The working folder.
---@return string
function M.cwd()
  return core.cwd()
end

---Seconds on a clock that never goes back.
---@return number
function M.now()
  return core.now()
end

---Seconds since the epoch, and the nanoseconds beside them.
---@return integer seconds
---@return integer nanoseconds
function M.time()
  return core.time()
end

---@return {os: string, machine: string, release: string}
function M.platform()
  return core.platform()
end

---Path of the running program; nil where the system does not tell.
---@return string?
function M.exe()
  return core.exe()
end

---Permission bits that new files do not get. With `bits`: sets them; returns those before.
---@param bits? integer
---@return integer
function M.umask(bits)
  return core.umask(bits)
end

return M
