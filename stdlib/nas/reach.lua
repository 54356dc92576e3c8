-- How the checklist gets at a NAS: a login of its own, a shell script there, the engine behind the same session.
-- Dependencies: ssh, docker, proc.
local M = {}

---@class nas.Session
---@field info {host_key?: string, host_key_type?: string, auth?: string, user?: string, server_version?: string}
local Session = {}
Session.__index = Session

local LIMIT = 30 -- seconds for the script

---Runs the script there. Its output, whatever its exit code.
---@async
---@param script string without single quotes
---@return string
function Session:sh(script)
  local result = self.ssh:run("sh -c '" .. script .. "'", { timeout = LIMIT })
  return result.stdout
end

function Session:close()
  if self.ssh then
    self.ssh:close()
  end
end

local Here = setmetatable({}, { __index = Session })
Here.__index = Here

function Here:sh(script) -- luacheck: ignore self
  return require("proc").run({ argv = { "sh", "-c", script }, timeout = LIMIT }).stdout
end

---This machine.
---@return nas.Session
function M.here()
  return setmetatable({ info = {} }, Here)
end

---Logs in. Raises what went wrong, with the codes of ssh.
---@async
---@param p profile.Profile
---@param options table timeout, password, accept_host_key, interactive
---@return nas.Session
function M.login(p, options)
  local ssh = require("ssh").connect(p, options)
  return setmetatable({ ssh = ssh, info = ssh:info() }, Session)
end

---The engine, through the session that is there.
---@async
---@param p profile.Profile
---@param session nas.Session
---@param options table
---@return docker.Nas
function M.engine(p, session, options)
  return require("docker").connect(p, { timeout = options.timeout, session = session.ssh })
end

return M
