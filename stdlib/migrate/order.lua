-- Who depends on whom among what moves, and in which order it stops. Pure. Dependencies: migrate.chosen.
local M = {}

---Names of the moving containers that one depends on, and whether they have to be healthy first.
---@param f migrate.Facts
---@param c migrate.Container
---@return table<string, string> name -> condition
function M.dependencies(f, c)
  local out, LABEL = {}, "com.docker.compose."
  for entry in ((c.record.Config.Labels or {})[LABEL .. "depends_on"] or ""):gmatch "[^,]+" do
    local service, condition = entry:match "^([^:]+):?([^:]*)"
    for _, other in ipairs(f.containers) do
      if (other.record.Config.Labels or {})[LABEL .. "service"] == service then out[other.name] = condition end
    end
  end
  for _, word in ipairs(require("migrate.chosen").needs(c.record)) do
    for _, other in ipairs(f.containers) do
      if (other.id == word or other.name == word) and other ~= c then out[other.name] = "service_started" end
    end
  end
  return out
end

---@param c migrate.Container
---@return boolean
function M.has_health(c)
  local test = (c.record.Config.Healthcheck or {}).Test
  return type(test) == "table" and #test > 0 and test[1] ~= "NONE"
end

---Containers of a level are stopped at once: those that others depend on come later.
---@param f migrate.Facts
---@return table[][] of {id, name, running, policy}
function M.levels(f)
  local by, level, levels = {}, {}, {}
  for _, c in ipairs(f.containers) do by[c.name] = c end
  for i = #f.containers, 1, -1 do
    local c = f.containers[i]
    level[c.name] = level[c.name] or 1
    for name in pairs(M.dependencies(f, c)) do
      if by[name] then level[name] = math.max(level[name] or 1, level[c.name] + 1) end
    end
  end
  local json = require "json"
  for _, c in ipairs(f.containers) do
    local n = level[c.name]
    for i = #levels + 1, n do levels[i] = json.array {} end
    local policy = c.record.HostConfig.RestartPolicy or {}
    table.insert(levels[n], {
      id = c.id, name = c.name, running = c.running,
      policy = { Name = policy.Name ~= "" and policy.Name or "no", MaximumRetryCount = policy.MaximumRetryCount },
    })
  end
  return json.array(levels)
end

return M
