-- Reading on over a connection that breaks: the NAS is asked for again and again, with growing pauses, until it answers.
local task = require "task"

local M = {}

local LONGEST = 10 -- seconds between two tries

---Whether a failure means that the connection is gone (and not that the question was wrong).
---@param err any
---@return boolean
function M.broken(err)
  return type(err) == "table" and (err.category == "connect" or err.category == "timeout")
end

---A new connection to the NAS, once it answers. Raises what has nothing to do with the connection (a changed host key ...).
---@async
---@param nas docker.Nas its old connection is closed
---@return docker.Nas
function M.connect(nas)
  local pause = 0.5
  nas:close()
  while true do
    local fresh, err = try(function()
      local new = require("docker").connect(nas.profile, { interactive = false })
      local answered, why = try(new.ping, new, LONGEST)
      if not answered then
        new:close()
        error(why, 0)
      end
      return new
    end)
    if fresh then return fresh end
    if not M.broken(err) or not nas.profile then error(err, 0) end
    task.sleep(pause)
    pause = math.min(pause * 2, LONGEST)
  end
end

return M
