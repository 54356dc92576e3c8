-- What `compose config` prints of a project, other than the project itself: names, one a line. Pure.
local M = {}

local function names(map)
  local out = {}
  for name in pairs(map or {}) do
    out[#out + 1] = name
  end
  table.sort(out)
  return out
end

---By flag of `compose config`: the lines to print.
---@type table<string, fun(project: compose.Project): string[]>
M.lists = {
  services = function(p) return names(p.model.services) end,
  volumes = function(p) return names(p.model.volumes) end,
  networks = function(p) return names(p.model.networks) end,
  profiles = function(p)
    table.sort(p.profiles)
    return p.profiles
  end,
  images = function(p)
    local seen = {}
    for name, service in pairs(p.model.services) do
      seen[service.image or ("%s-%s"):format(p.name, name)] = true
    end
    return names(seen)
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
        why = ("project '%s' has: %s"):format(project.name, table.concat(names(services), ", ")),
          hint = "qnap-docker compose config --services",
      }
    end
    chosen[name] = true
  end
  for _, name in ipairs(names(wanted == "*" and services or chosen)) do
    lines[#lines + 1] = ("%s %s\n"):format(name, require("compose.judge").hash(project, name))
  end
  return table.concat(lines)
end

return M
