-- Operations on images.
local M = {}

local function id_of(nas, ref)
  local record, err = try(function()
    return nas:image(ref):inspect()
  end)
  if err and err.category ~= "not_found" then
    error(err, 0)
  end
  return record and record.Id
end

---args: ref, platform, was (id that the name had)
M.pull = {
  observe = function(nas, step)
    return id_of(nas, step.args.ref)
  end,
  apply = function(nas, step, run)
    local args = step.args
    local result = nas:pull {
      ref = args.ref, platform = args.platform,
      on_progress = function(message)
        run.log(message.status)
      end,
    }
    return { id = id_of(nas, args.ref), status = result.status }
  end,
  -- The name goes back to the image that it had; the new one stays, without it.
  undo = function(nas, step)
    local args = step.args
    if args.was and id_of(nas, args.ref) ~= args.was and id_of(nas, args.was) then
      nas:image(args.was):tag(args.ref)
    end
  end,
}

---args: images (names or ids, one after the other), force
M.remove = {
  observe = function(nas, step)
    local ids = require("json").array {}
    for i, ref in ipairs(step.args.images) do
      ids[i] = id_of(nas, ref) or ""
    end
    return ids
  end,
  apply = function(nas, step)
    local deleted = require("json").array {}
    for _, ref in ipairs(step.args.images) do
      local items, err = try(function()
        return nas:image(ref):remove { force = step.args.force }
      end)
      if err and err.category ~= "not_found" then
        error(err, 0)
      end
      table.move(items or {}, 1, #(items or {}), #deleted + 1, deleted)
    end
    return { deleted = deleted }
  end,
}

---args: filters (the engine's), seen (ids that the plan counts)
M.prune = {
  apply = function(nas, step) ---@endpoint POST /images/prune
    local body = nas:request({
      method = "POST", path = "/images/prune", query = { filters = step.args.filters }, timeout = 3600,
      what = nas:cannot "remove unused images",
    }).body
    return { deleted = body.ImagesDeleted or require("json").array {}, reclaimed = body.SpaceReclaimed or 0 }
  end,
}

return M
