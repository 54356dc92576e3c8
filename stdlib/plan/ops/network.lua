-- Operations on networks.
local M = {}

local function look(nas, step)
  local record, err = try(function()
    return nas:network(step.args.network):inspect()
  end)
  if err and err.category ~= "not_found" then
    error(err, 0)
  end
  return record
end

---args: network (id)
M.remove = {
  observe = function(nas, step)
    local record = look(nas, step)
    return record and { id = record.Id, containers = record.Containers }
  end,
  check = function(nas, step)
    return not look(nas, step) and {} or nil
  end,
  apply = function(nas, step)
    nas:network(step.args.network):remove()
  end,
}

return M
