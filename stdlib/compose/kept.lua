-- Containers of a project that are kept beside those of its services: "-failed" after an update that failed, for people to look into;
-- "-blue" after a switch from blue to green, for a while. They take no place of their service's.
local M = {}

M.UNTIL = "qnap-docker.blue-until" -- label of what replaced a blue container: seconds since the epoch until which that one is kept
M.HOUR = 3600 -- seconds that they are kept where nobody says

---@param c compose.Container
---@return boolean
function M.is_failed(c) return c.name:find "%-failed$" ~= nil end

---@param c compose.Container
---@param project? compose.Project where its model is known: a service may name its container so itself
---@return boolean
function M.is_blue(c, project)
  if not c.name:find "%-blue$" then return false end
  if project and project.model.services[c.service] then
    return c.name ~= require("compose.body").container_name(project, c.service, c.number)
  end
  return c.name == ("%s-%s-%d-blue"):format(c.project, c.service, c.number) or not require("compose.observe").is_alive(c)
end

---Whether it takes no place of its service's.
---@param c compose.Container
---@param project? compose.Project
---@return boolean
function M.is_kept(c, project) return M.is_failed(c) or M.is_blue(c, project) end

-- When a container ended, in seconds since the epoch.
local function ended(record)
  local text = record.State and record.State.FinishedAt or ""
  return try(require("units").rfc3339, text) or 0
end

---Until when the blue containers of a project are kept, in seconds since the epoch.
---@async
---@param containers compose.Container[] of the project
---@param blue compose.Container[] not empty
---@param look fun(id: string): table inspect record of a container
---@return number
function M.until_when(containers, blue, look)
  local latest, aside = nil, {}
  for _, c in ipairs(blue) do aside[c.id] = true end -- their own label is about those before them
  for _, c in ipairs(containers) do
    local time = not aside[c.id] and tonumber(c.labels[M.UNTIL])
    if time then latest = math.max(latest or 0, time) end
  end
  if latest then return latest end
  for _, c in ipairs(blue) do latest = math.max(latest or 0, ended(look(c.id)) + M.HOUR) end
  return latest
end

return M
