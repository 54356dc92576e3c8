-- Waiting for what services depend on: the conditions of depends_on, and health. The state of a whole project is one request.
-- Dependencies: compose.observe, compose.cli, compose.kept, task.
local M = {}

local PAUSE = 0.25 -- seconds between two looks

local function where(c) return ("container %s"):format(c.name) end

local function healthy(c)
  if c.health == "unhealthy" then return nil, where(c) .. " is unhealthy" end
  if c.state == "exited" or c.state == "dead" then return nil, ("%s exited (%d)"):format(where(c), c.exit_code or 0) end
  if c.state == "created" or c.state == "paused" then return nil, ("%s is %s"):format(where(c), c.state) end
  if c.state == "running" and not c.health then return nil, where(c) .. " has no health check", c end
  return c.health == "healthy"
end

local function completed(c)
  if c.state == "created" then return nil, where(c) .. " was not started" end
  if c.state ~= "exited" then return false end
  if (c.exit_code or 0) ~= 0 then return nil, ("%s ended with exit code %d"):format(where(c), c.exit_code) end
  return true
end

-- A job that ended well has done what it is for.
local function settled(c)
  if c.health == "unhealthy" then return nil, where(c) .. " is unhealthy" end
  if c.state == "exited" or c.state == "dead" then
    if c.exit_code == 0 then return true end
    return nil, ("%s ended with exit code %d"):format(where(c), c.exit_code or 0)
  end
  return c.state == "running" and c.health ~= "starting"
end

local CHECKS = { service_healthy = healthy, service_completed_successfully = completed, settled = settled }

---Whether containers are as a condition says.
---@param containers compose.Container[]
---@param condition string of depends_on; "settled": healthy, or running without a health check, or ended with 0
---@return boolean? met nil: it will never be
---@return string? why never
---@return compose.Container? unsure the one that seems to have no health check: the list may have been made too early
function M.met(containers, condition)
  local check, all = CHECKS[condition], true
  for _, c in ipairs(check and containers or {}) do
    local ok, why, unsure = check(c)
    if ok == nil then return nil, why, unsure end
    all = all and ok
  end
  return all
end

local function of_service(nas, project, service)
  local out = {}
  for _, c in ipairs(require("compose.observe").list(nas, project)) do
    if c.service == service and not c.oneoff and not require("compose.kept").is_kept(c) then out[#out + 1] = c end
  end
  return out
end

-- A health check's first state stands in the list a moment after the container runs.
local function has_check(nas, c)
  local state = c and nas:container(c.id):inspect().State
  return state ~= nil and type(state.Health) == "table"
end

-- One look: whether it is met, and why it never will be.
local function look(nas, project, service, condition)
  local containers = of_service(nas, project, service)
  if #containers == 0 then return nil, "there is no container of it" end
  local met, why, unsure = M.met(containers, condition)
  if met == nil and has_check(nas, unsure) then return false end
  return met, why
end

-- What the container wrote that will never be as it has to be.
local function last_words(nas, wanted)
  for _, c in ipairs(of_service(nas, wanted.project, wanted.service)) do
    if M.met({ c }, wanted.condition) == nil then return require("recreate.prove").last_words(nas:container(c.id)) end
  end
  return {}
end

---@class compose.Wait
---@field project string
---@field service string
---@field condition string of depends_on, or "settled"
---@field timeout? number seconds

---Waits until all containers of a service meet a condition.
---@async
---@param nas docker.Nas
---@param wanted compose.Wait
---@param log? fun(text: string)
---@raise fail "dependency_failed", "not_ready"
function M.await(nas, wanted, log)
  local clock = require("ui").clock
  local begin = clock()
  while true do
    local met, why = look(nas, wanted.project, wanted.service, wanted.condition)
    if met then return end
    if met == nil then
      local lines, probe = last_words(nas, wanted)
      Error {
        category = "fail", code = "dependency_failed", message = ("dependency failed to start: %s"):format(wanted.service), why = why,
        profile = nas.name, hint = "qnap-docker compose logs " .. wanted.service, lines = lines, probe = probe,
      }
    elseif wanted.timeout and clock() - begin > wanted.timeout then
      Error {
        category = "fail", code = "not_ready", profile = nas.name, why = "waiting for " .. wanted.condition,
        message = ("service '%s' is not ready after %d s"):format(wanted.service, wanted.timeout // 1),
      }
    end
    if log then log(("waiting for %s"):format(wanted.service)) end
    require("task").sleep(PAUSE)
  end
end

local DONE = { service_healthy = "healthy", service_completed_successfully = "ended", settled = "up" }

-- Looks again and again; what is not there at once is shown as waited for.
local function until_met(ctx, nas, project, service, condition)
  local met, why = look(nas, project, service, condition)
  if met == false then
    ctx:progress():step(service, function(item)
      while met == false do
        require("task").sleep(PAUSE)
        met, why = look(nas, project, service, condition)
      end
      if met then item:done(DONE[condition]) else item:fail(why) end
    end, nas.name, "waiting")
  end
  return not met and why or nil
end

---Waits until what a service depends on is as it has to be.
---@async
---@param ctx cli.Context warned about what is not required
---@param nas docker.Nas
---@param project string
---@param service string
---@param on table<string, table> {db = {condition =, required =}}
---@raise fail "dependency_failed"
function M.wait(ctx, nas, project, service, on)
  require("task").map(require("compose.tables").sorted(on), function(other)
    if not CHECKS[on[other].condition] then return end
    local why = until_met(ctx, nas, project, other, on[other].condition)
    if not why then return end
    if on[other].required == false then return ctx:warn(("%s goes on without %s: %s"):format(service, other, why)) end
    Error {
      category = "fail", code = "dependency_failed", message = ("service '%s' was not started on %s"):format(service, nas.name),
      why = ("it depends on %s: %s"):format(other, why), hint = "qnap-docker compose ps -a",
    }
  end, { limit = 16 })
end

---Waits until services are healthy, or run where they have no health check, or have ended well.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project string
---@param service string
---@raise fail "not_healthy"
function M.settle(ctx, nas, project, service)
  local why = until_met(ctx, nas, project, service, "settled")
  if not why then return end
  Error {
    category = "fail", code = "not_healthy", message = ("service '%s' on %s did not become healthy"):format(service, nas.name), why = why,
    hint = "qnap-docker compose logs " .. service,
  }
end

return M
