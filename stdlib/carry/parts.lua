-- A large tree in two streams side by side: SSH gives a channel a window of 2 MiB, so that one alone does 100 MB a second 20 ms away,
-- however fast link and machines are. The second stream takes whole entries of the tree's top folder. Pure.
local M = {}

M.LEAST = 128 << 20 -- bytes of each stream, or it is not worth the second one
local NAME_MAX = 90 -- bytes: a tar header holds such a name whole
local NAMES_MAX = 200

local function top_of(path) return path:match "^[^/]*" end

-- Bytes of regular files below each entry of the top folder.
local function sizes_of(manifest)
  local sizes, total = {}, 0
  for path, text in pairs(manifest.entries) do
    local top = top_of(path)
    local size = path ~= "." and text:match "^f %S+ %S+ %S+ %S+ %S+ (%d+)" or 0
    sizes[top] = (sizes[top] or 0) + size
    total = total + size
  end
  sizes["."] = nil
  for _, path in ipairs(manifest.linked) do sizes[top_of(path)] = nil end -- names of one file stay in one stream
  return sizes, total
end

---Names of the top folder for the second stream; the first one has all the rest.
---@param manifest carry.Manifest of the source
---@return table<string, true>? nil: one stream does
function M.of(manifest)
  local sizes, total = sizes_of(manifest)
  local list, names, sum, count = {}, {}, 0, 0
  for name, size in pairs(sizes) do
    if #name <= NAME_MAX and size > 0 then list[#list + 1] = name end
  end
  table.sort(list, function(a, b)
    if sizes[a] ~= sizes[b] then return sizes[a] > sizes[b] end
    return a < b
  end)
  for _, name in ipairs(list) do
    local fits = sum + sizes[name] <= total / 2 or count == 0
    if fits and count < NAMES_MAX then
      names[name], sum, count = true, sum + sizes[name], count + 1
    end
  end
  return math.min(sum, total - sum) >= M.LEAST and names or nil
end

---Whether a path belongs to a stream.
---@param parts {names: table<string, true>, within: boolean}
---@param path string
---@return boolean
function M.holds(parts, path)
  return (parts.names[top_of(path)] or false) == parts.within
end

return M
