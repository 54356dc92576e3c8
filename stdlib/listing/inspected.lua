-- Containers with all that the engine tells of them. Dependencies: plan (its reader), task.
local M = {}

-- One that went meanwhile is none; any other failure is the caller's, who would take what is missing for what is not there.
local function look(reader, id)
  local record, err = try(function() return reader:container(id):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return record or false
end

---Inspect records of the containers of a NAS, by name. Only reads.
---@async
---@param nas docker.Nas
---@param all? boolean also those that do not run
---@return table[]
function M.containers(nas, all)
  local reader, out = require("plan").reader(nas), {}
  local records = require("task").map(reader:containers { all = all }, function(c) return look(reader, c.Id) end)
  for _, record in ipairs(records) do out[#out + 1] = record or nil end
  table.sort(out, function(a, b) return a.Name < b.Name end)
  return out
end

return M
