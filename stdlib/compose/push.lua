-- Sending the images that services build to their registries. Dependencies: compose.body, compose.tree, transfer.registry.
local M = {}

local function push(nas, ref_text, line)
  local ref = require("transfer.registry").parse(ref_text, false)
  local image = nas:image(ref_text)
  local _, err = try(image.push, image, {
    on_progress = function(message) line:update { state = "pushing", msg = message.status } end,
  })
  if err then require("transfer.registry").explain(nas, ref, err, "push") end
end

---The names under which the image of a service is sent; none where it builds nothing, or has no name of its own.
---@param project compose.Project
---@param name string service
---@return string[]
function M.references(project, name)
  local service = project.model.services[name]
  if not service.build or not service.image then return {} end
  return { service.image, table.unpack(service.build.tags or {}) }
end

---Pushes the images of services that have a build section and a name; the others have nothing of their own.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param names string[]
---@param options? {quiet?: boolean, ignore_failures?: boolean}
function M.services(ctx, nas, project, names, options)
  options = options or {}
  local tree, errors = require("compose.tree").new(ctx:progress(), nas.name), {}
  require("task").map(names, function(name)
    local references, line = M.references(project, name), tree:service(name)
    if #references == 0 then return end
    for _, ref in ipairs(references) do
      line:update { state = "pushing" }
      local _, err = try(push, nas, ref, line)
      if err then
        line:fail(err.message)
        errors[#errors + 1] = err
        return
      end
    end
    line:done "pushed"
  end, { limit = 3 })
  if options.ignore_failures then
    for _, err in ipairs(errors) do ctx:warn(err.message .. (err.why and ": " .. err.why or "")) end
  else
    require("cli.items").report(ctx, errors)
  end
end

return M
