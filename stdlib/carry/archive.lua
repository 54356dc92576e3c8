-- A tree through the engine's archives of a helper container that was never started. Dependencies: carry.hands, carry.members.
local hands = require "carry.hands"

local M = {}

local function folder() return require("carry").AT end

---The stream of a tree; a single file comes under its bare name.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@return docker.Stream
function M.open(tree, way)
  return (tree.nas:container(tree.helper):archive_get(folder() .. "/" .. (way.name or ".")))
end

---Reads the whole tree.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options {on_member?: fun(m: carry.Member), on_data?: fun(bytes: string, last: boolean)}
function M.read(tree, way, options)
  local stream <close> = M.open(tree, way)
  options.what = tree.nas:cannot(("read the archive of %s"):format(hands.name(tree)))
  local reader = require("carry.members").new(options)
  for bytes in function() return stream:read(256 * 1024) end do reader:feed(bytes) end
  reader:finish()
end

local KINDS = { ["0"] = "f", ["1"] = "f", ["2"] = "l", ["3"] = "c", ["4"] = "b", ["5"] = "d", ["6"] = "p" }

-- An archive has no inodes: the first name of a group stands for one.
local function record(m, inode, size, links)
  local seconds, fraction = m.mtime:match "^(%-?%d+)%.?(%d*)"
  return {
    type = KINDS[m.flag], mode = ("%o"):format(m.mode), uid = ("%d"):format(m.uid), gid = ("%d"):format(m.gid),
    links = links, inode = inode, size = size, mtime = ("%s.%s"):format(seconds, (fraction .. "000000000"):sub(1, 9)), ctime = "",
    target = m.flag == "2" and m.link or "",
  }
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@return carry.Manifest
function M.manifest(tree, way)
  local manifest = require "carry.manifest"
  local members, names, out = {}, {}, manifest.empty { "extended attributes", "times below a second", "sparse files" }
  M.read(tree, way, { on_member = function(m)
    members[m.path] = m
    if m.flag == "1" then
      local first = members[m.link] and members[m.link].first or m.link
      m.first, names[first] = first, true
    end
  end })
  local number, numbers = 0, {}
  for path, m in pairs(members) do
    local first = m.first or (names[path] and path)
    if first and not numbers[first] then
      number = number + 1
      numbers[first] = ("0:%d"):format(number)
    end
    local size = m.first and members[first] and members[first].size or m.size
    manifest.add(tree, out, path, record(m, first and numbers[first] or "", m.flag == "5" and 0 or size, first and "2" or "1"))
  end
  table.sort(out.linked)
  return out
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@return carry.Size
function M.measure(tree, way)
  local bytes, files = 0, 0
  M.read(tree, way, { on_member = function(m) bytes, files = bytes + m.size, files + 1 end })
  return { bytes = bytes, files = files }
end

M.PREFIX = "qnap-docker" -- the folder's name below the root

---Unpacks a stream whose members stand below PREFIX. It goes to the root of the helper: the engine refuses symlinks that lead out of
---the folder that it unpacks into, and leaves that folder's own owner and times as they were.
---@async
---@param tree carry.Tree
---@param next fun(): string?
function M.unpack(tree, next) tree.nas:container(tree.helper):archive_put("/", next, { timeout = 3600 }) end

---SHA-256 of all regular files, or of some, of a stream that is read here.
---@param paths? table<string, true>
---@param progress? fun(files: integer)
---@return table options for the reader
---@return carry.Hashes
---@return fun() finish fills in further names of files, once all was read
function M.hasher(paths, progress)
  local sha256 = require("core.seal").sha256
  local out, hash, path, count = {}, nil, nil, 0
  local same = {}
  local function done()
    out[path], hash, count = hash:hex(), nil, count + 1
    if progress then progress(count) end
  end
  return {
    on_member = function(m)
      hash = nil
      if m.flag == "1" then
        same[#same + 1] = { m.path, m.link }
      elseif m.flag == "0" then
        hash, path = sha256(), m.path
        if m.size == 0 then done() end
      end
    end,
    on_data = function(bytes, last)
      if not hash then return end
      hash:update(bytes)
      if last then done() end
    end,
  }, out, function()
    for _, pair in ipairs(same) do out[pair[1]] = out[pair[2]] end
    for name in pairs(paths and out or {}) do
      if not paths[name] then out[name] = nil end
    end
  end
end

return M
