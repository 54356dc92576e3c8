-- What services wait for (Compose Specification, depends_on): started, healthy, completed successfully.
-- Dependencies: compose.observe, task, ui.
local observe = require "compose.observe"

local M = {}

local PAUSE = 0.25 -- seconds between two looks

local function failed(nas, c, why)
  Error {
    category = "fail", code = "dependency_failed", message = ("dependency failed to start: container %s %s"):format(c.name, why),
    profile = nas.name, hint = ("qnap-docker logs %s"):format(c.name),
  }
end

-- Whether a container is as it should be; raises when it never will be.
local JUDGES = {
  service_started = function(_, c) return c.state ~= "created" end,
  service_healthy = function(nas, c)
    if c.state == "exited" or c.state == "dead" then failed(nas, c, ("ended with exit code %s"):format(c.exit_code or "?")) end
    if c.health == "unhealthy" then failed(nas, c, "is unhealthy") end
    if c.state == "running" and not c.health then failed(nas, c, "has no healthcheck configured") end
    return c.health == "healthy"
  end,
  service_completed_successfully = function(nas, c)
    if c.state ~= "exited" then return false end
    if c.exit_code ~= 0 then
      Error {
        category = "fail", code = "dependency_failed", profile = nas.name, hint = ("qnap-docker logs %s"):format(c.name),
        message = ('service "%s" didn\'t complete successfully: exit %s'):format(c.service, c.exit_code or "?"),
      }
    end
    return true
  end,
}

---@class compose.Wait
---@field project string
---@field service string
---@field condition "service_started"|"service_healthy"|"service_completed_successfully"
---@field timeout? number seconds

---Waits until all containers of a service meet a condition.
---@async
---@param nas docker.Nas
---@param wanted compose.Wait
---@param log? fun(text: string)
---@raise fail "dependency_failed"
---@raise fail "not_ready"
function M.wait(nas, wanted, log)
  local clock = require("ui").clock
  local begin, judge = clock(), JUDGES[wanted.condition] or JUDGES.service_started
  while true do
    local waiting
    for _, c in ipairs(observe.list(nas, wanted.project)) do
      local counts = c.service == wanted.service and not c.oneoff and not require("compose.kept").is_kept(c)
      if counts and not judge(nas, c) then waiting = c.name end
    end
    if not waiting then return end
    if wanted.timeout and clock() - begin > wanted.timeout then
      Error {
        category = "fail", code = "not_ready", profile = nas.name,
        message = ("%s is not ready after %d s"):format(waiting, wanted.timeout // 1), why = "waiting for " .. wanted.condition,
      }
    end
    if log then log(("waiting for %s"):format(waiting)) end
    require("task").sleep(PAUSE)
  end
end

return M
