-- Images that are kept although nothing runs them: those that a container, or a compose project, would be rolled back to.
local M = {}

---Ids of images that containers name as their rollback points (labels that update --image writes).
---@param containers table[] GET /containers/json?all=1
---@param keep? integer how many of each container (default 1)
---@return table<string, string> image id -> name of the container
function M.images(containers, keep)
  local out = {}
  for _, c in ipairs(containers) do
    local points = require("recreate").points(c.Labels)
    for i = 1, math.min(keep or 1, #points) do
      local name = (c.Names or {})[1] and c.Names[1]:gsub("^/", "") or c.Id:sub(1, 12)
      if points[i] ~= c.ImageID then out[points[i]] = name end
    end
  end
  return out
end

---Ids of images that the revisions of compose projects run, as the NAS keeps them.
---@async
---@param nas docker.Nas of plan.reader, too
---@return table<string, string> image id -> "project revision N"
function M.revisions(nas)
  local kept, hidden = require("compose.store").images(nas)
  if #hidden > 0 then
    require("notices").warn(("images of project %s are not protected on %s: this account cannot read its revisions"):format(
      table.concat(hidden, ", "), nas.name))
  end
  return kept
end

return M
