-- `nas` of the session: connected by its first question, and again by the first one after the connection was lost. What was made of it
-- (containers, volumes …) stays good meanwhile. Dependencies: docker.
local docker = require "docker"

local M = {}

-- An engine for docker.Nas that has a connection below it only while one is needed.
---@class repl.Connection
---@field open fun(): docker.Nas
---@field nas? docker.Nas while connected
local Connection = {}
Connection.__index = Connection

function Connection:get()
  if not self.nas then self.nas = self.open() end
  return self.nas
end

function Connection:close()
  local nas = self.nas
  self.nas = nil
  if nas then pcall(nas.close, nas) end
end

local LOST = { connect = true, timeout = true }

-- A question is asked again over a new connection when the one that was there turns out to be gone; what changes something never is.
local function ask(self, method, options)
  local was_there, nas = self.nas ~= nil, self:get()
  local answer, err = try(nas[method], nas, options)
  if not err then return answer end
  if not LOST[err.category] then error(err, 0) end
  if self.nas == nas then self:close() end
  local reads = method == "api" or method ~= "hijack" and (options.method or "GET") == "GET"
  if not was_there or err.category ~= "connect" or not reads then error(err, 0) end
  nas = self:get()
  return nas[method](nas, options)
end

function Connection:request(options) return ask(self, "request", options) end
function Connection:stream(options) return ask(self, "stream", options) end
function Connection:hijack(options) return ask(self, "hijack", options) end
function Connection:api() return ask(self, "api") end
function Connection:facts() return self.nas and self.nas.engine:facts() or {} end

---@class repl.Nas: docker.Nas
---@field connection repl.Connection

---The NAS of a profile, not connected yet.
---@param profile profile.Profile
---@param open? fun(): docker.Nas default: docker.connect
---@return repl.Nas
function M.new(profile, open)
  local connection = setmetatable({ open = open or function() return docker.connect(profile) end }, Connection)
  local nas = docker.from_engine(connection, profile)
  local class = getmetatable(nas)
  -- The login belongs to whichever connection there is.
  nas.answered, nas.connection = true, connection
  return setmetatable(nas, {
    __index = function(self, key)
      if key == "session" or key == "route" then return connection:get()[key] end
      return class.__index(self, key)
    end,
    __tostring = function() return "docker on " .. profile.name end,
    __class = class,
  })
end

return M
