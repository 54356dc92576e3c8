-- How what runs differs from what the files declare, as far as labels and states tell it. Pure.
-- Dependencies: compose.decide, compose.judge, compose.kept.
local tables = require "compose.tables"
local decide = require "compose.decide"
local kept = require "compose.kept"

local M = {}

-- Files of the project have other paths on the NAS, which are part of the hash: such services are left to the plan.
local function binds_files(service, directory)
  for _, mount in ipairs(service.volumes or {}) do
    local source = mount.source or ""
    if mount.type == "bind" and (source == directory or source:sub(1, #directory + 1) == directory .. "/") then return true end
  end
  return false
end

local function of_services(containers)
  local out = {}
  for _, c in ipairs(containers) do
    out[c.service] = out[c.service] or {}
    if not c.oneoff and not kept.is_kept(c) then table.insert(out[c.service], c) end
  end
  return out
end

---Services whose containers were made by us from other settings than the files have now. What their configs and secrets hold is
---taken as it was; containers of other programs, and services that bind files of the project, are not judged.
---@param project compose.Project
---@param containers compose.Container[]
---@return string[] in order
function M.changed(project, containers)
  local of, out = of_services(containers), {}
  for _, name in ipairs(tables.sorted(project.model.services)) do
    local service, differs = project.model.services[name], false
    for _, c in ipairs(not binds_files(service, project.directory) and of[name] or {}) do
      local hash = c.hash and require("compose.judge").hash(project, name, c.labels[require("compose.drift").CONTENTS])
      differs = differs or c.hash ~= hash
    end
    if differs then out[#out + 1] = name end
  end
  return out
end

---"2 services changed in the file (api, web); 'compose up' applies it"; nil when none did.
---@param project compose.Project
---@param containers compose.Container[]
---@return string?
function M.note(project, containers)
  local names = M.changed(project, containers)
  if #names == 0 then return nil end
  local counted = ("%d service%s"):format(#names, #names == 1 and "" or "s")
  return ("%s changed in the file (%s); 'compose up' applies it"):format(counted, table.concat(names, ", "))
end

---Services that have containers and stand in no file.
---@param project compose.Project
---@param containers compose.Container[]
---@return table<string, true>
function M.orphans(project, containers)
  local out = {}
  for _, c in ipairs(containers) do
    if not c.oneoff and not project.model.services[c.service] and not project.disabled[c.service] then out[c.service] = true end
  end
  return out
end

-- A job that ended with 0, and that nobody wants to be started again, is as it should be.
local function wrong(c, restart)
  if c.state == "running" then
    if c.health == "unhealthy" then return "is unhealthy" end
    return c.health == "starting" and "is not healthy yet" or nil
  end
  if c.state ~= "exited" then return "is " .. c.state end
  if c.exit_code == 0 and (restart == nil or restart == "no" or restart:find "^on%-failure") then return nil end
  return ("ended with exit code %d"):format(c.exit_code or 0)
end

local function restart_of(service)
  local policy = type(service.deploy) == "table" and service.deploy.restart_policy
  if type(policy) ~= "table" then return type(service.restart) == "string" and service.restart or nil end
  return ({ none = "no", any = "always" })[policy.condition] or policy.condition or "always"
end

local function by_files(project, containers, out)
  local of = of_services(containers)
  for _, name in ipairs(tables.sorted(project.model.services)) do
    local service, have = project.model.services[name], of[name] or {}
    if #have ~= decide.count(service) then out[#out + 1] = ("%s: %d of %d containers"):format(name, #have, decide.count(service)) end
    for _, c in ipairs(have) do
      local what = wrong(c, restart_of(service))
      if what then out[#out + 1] = ("%s: %s %s"):format(name, c.name, what) end
    end
  end
  for _, name in ipairs(M.changed(project, containers)) do out[#out + 1] = ("%s: changed in the file"):format(name) end
  for _, name in ipairs(tables.sorted(M.orphans(project, containers))) do out[#out + 1] = ("%s: is in no file"):format(name) end
end

---What is not as declared, one line each. Without files that every container runs, is not unhealthy, or ended with 0.
---@param scope compose.Scope
---@param containers compose.Container[]
---@return string[]
function M.problems(scope, containers)
  local out = {}
  if scope.project then
    by_files(scope.project, containers, out)
    return out
  end
  for _, c in ipairs(containers) do
    local what = not c.oneoff and not kept.is_kept(c) and wrong(c)
    if what then out[#out + 1] = ("%s: %s %s"):format(c.service, c.name, what) end
  end
  return out
end

return M
