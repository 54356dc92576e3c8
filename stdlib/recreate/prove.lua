-- Whether a container that was just started does its work: healthy where it can tell, else running for a while.
local task = require "task"

local M = {}

local PAUSE = 0.25 -- seconds between two looks
local HEALTH_LIMIT = 300

---The last lines that a container wrote, and what its healthcheck said last; for people.
---@async
---@param container docker.Container
---@return string[] lines
---@return string? probe
function M.last_words(container)
  local lines = {}
  try(function()
    for line in container:logs { tail = 10 } do
      lines[#lines + 1] = line.line or line.text or line.bytes or ""
    end
  end)
  local record = try(container.inspect, container)
  local log = record and type(record.State.Health) == "table" and record.State.Health.Log or {}
  local probe = log[#log]
  local text = probe and (probe.Output or ""):gsub("%s+$", "")
  return lines, probe and ("exit code %d%s"):format(probe.ExitCode or -1, text ~= "" and ": " .. text:sub(-300) or "")
end

local function failed(nas, container, why)
  local lines, probe = M.last_words(container)
  local said = table.concat(lines, " | ", math.max(1, #lines - 2))
  Error {
    category = "fail", code = "not_proven", message = nas:cannot "keep the new container", profile = nas.name,
    why = why .. (said ~= "" and "; it said: " .. said:sub(-200) or ""), reason = why, lines = lines, probe = probe,
  }
end

-- Why it cannot stay; nil while it may.
local function fault(c, options, restarts, health, passed)
  local state = c.State
  if not state.Running or state.Restarting then
    return ("it ended with exit code %d"):format(state.ExitCode or 0)
  elseif (c.RestartCount or 0) > restarts then
    return "it restarts again and again"
  elseif health == "unhealthy" then
    return "its healthcheck says unhealthy"
  elseif health == "starting" and passed > (options.timeout or HEALTH_LIMIT) then
    return ("it was not healthy within %d s"):format(options.timeout or HEALTH_LIMIT)
  end
end

local function ended_well(state)
  return not state.Running and not state.Restarting and state.ExitCode == 0
end

local PROVEN = { healthy = "healthy", none = "runs" }
local WATCHED = { starting = "waiting until it is healthy", none = "watching it run" }

---Waits until it is healthy, or (without a healthcheck) has run for `monitor` seconds without a restart. Raises otherwise.
---@async
---@param nas docker.Nas
---@param container docker.Container
---@param options {monitor?: number, timeout?: number, may_end?: boolean}
---@param log? fun(text: string)
function M.proven(nas, container, options, log)
  local begin = require("ui").clock()
  local restarts
  while true do
    local c = container:inspect()
    local state, passed = c.State, require("ui").clock() - begin
    local health = type(state.Health) == "table" and state.Health.Status or "none"
    restarts = restarts or c.RestartCount or 0
    if options.may_end and ended_well(state) then
      return
    end
    local why = fault(c, options, restarts, health, passed)
    if why then
      failed(nas, container, why)
    elseif health == "healthy" or (health == "none" and passed >= (options.monitor or 0)) then
      return log and log(PROVEN[health])
    end
    if log then
      log(WATCHED[health] or WATCHED.none)
    end
    task.sleep(PAUSE)
  end
end

return M
