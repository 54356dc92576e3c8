-- Taking a project off a NAS: its containers, what depends on others first, then its networks. Works from labels, so that no file is
-- needed. Dependencies: plan, compose.observe, compose.order.
local order = require "compose.order"
local observe = require "compose.observe"
local tables = require "compose.tables"

local M = {}

---@class compose.DownOptions
---@field services? string[] only these; networks and volumes stay then
---@field volumes? boolean named volumes of the project, and anonymous ones
---@field rmi? "local"|"all"
---@field remove_orphans? boolean
---@field timeout? number seconds

-- What belongs to the project: all, or with a file only what it declares.
local function is_ours(scope, c, options)
  local p = scope.project
  if not p or options.remove_orphans then return true end
  return p.model.services[c.service] ~= nil or p.disabled[c.service] ~= nil
end

local function add(plan, target, op, args, fields)
  local step = { target = target, op = op, args = args, verb = op:match "%a+$", danger = 1 }
  for key, value in pairs(fields) do step[key] = value end
  return plan:add(step).id
end

-- Containers of a service, when those that depend on it are gone. Returns the steps that remove them.
local function containers(plan, nas, service, list, dependencies, gone, options)
  local depends, ids = {}, {}
  for other, needs in pairs(dependencies) do
    if needs[service] then table.move(gone[other] or {}, 1, #(gone[other] or {}), #depends + 1, depends) end
  end
  table.sort(depends)
  for _, c in ipairs(list) do
    local object, before = { kind = "container", name = c.name }, depends
    if observe.is_alive(c) then
      before = { add(plan, nas.name, "container.stop", { container = c.id, timeout = options.timeout },
        { object = object, quiet = true, danger = 0, follows = depends }) }
    end
    ids[#ids + 1] = add(plan, nas.name, "container.remove", { container = c.id, force = true, volumes = options.volumes },
      { object = object, depends = observe.is_alive(c) and before or nil, follows = not observe.is_alive(c) and before or nil,
        describe = "remove container " .. c.name })
  end
  gone[service] = ids
  return ids
end

local function networks(plan, nas, state, all)
  for _, name in ipairs(tables.sorted(state.networks)) do
    local record = state.networks[name]
    add(plan, nas.name, "network.remove", { network = record.Id, lenient = true }, { object = { kind = "network", name = name },
      follows = all })
  end
end

local function volumes(plan, nas, state, all)
  for _, name in ipairs(tables.sorted(state.volumes)) do
    add(plan, nas.name, "volume.remove", { name = name }, { object = { kind = "volume", name = name }, danger = 3, depends = all })
  end
end

-- local: those that compose named itself; all: every one that a service runs.
local function images(plan, nas, scope, list, all, kind)
  local seen = {}
  for _, c in ipairs(list) do
    local ref = c.record.Image
    local own = ref == ("%s-%s"):format(scope.name, c.service)
    if not seen[ref] and (kind == "all" or own) then
      seen[ref] = true
      add(plan, nas.name, "image.remove", { images = { ref } }, { object = { kind = "image", name = ref }, depends = all })
    end
  end
end

---Makes the plan. Only reads.
---@async
---@param nas docker.Nas
---@param scope compose.Scope
---@param options compose.DownOptions
---@param command string
---@return plan.Plan plan
---@return compose.State state
---@raise not_found "no_project" when the NAS has nothing of it
function M.plan(nas, scope, options, command)
  local state = observe.of(require("plan").reader(nas), scope.name)
  local plan = require("plan").new { command = command, at_once = true, project = scope.name }
  local only = tables.set(options.services)
  only = next(only) and only or nil
  local by_service, list = {}, {}
  for _, c in ipairs(state.containers) do
    if (not only or only[c.service]) and is_ours(scope, c, options) then
      by_service[c.service] = by_service[c.service] or {}
      table.insert(by_service[c.service], c)
      list[#list + 1] = c
    end
  end
  if #list == 0 and (only or (not next(state.networks) and not (options.volumes and next(state.volumes)))) then
    Error {
      category = "not_found", code = "no_project", message = ("there is nothing of project '%s' on %s"):format(scope.name, nas.name),
      hint = "qnap-docker compose ls -a", profile = nas.name,
    }
  end
  local dependencies = order.of_containers(list)
  local gone, all = {}, {}
  for _, service in ipairs(order.backward(dependencies)) do
    local ids = containers(plan, nas, service, by_service[service], dependencies, gone, options)
    table.move(ids, 1, #ids, #all + 1, all)
  end
  if only then return plan, state end
  networks(plan, nas, state, all)
  if options.volumes then volumes(plan, nas, state, all) end
  if options.rmi then images(plan, nas, scope, list, all, options.rmi) end
  return plan, state
end

return M
