-- Waiting for a container's state by asking again; used behind start --wait and stop --wait.
local task = require "task"

local M = {}

local PAUSE = 0.5 -- seconds between two questions

local function until_true(nas, name, what, check)
  while true do
    local done, why = check(nas:container(name):inspect().State)
    if done then return end
    if why then
      Error {
        category = "fail", code = "not_" .. what, message = ("container '%s' did not become %s"):format(name, what), why = why,
        hint = "qnap-docker logs " .. name,
      }
    end
    task.sleep(PAUSE)
  end
end

---Until it is healthy, or running when it has no healthcheck.
---@async
function M.running(nas, name)
  until_true(nas, name, "healthy", function(state)
    if not state.Running then return false, ("it ended with exit code %d"):format(state.ExitCode or 0) end
    local health = type(state.Health) == "table" and state.Health.Status or "none"
    if health == "unhealthy" then return false, "its health check fails" end
    return health ~= "starting"
  end)
end

---Until it no longer runs.
---@async
function M.stopped(nas, name)
  until_true(nas, name, "stopped", function(state) return not state.Running end)
end

return M
