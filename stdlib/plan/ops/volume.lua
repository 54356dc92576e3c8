-- Operations on volumes.
local M = {}

---args: options (see docker.Nas:create_volume). Not taken back: somebody may have written into it.
M.create = {
  observe = function(nas, step)
    return nas:volume(step.args.options.name):exists()
  end,
  check = function(nas, step)
    return nas:volume(step.args.options.name):exists() and {} or nil
  end,
  apply = function(nas, step)
    nas:create_volume(step.args.options)
  end,
}

---args: name
M.remove = {
  observe = function(nas, step)
    local record, err = try(function()
      return nas:volume(step.args.name):inspect()
    end)
    if err and err.category ~= "not_found" then
      error(err, 0)
    end
    return record and { name = record.Name, created = record.CreatedAt, driver = record.Driver }
  end,
  check = function(nas, step)
    return not nas:volume(step.args.name):exists() and {} or nil
  end,
  apply = function(nas, step)
    nas:volume(step.args.name):remove()
  end,
}

return M
