-- The container that a command means by a service: its first that runs, or the one of --index. Dependencies: compose.cli.
local M = {}

---The containers of a service, one-offs aside, by number.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param service string
---@param index? integer only the one of this number
---@param states? table<string, true> default: of any state
---@return compose.Container[]
---@raise not_found "no_service"
function M.all(scope, containers, service, index, states)
  local of = { name = scope.name, project = scope.project, services = { service } }
  return require("compose.cli").select(of, containers, { index = index, states = states })
end

---Says why there is none that runs.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param service string
---@param index? integer
---@param hint? string what to try
---@raise conflict "not_running"
function M.missing(scope, containers, service, index, hint)
  local there = M.all(scope, containers, service, index)
  local why = ("project '%s' has no container of it"):format(scope.name)
  if there[1] then
    why = ("container '%s' is %s"):format(there[1].name, there[1].state)
  elseif index and #M.all(scope, containers, service) > 0 then
    why = ("it has no container #%d"):format(index)
  end
  Error {
    category = "conflict", code = "not_running", why = why, object = service,
    message = index and ("container %d of service '%s' is not running"):format(index, service)
      or ("service '%s' is not running"):format(service),
    hint = hint or ("qnap-docker compose up -d %s"):format(service),
  }
end

---The containers of a service that run; there is at least one.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param service string
---@param index? integer
---@param hint? string what to try where there is none
---@return compose.Container[]
---@raise conflict "not_running"
function M.running(scope, containers, service, index, hint)
  local found = M.all(scope, containers, service, index, { running = true })
  if #found == 0 then M.missing(scope, containers, service, index, hint) end
  return found
end

return M
