-- What commands share that work on the containers of a project, found by their labels: which are meant, and whose turn it
-- is when. Dependencies: compose.cli, compose.kept, compose.observe, compose.order, compose.replica.
local cli = require "compose.cli"
local kept = require "compose.kept"
local order = require "compose.order"

local M = {}

---States in which a container's process is there.
M.RUNNING = { running = true, paused = true, restarting = true }
---States in which it is not.
M.STOPPED = { created = true, exited = true, dead = true }

---The flag that chooses one of a service's containers.
M.index_flag = { "index", type = "int", value = "N", default = 0, help = "Which container, where the service has several" }

---The project of a command that works by labels. One that is named is not looked for in files that happen to lie here,
---unless these are named, too: as compose v2 does.
---@param ctx cli.Context
---@param services? string[] that were named
---@return compose.Scope
---@raise as compose.cli.scope
function M.scope(ctx, services)
  local name = ctx.flags.project_name or os.getenv "COMPOSE_PROJECT_NAME"
  local files = #ctx.flags.file > 0 or (os.getenv "COMPOSE_FILE" or "") ~= ""
  if files or not name or name == "" then return cli.scope(ctx, services) end
  cli.service_profiles(ctx) -- there is nothing that they choose
  return { name = require("compose").project_name(name), services = services or {} }
end

---A project of which a NAS has nothing.
---@param nas docker.Nas
---@param scope compose.Scope
---@raise not_found "no_such_project", "no_containers"
function M.nothing(nas, scope)
  Error {
    category = "not_found", code = scope.project and "no_containers" or "no_such_project",
    message = ("project '%s' has no containers on %s"):format(scope.name, nas.name),
    hint = (scope.project and "qnap-docker compose up\n" or "") .. "qnap-docker compose ls -a",
  }
end

---What services depend on: by the files, and by the labels of containers that these do not know.
---@param scope compose.Scope
---@param containers compose.Container[]
---@return table<string, table<string, table>>
function M.dependencies(scope, containers)
  local out = order.of_containers(containers)
  for service, on in pairs(scope.project and order.of_model(scope.project.model) or {}) do out[service] = on end
  return out
end

---Services in levels: each behind those that it depends on, as far as these are taken.
---@param depends table<string, table<string, any>>
---@param services table<string, true> that are taken
---@return string[][]
function M.levels(depends, services)
  local depth, levels, out = {}, {}, {}
  local function visit(service)
    if depth[service] then return depth[service] end
    depth[service] = 1 -- labels may hold a circle
    for other in pairs(depends[service] or {}) do depth[service] = math.max(depth[service], visit(other) + 1) end
    return depth[service]
  end
  local deepest = 0
  for _, service in ipairs(require("compose.tables").sorted(services)) do
    local d = visit(service)
    levels[d] = levels[d] or {}
    table.insert(levels[d], service)
    deepest = math.max(deepest, d)
  end
  for d = 1, deepest do out[#out + 1] = levels[d] end
  return out
end

---@generic T
---@param list T[]
---@return T[]
function M.reversed(list)
  local out = {}
  for i = #list, 1, -1 do out[#out + 1] = list[i] end
  return out
end

---The services of some containers.
---@param containers compose.Container[]
---@return table<string, true>
function M.services(containers)
  local out = {}
  for _, c in ipairs(containers) do out[c.service] = true end
  return out
end

---The containers that a verb means: of the named services, else of those that the files declare (compose v2 leaves orphans
---and services of other profiles alone), else all.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param options? {oneoff?: boolean, states?: table<string, true>, index?: integer, orphans?: boolean, kept?: boolean} kept: also
---what is kept beside its service's (compose.kept)
---@return compose.Container[]
---@raise not_found "no_service"
function M.chosen(scope, containers, options)
  options = options or {}
  local declared = scope.project and #scope.services == 0 and not options.orphans and scope.project.model.services
  local out = {}
  for _, c in ipairs(cli.select(scope, containers, options)) do
    if (not declared or declared[c.service]) and (options.kept or not kept.is_kept(c, scope.project)) then out[#out + 1] = c end
  end
  return out
end

---The container of a service that a command means which works on one: the lowest number, or that of --index.
---@async
---@param nas docker.Nas
---@param scope compose.Scope with one service
---@param options {index?: integer, states?: table<string, true>}
---@return compose.Container
---@raise conflict "not_running"
---@raise not_found "no_containers", "no_service"
function M.one(nas, scope, options)
  local replica, containers = require "compose.replica", require("compose.observe").list(nas, scope.name)
  if #containers == 0 then M.nothing(nas, scope) end
  local service, index = scope.services[1], (options.index or 0) > 0 and options.index or nil
  return replica.all(scope, containers, service, index, options.states)[1] or replica.missing(scope, containers, service, index)
end

return M
