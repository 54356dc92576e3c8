-- images --tree: an image with its platforms below it. Records of GET /images/json?manifests=1 (Engine API 1.47).
local text = require "listing.text"
local units = require "units"

local M = {}

local function platform_of(manifest)
  local p = (manifest.ImageData or {}).Platform or (manifest.Descriptor or {}).platform or {}
  local out = {}
  for _, part in ipairs { p.os or "unknown", p.architecture or "unknown", p.variant } do
    if part ~= "" then out[#out + 1] = part end
  end
  return table.concat(out, "/")
end

local function size(bytes) return type(bytes) == "number" and bytes > 0 and units.human_size(bytes, 3) or "0B" end

local function children(image, add)
  local list = {}
  for _, m in ipairs(image.Manifests or {}) do
    if m.Kind == "image" then list[#list + 1] = m end
  end
  for i, m in ipairs(list) do
    local branch = i == #list and "└─ " or "├─ "
    local data, sizes = m.ImageData or {}, m.Size or {}
    add(branch .. platform_of(m), m.ID or "", sizes.Total, sizes.Content, #(data.Containers or {}) > 0)
  end
end

---The table as lines.
---@param images table[]
---@return string
function M.render(images)
  local lines = { "IMAGE\tID\tDISK USAGE\tCONTENT SIZE\tIN USE" }
  local function add(name, id, total, content, used)
    lines[#lines + 1] = table.concat({ name, text.short_id(id), size(total), size(content), used and "U" or "" }, "\t")
  end
  for _, image in ipairs(images) do
    local names = {}
    for _, tag in ipairs(image.RepoTags or {}) do names[#names + 1] = tag end
    local content = 0
    for _, m in ipairs(image.Manifests or {}) do content = content + ((m.Size or {}).Content or 0) end
    add(names[1] or "<untagged>", image.Id, image.Size, content, (image.Containers or 0) > 0)
    for i = 2, #names do lines[#lines + 1] = names[i] .. "\t\t\t\t" end
    children(image, add)
  end
  return require("ui.tabwriter").format(table.concat(lines, "\n") .. "\n")
end

return M
