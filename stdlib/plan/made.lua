-- What a step of a run created: known by its labels, and by nothing else. Dependencies: task.
local M = {}

---A copy of a body that bears the labels of a step.
---@param body table the engine's
---@param labels table<string, string> of plan.Run:labels
---@return table
function M.labelled(body, labels)
  local copy = require("plan.secrets").copy(body)
  copy.Labels = copy.Labels or {}
  for key, value in pairs(labels) do
    copy.Labels[key] = value
  end
  return copy
end

---Has an engine create something, and waits for its answer, even when interrupted: it goes on with a request that nobody waits for any
---more, and what is taken back meanwhile would leave what it makes a moment later.
---@async
---@param fn function
---@return any ...
function M.surely(fn, ...)
  return require("task").shield(fn, ...)
end

---The container that a step of a run made.
---@async
---@param nas docker.Nas
---@param step plan.Step
---@param run plan.Run
---@return {id: string}?
function M.find(nas, step, run)
  local filters = { label = {} }
  for key, value in pairs(run:labels(step)) do
    table.insert(filters.label, key .. "=" .. value)
  end
  local found = nas:containers({ all = true, filters = filters })[1]
  return found and { id = found.Id }
end

return M
