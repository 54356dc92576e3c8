-- Reading on over a connection that breaks: the NAS is asked for again and again, with growing pauses, until it answers.
local sys = require "sys"
local task = require "task"

local M = {}

local LONGEST = 10 -- seconds between two tries
local APART = 0.1 -- seconds between looks at a try of somebody else

local renewed = setmetatable({}, { __mode = "k" }) ---@type table<docker.Nas, docker.Nas> what took the place of a broken connection
local trying = setmetatable({}, { __mode = "k" }) ---@type table<docker.Nas, true>

---Whether a failure means that the connection is gone (and not that the question was wrong).
---@param err any
---@return boolean
function M.broken(err)
  return type(err) == "table" and (err.category == "connect" or err.category == "timeout")
end

---A new connection to the NAS, which has answered. Nothing is asked of the user.
---@async
---@param profile profile.Profile
---@return docker.Nas
function M.answering(profile)
  local new = require("docker").connect(profile, { interactive = false })
  local answered, why = try(new.ping, new, LONGEST)
  if answered then return new end
  new:close()
  error(why, 0)
end

local function renew(nas, patience)
  local pause, from = 0.5, sys.now()
  trying[nas] = true
  local _ <close> = defer(function() trying[nas] = nil end)
  nas:close()
  while true do
    local fresh, err = try(M.answering, nas.profile)
    if fresh then return fresh end
    if not M.broken(err) or not nas.profile then error(err, 0) end
    if patience and sys.now() - from + pause > patience then error(err, 0) end
    task.sleep(pause)
    pause = math.min(pause * 2, LONGEST)
  end
end

---A new connection to the NAS, once it answers; all who shared the broken one get the same. Raises what has nothing to do
---with the connection (a changed host key ...).
---@async
---@param nas docker.Nas its old connection is closed
---@param patience? number seconds after which the last failure is raised; without it, for ever
---@return docker.Nas
function M.connect(nas, patience)
  while trying[nas] do task.sleep(APART) end
  if not renewed[nas] then renewed[nas] = renew(nas, patience) end
  return renewed[nas]
end

---The connection that took the place of this one, if any did.
---@param nas docker.Nas
---@return docker.Nas
function M.current(nas)
  while renewed[nas] do nas = renewed[nas] end
  return nas
end

return M
