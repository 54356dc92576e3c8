-- An image from what a container changed. Engine API 1.41, ImageCommit.
local M = {}

---@param Container docker.Container
function M.install(Container)
  ---Makes an image of its file system as it is now; volumes are left out.
  ---@async
  ---@param options? docker.CommitOptions
  ---@return string id "sha256:..."
  ---@raise not_found
  function Container:commit(options) ---@endpoint POST /commit
    options = options or {}
    local query = {
      container = self.ref, repo = options.repo, tag = options.tag, author = options.author, comment = options.message,
      changes = options.changes and #options.changes > 0 and options.changes or nil,
    }
    if options.pause == false then query.pause = false end
    return self.nas:request({
      method = "POST", path = "/commit", what = self:cannot "make an image of", object = self.ref, query = query, timeout = 3600,
    }).body.Id
  end
end

return M
