-- A creation whose answer never came (a timeout, Ctrl-C): the engine may have made the container, and nobody knows its id.
local M = {}

---@class create.Attempt
---@field image string
---@field name? string
---@field labels? table<string, string>
---@field began integer os.time() before the engine was asked

-- Its own clock is not ours: what counts is how long ago the engine says it was.
local function engine_time(nas)
  local time = nas:info().SystemTime
  return time and (require("units").rfc3339(time))
end

local function fits(container, attempt, since)
  if container.Image ~= attempt.image or container.Created < since then return false end
  if attempt.name and container.Names[1] ~= "/" .. attempt.name then return false end
  for key, value in pairs(attempt.labels or {}) do
    if container.Labels[key] ~= value then return false end
  end
  return true
end

---Removes what the attempt left behind: a container of that image, name and labels that is as young as the attempt and was never
---started. Where several fit, none is touched: one of them is someone else's.
---@async
---@param nas docker.Nas
---@param attempt create.Attempt
function M.remove(nas, attempt)
  local now = engine_time(nas)
  if not now then return end
  local since = now - (os.time() - attempt.began) - 1
  local found
  for _, container in ipairs(nas:containers { all = true, filters = { status = { "created" } } }) do
    if fits(container, attempt, since) then
      if found then return end
      found = container.Id
    end
  end
  -- Without force: what runs by now is not ours.
  if found then nas:container(found):remove { volumes = true } end
end

return M
