-- Which services of a project a command means, what others depend on first. Pure. Dependencies: compose.order.
local order = require "compose.order"

local M = {}

---@param project compose.Project
---@param names? string[] none: all
---@param with_dependencies? boolean what the named ones depend on, too
---@return string[] services
---@raise not_found "no_service"
function M.services(project, names, with_dependencies)
  local dependencies = order.of_model(project.model)
  if not names or #names == 0 then return order.forward(dependencies) end
  local only = {}
  for _, name in ipairs(names) do
    if not project.model.services[name] then
      Error {
        category = "not_found", code = "no_service", message = ("no such service: %s"):format(name), object = name,
        why = "the file has: " .. table.concat(require("compose.tables").sorted(project.model.services), ", "),
      }
    end
    only[name] = true
  end
  return order.forward(dependencies, with_dependencies and order.closure(dependencies, names) or only)
end

return M
