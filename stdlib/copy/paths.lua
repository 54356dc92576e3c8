-- Paths as Go's path/filepath and docker's cp see them: a trailing slash or "/." says that a folder is meant.
-- Dependencies: fs.
local fs = require "fs"

local M = {}

---Go's filepath.Clean.
---@param path string
---@return string
function M.clean(path)
  local absolute, parts = path:sub(1, 1) == "/", {}
  for part in path:gmatch "[^/]+" do
    if part == ".." and #parts > 0 and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." and not (part == ".." and absolute) then
      parts[#parts + 1] = part
    end
  end
  local text = (absolute and "/" or "") .. table.concat(parts, "/")
  return text == "" and "." or text
end

---Go's filepath.Join.
---@param dir string
---@param path string
---@return string
function M.join(dir, path)
  return M.clean(dir .. "/" .. path)
end

---Go's filepath.Base: the last part, "." of nothing.
---@param path string
---@return string
function M.base(path)
  local trimmed = path:gsub("/+$", "")
  if trimmed == "" then
    return path == "" and "." or "/"
  end
  return trimmed:match "([^/]+)$"
end

---@param path string
---@return boolean
function M.has_slash(path)
  return path:sub(-1) == "/"
end

---@param path string
---@return boolean whether its last part is "."
function M.is_dot(path)
  return M.base(path) == "."
end

---Whether the path can only mean a folder.
---@param path string
---@return boolean
function M.means_folder(path)
  return M.has_slash(path) or M.is_dot(path)
end

---Folder and last part; the last part of "x/." is ".".
---@param path string
---@return string dir
---@return string base
function M.split(path)
  local clean = M.clean(path)
  if M.is_dot(path) then
    return clean, "."
  end
  if clean == "/" then
    return "/", "/"
  end
  local dir = clean:match "^(.*)/[^/]*$"
  return dir == nil and "." or dir == "" and "/" or dir, M.base(clean)
end

---The absolute path, with the slash or "/." at the end that `path` has.
---@param path string
---@return string
function M.absolute(path)
  local clean = M.clean(path:sub(1, 1) == "/" and path or fs.realpath "." .. "/" .. path)
  if M.is_dot(path) and not M.is_dot(clean) then
    clean = clean .. (M.has_slash(clean) and "" or "/") .. "."
  end
  return (M.has_slash(path) and not M.has_slash(clean)) and clean .. "/" or clean
end

---What a link was resolved to, with the end that `path` has, and the name that was asked for where that differs.
---@param path string
---@param resolved string
---@return string path
---@return string? name
function M.rebase(path, resolved)
  if M.is_dot(path) and not M.is_dot(resolved) then
    resolved = resolved .. "/."
  end
  if M.has_slash(path) and not M.has_slash(resolved) then
    resolved = resolved .. "/"
  end
  return resolved, M.base(path) ~= M.base(resolved) and M.base(path) or nil
end

---Where a link in `path` points to.
---@param path string
---@param target string
---@return string
function M.target(path, target)
  return target:sub(1, 1) == "/" and target or M.join((M.split(path)), target)
end

---CONTAINER:PATH. No container: a path here.
---@param word string
---@return string? container "" where nothing stands in front of the colon
---@return string path
function M.container(word)
  local container, path = word:match "^([^:]*):(.*)$"
  if word:sub(1, 1) == "/" or not container or container:sub(1, 1) == "." or container == "" then
    return nil, container == "" and word:sub(1, 1) ~= "/" and path or word
  end
  return container, path
end

return M
