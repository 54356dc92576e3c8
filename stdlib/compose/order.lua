-- In which order services are taken: what another one depends on comes first. Pure.
local tables = require "compose.tables"

local M = {}

---Services, each behind those that it depends on; otherwise by name. Cycles are the loader's to refuse.
---@param dependencies table<string, table<string, any>> service -> the services that it depends on (depends_on of a model)
---@param only? table<string, true> services to take
---@return string[]
function M.forward(dependencies, only)
  local out, seen = {}, {}
  local function visit(name)
    if seen[name] then return end
    seen[name] = true
    for _, other in ipairs(tables.sorted(dependencies[name])) do
      if dependencies[other] then visit(other) end
    end
    if not only or only[name] then out[#out + 1] = name end
  end
  for _, name in ipairs(tables.sorted(dependencies)) do visit(name) end
  return out
end

---@param dependencies table<string, table<string, any>>
---@param only? table<string, true>
---@return string[]
function M.backward(dependencies, only)
  local list, out = M.forward(dependencies, only), {}
  for i = #list, 1, -1 do out[#out + 1] = list[i] end
  return out
end

---What each service of a model depends on: {db = {condition =, restart =}}.
---@param model table
---@return table<string, table<string, table>>
function M.of_model(model)
  local out = {}
  for name, service in pairs(model.services or {}) do out[name] = service.depends_on or {} end
  return out
end

---The same from the labels of containers, where there is no file: "db:service_healthy:false,…".
---@param containers compose.Container[]
---@return table<string, table<string, table>>
function M.of_containers(containers)
  local out = {}
  for _, c in ipairs(containers) do
    out[c.service] = out[c.service] or {}
    for entry in (c.labels["com.docker.compose.depends_on"] or ""):gmatch "[^,]+" do
      local name, condition, restart = entry:match "^([^:]+):?([^:]*):?([^:]*)$"
      if name then out[c.service][name] = { condition = condition, restart = restart == "true" } end
    end
  end
  return out
end

---Services that depend on one of these, directly or through others.
---@param dependencies table<string, table<string, any>>
---@param names table<string, true>
---@return table<string, true> without `names` themselves
function M.dependants(dependencies, names)
  local out, grown = {}, true
  while grown do
    grown = false
    for name, others in pairs(dependencies) do
      for other in pairs(others) do
        if not out[name] and not names[name] and (names[other] or out[other]) then
          out[name], grown = true, true
        end
      end
    end
  end
  return out
end

---These services and all that they depend on.
---@param dependencies table<string, table<string, any>>
---@param names string[]
---@return table<string, true>
function M.closure(dependencies, names)
  local out = {}
  local function visit(name)
    if out[name] then return end
    out[name] = true
    for other in pairs(dependencies[name] or {}) do visit(other) end
  end
  for _, name in ipairs(names) do visit(name) end
  return out
end

return M
