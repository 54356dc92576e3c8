-- Images that are kept although nothing runs them: those that a container would be rolled back to.
local M = {}

---Ids of images that containers name as their rollback point (the label that update --image writes).
---@param containers table[] GET /containers/json?all=1
---@return table<string, string> image id -> name of the container
function M.images(containers)
  local label, out = require("recreate").ROLLBACK, {}
  for _, c in ipairs(containers) do
    local id = (c.Labels or {})[label]
    if id and id ~= c.ImageID then
      out[id] = (c.Names or {})[1] and c.Names[1]:gsub("^/", "") or c.Id:sub(1, 12)
    end
  end
  return out
end

return M
