-- What `compose config` prints of a project, other than the project itself: names, one a line. Pure.
local tables = require "compose.tables"

local M = {}

---By flag of `compose config`: the lines to print.
---@type table<string, fun(project: compose.Project): string[]>
M.lists = {
  services = function(p) return tables.sorted(p.model.services) end,
  volumes = function(p) return tables.sorted(p.model.volumes) end,
  networks = function(p) return tables.sorted(p.model.networks) end,
  profiles = function(p)
    table.sort(p.profiles)
    return p.profiles
  end,
  images = function(p)
    local seen = {}
    for name, service in pairs(p.model.services) do
      seen[service.image or ("%s-%s"):format(p.name, name)] = true
    end
    return tables.sorted(seen)
  end,
  environment = function(p)
    local out = {}
    for name, value in pairs(p.environment) do
      out[#out + 1] = ("%s=%s"):format(name, value)
    end
    table.sort(out)
    return out
  end,
}

---The config hashes of services, by which `up` knows a changed one. What their files hold is not part of these.
---@param project compose.Project
---@param wanted string names, comma between them, or "*"
---@return string text "name hash" on a line each
---@raise not_found "no_service"
function M.hashes(project, wanted)
  local lines = {}
  local services = project.model.services
  local chosen = {}
  for name in (wanted == "*" and "" or wanted):gmatch "[^,]+" do
    if not services[name] then
      Error {
        category = "not_found", code = "no_service", message = ("no such service: %s"):format(name),
        why = ("project '%s' has: %s"):format(project.name, table.concat(tables.sorted(services), ", ")),
          hint = "qnap-docker compose config --services",
      }
    end
    chosen[name] = true
  end
  for _, name in ipairs(tables.sorted(wanted == "*" and services or chosen)) do
    lines[#lines + 1] = ("%s %s\n"):format(name, require("compose.judge").hash(project, name))
  end
  return table.concat(lines)
end

return M
