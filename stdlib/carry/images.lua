-- Images on a NAS that a helper container can be made of. Nothing is pulled, and nothing is run to find out: containers that are there,
-- whether they run or not, show what their images have. Dependencies: task.
local M = {}

local LOOKED_INTO = 12 -- images, at most
local KNOWN = { debian = true, ubuntu = true, busybox = false, alpine = false } -- value: its tar is GNU's

local function family(ref)
  return ref and ref:gsub("@.*$", ""):gsub(":[^:/]*$", ""):match "[^/]*$" or ""
end

local function stat(container, ...)
  for _, path in ipairs { ... } do
    local found = try(container.archive_head, container, path)
    if found then return found end
  end
end

-- Whether a container has what carry's scripts need, and whether its tar is GNU's.
local function look(nas, id)
  local container = nas:container(id)
  local sh, tar, find, xargs, busybox = table.unpack(require("task").map({
    { "/bin/sh" }, { "/bin/tar", "/usr/bin/tar" }, { "/usr/bin/find", "/bin/find" }, { "/usr/bin/xargs", "/bin/xargs" }, { "/bin/busybox" },
  }, function(paths) return stat(container, table.unpack(paths)) or false end))
  if not (sh and tar and find and xargs) then return nil end
  local other = busybox and (tar.size == busybox.size or (tar.target or ""):find("busybox", 1, true))
  return { gnu = not other }
end

local function here(nas, ref)
  local image = try(function() return nas:image(ref):inspect() end)
  return image and image.Id
end

-- Containers, one of each image, those of the wanted images first.
local function specimens(nas, wanted)
  local rank, seen, out = {}, {}, {}
  for i, ref in ipairs(wanted) do
    local id = here(nas, ref)
    if id then rank[id] = rank[id] or i end
  end
  for _, c in ipairs(nas:containers { all = true }) do
    if not seen[c.ImageID] then
      seen[c.ImageID] = true
      out[#out + 1] = { id = c.Id, image = c.ImageID, rank = rank[c.ImageID] or (KNOWN[family(c.Image)] ~= nil and 100 or 1000) }
    end
  end
  table.sort(out, function(a, b) return a.rank == b.rank and a.image < b.image or a.rank < b.rank end)
  return out, rank
end

---An image with a shell, tar and find.
---@async
---@param nas docker.Nas
---@param options carry.WayOptions
---@return {image: string, gnu: boolean}?
function M.with_tools(nas, options)
  local like = options.like
  if like and like.kind == "helper" then return { image = like.image, gnu = not require("carry.delta").loses(like, "sparse files") } end
  local best
  for i, s in ipairs(specimens(nas, options.images or {})) do
    if i > LOOKED_INTO then break end
    local found = try(look, nas, s.id)
    if found and (not best or (found.gnu and not best.gnu)) then best = { image = s.image, gnu = found.gnu } end
    if best and best.gnu then return best end
  end
  for _, image in ipairs(nas:images()) do
    for _, tag in ipairs(image.RepoTags or {}) do
      local gnu = KNOWN[family(tag)]
      if gnu ~= nil and (not best or (gnu and not best.gnu)) then best = { image = image.Id, gnu = gnu } end
    end
  end
  return best
end

---Any image: a container that never starts needs nothing of it.
---@async
---@param nas docker.Nas
---@param options carry.WayOptions
---@return string?
function M.any(nas, options)
  for _, ref in ipairs(options.images or {}) do
    if here(nas, ref) then return ref end
  end
  if options.like and options.like.image then return options.like.image end
  local smallest
  for _, image in ipairs(nas:images()) do
    if not smallest or (image.Size or 0) < (smallest.Size or 0) then smallest = image end
  end
  return smallest and smallest.Id
end

return M
