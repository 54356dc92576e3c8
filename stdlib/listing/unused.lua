-- Which images no container uses, and which container it is that uses one. Dependencies: listing.text, prune.keepers, units.
local text = require "listing.text"

local M = {}

local DAY = 86400

---"30d", "2w" or a duration as docker takes it, in seconds.
---@param age? string
---@return number? nil where none was given, or it is no age
function M.age(age)
  local n, unit = (age or ""):match "^(%d+)([dw])$"
  if n then return tonumber(n) * (unit == "w" and 7 * DAY or DAY) end
  local seconds = age and try(require("units").duration, age)
  return seconds and seconds >= 0 and seconds or nil
end

---@param age string
---@return string? what is wrong with it
function M.bad_age(age)
  if not M.age(age) then return "an age such as 30d, 2w or 12h is expected" end
end

---Names of containers by the id of their image, stopped ones too.
---@async
---@param nas docker.Nas
---@return table<string, string[]>
function M.users(nas)
  local users = {}
  for _, c in ipairs(nas:containers { all = true }) do
    users[c.ImageID] = users[c.ImageID] or {}
    local name = ((c.Names or {})[1] or c.Id):gsub("^/", "")
    table.insert(users[c.ImageID], name)
  end
  for _, names in pairs(users) do table.sort(names) end
  return users
end

---Images without a container, the oldest first.
---@async
---@param nas docker.Nas
---@param older_than? number seconds
---@param include_rollback? boolean also those that a container would be rolled back to
---@return table[]
---@return table[] spared rollback points that were left out
function M.images(nas, older_than, include_rollback)
  local users, out, spared = M.users(nas), {}, {}
  local keepers = include_rollback and {} or require("prune.keepers").images(nas:containers { all = true })
  local limit = os.time() - (older_than or 0)
  for _, image in ipairs(nas:images {}) do
    if not users[image.Id] and (not older_than or image.Created < limit) then
      table.insert(keepers[image.Id] and spared or out, image)
    end
  end
  table.sort(out, function(a, b) return a.Created < b.Created end)
  return out, spared
end

---What an image is called in a list: its names, size and age.
---@param image table
---@return string
function M.describe(image)
  local names = {}
  for _, tag in ipairs(image.RepoTags or {}) do
    if not tag:find "<none>" then names[#names + 1] = tag end
  end
  if #names == 0 then names[1] = text.short_id(image.Id) end
  local size = require("units").human_size(image.Size, 3)
  return ("%s (%s, created %s)"):format(table.concat(names, ", "), size, text.ago(image.Created, os.time()))
end

---Names the container that keeps an image from being removed.
---@async
---@param nas docker.Nas
---@param err Error of the removal
---@return Error
function M.explain(nas, err)
  local said = err.engine or err.why or ""
  local id = said:match "container (%x+)"
  if err.category ~= "conflict" or not id then return err end
  local c = try(function() return nas:container(id):inspect() end)
  local name = c and c.Name and c.Name:gsub("^/", "")
  if not name then return err end
  local state = c.State and c.State.Status or "there"
  err.code, err.why = "image_in_use", ("container '%s' (%s) uses it"):format(name, state)
  err.hint = ("qnap-docker rm %s%s"):format(state == "running" and "-f " or "", name)
  if said:find("must be forced", 1, true) or said:find("must force", 1, true) then
    err.hint = err.hint .. "\nor rmi -f, which only takes the name away"
  end
  return err
end

return M
