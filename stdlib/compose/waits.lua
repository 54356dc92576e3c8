-- What a service has to wait for before its containers are created, and before they are started.
-- Dependencies: compose.body, compose.judge.
local body = require "compose.body"
local judge = require "compose.judge"

local M = {}

-- The steps that start it watch its healthcheck themselves.
local function known_healthy(p, name)
  local check = p.project.model.services[name].healthcheck
  return p.proven[name] and #p.counted[name] == 0 and p.options.wait ~= false and check ~= nil and not check.disable
end

-- Steps after which a condition holds; none where it holds already.
local function waits(p, name, condition)
  if not p.project.model.services[name] or not p.counted[name] then return {} end
  local key = name .. " " .. condition
  if p.wait_steps[key] then return p.wait_steps[key] end
  local ids = p.started[name] or {}
  local holds = #ids == 0
  for _, c in ipairs(p.counted[name]) do
    holds = holds and (condition == "service_started" or (condition == "service_healthy" and c.health == "healthy")
      or (condition == "service_completed_successfully" and c.state == "exited" and c.exit_code == 0))
  end
  if condition == "service_healthy" and known_healthy(p, name) then
    ids = p.proven[name]
  elseif condition ~= "service_started" and not holds then
    -- A job that fails is taken back, and its predecessor, which ended well, stands there again: not its end is waited for.
    if condition == "service_completed_successfully" then ids = p.proven[name] or ids end
    ids = { p.plan:add({
      target = p.target, op = "compose.wait", verb = "wait", danger = 0, quiet = true, object = { kind = "service", name = name },
        depends = ids,
      args = { project = p.project.name, service = name, condition = condition, timeout = p.options.wait_timeout },
    }).id }
  end
  p.wait_steps[key] = ids
  return ids
end

---The steps without which a service is not started.
---@param p compose.Planning
---@param service table of the model
---@return { depends: string[], follows: string[] }
function M.starts(p, service)
  local out = { depends = {}, follows = {} }
  for _, name in ipairs(require("compose.tables").sorted(service.depends_on or {})) do
    local d = service.depends_on[name]
    local ids = waits(p, name, d.condition)
    local list = d.required == false and out.follows or out.depends
    table.move(ids, 1, #ids, #list + 1, list)
  end
  return out
end

---The steps without which the containers of a service cannot be created.
---@param p compose.Planning
---@param name string service
---@return string[]
function M.needs(p, name)
  local service, out = p.project.model.services[name], {}
  local function take(key) table.move(p.needs[key] or {}, 1, #(p.needs[key] or {}), #out + 1, out) end
  take "files"
  take("image:" .. body.image(p.project, name))
  for key in pairs(service.networks or {}) do take("network:" .. key) end
  for _, v in ipairs(service.volumes or {}) do
    if v.type == "volume" and v.source then take("volume:" .. v.source) end
  end
  for _, key in ipairs(judge.SHARED) do
    local of = type(service[key]) == "string" and service[key]:match "^service:(.+)$"
    if of and p.first[of] then out[#out + 1] = p.first[of]:match "^@(.*)$" end
  end
  for _, from in ipairs(service.volumes_from or {}) do
    out[#out + 1] = (p.first[from:match "^([^:]+)"] or ""):match "^@(.*)$"
  end
  table.sort(out)
  return out
end

return M
