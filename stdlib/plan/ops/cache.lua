-- Operations on the build cache.
local M = {}

---args: all, filters (the engine's), keep_storage (bytes)
M.prune = {
  apply = function(nas, step) ---@endpoint POST /build/prune
    local args = step.args
    local body = nas:request({
      method = "POST", path = "/build/prune", timeout = 3600, what = nas:cannot "remove the build cache",
      query = { all = args.all or nil, filters = args.filters, ["keep-storage"] = args.keep_storage },
    }).body
    return { deleted = body.CachesDeleted or require("json").array {}, reclaimed = body.SpaceReclaimed or 0 }
  end,
}

return M
