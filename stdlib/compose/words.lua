-- What words behind `compose ps` mean: services, or a project. Dependencies: compose.cli, compose.observe, compose.verbs.
local cli = require "compose.cli"
local observe = require "compose.observe"
local verbs = require "compose.verbs"

local M = {}

local function known(scope, containers, words)
  local have = verbs.services(containers)
  local model = scope.project and scope.project.model.services or {}
  local disabled = scope.project and scope.project.disabled or {}
  for _, word in ipairs(words) do
    if not (have[word] or model[word] or disabled[word]) then return false end
  end
  return true
end

local function no_such_project(nas, name)
  Error {
    category = "not_found", code = "no_such_project", message = ("there is no project '%s' on %s"):format(name, nas.name),
    hint = "qnap-docker compose ls -a",
  }
end

---What they mean on a NAS: services of the current project, else a project, for which there is one look more.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param scope? compose.Scope the current project
---@param words string[]
---@return compose.Scope? nil: no project is current, and none is named
---@return compose.Container[] of the project, or of all
---@raise not_found "no_such_project", "no_service"
function M.meant(ctx, nas, scope, words)
  if not scope and #words == 0 then return nil, observe.list(nas) end
  local containers = scope and observe.list(nas, scope.name) or {}
  if scope and not scope.project and #containers == 0 and #words == 0 and not ctx.several then
    ctx:note(("project '%s' has no containers on %s; 'compose ls -a' shows what projects there are"):format(scope.name, nas.name))
  end
  if #words == 0 or (scope and known(scope, containers, words)) then return scope, containers end
  local named = { name = words[1], services = table.move(words, 2, #words, 1, {}) }
  local other = observe.list(nas, named.name)
  if #other > 0 then return named, other end
  if ctx.several and not (scope and scope.project) then return { name = words[1], services = {} }, {} end
  if not scope then no_such_project(nas, words[1]) end
  cli.select(scope, containers) -- says which services there are
  return scope, containers
end

return M
