-- What differs between two manifests. Pure. Dependencies: compose.tables.
local sorted = require("compose.tables").sorted

local M = {}

---@class carry.Record
---@field type string "f" file, "d" folder, "l" symlink, "p" fifo, "s" socket, "b" and "c" devices
---@field mode string octal digits
---@field uid string
---@field gid string
---@field links string how many names it has
---@field inode string with the number of its device; "" not known
---@field size integer
---@field mtime string seconds with nine digits behind the point
---@field ctime string
---@field target string of a symlink

local PATTERN = "^(%S) (%d+) (%d+) (%d+) (%d+) (%S*) (%d+) (%S+) (%S*)\0(.*)$"

---@param text string as a manifest holds it
---@return carry.Record
function M.record(text)
  local kind, mode, uid, gid, links, inode, size, mtime, ctime, target = text:match(PATTERN)
  return {
    type = kind, mode = mode, uid = uid, gid = gid, links = links, inode = inode, size = tonumber(size), mtime = mtime, ctime = ctime,
    target = target,
  }
end

---Whether a way, or what a manifest was taken by, does not carry something.
---@param of {loses: string[]}
---@param what string
---@return boolean
function M.loses(of, what)
  for _, word in ipairs(of.loses) do
    if word == what then return true end
  end
  return false
end

-- Names of one file: the smallest of them stands for all.
local function groups(m)
  local first, names = {}, {}
  for _, path in ipairs(m.linked or {}) do
    local inode = M.record(m.entries[path]).inode
    first[inode] = first[inode] or path
    names[path] = first[inode]
  end
  return names
end

-- As two trees on two NASes can be alike: `what` differs between them, in words.
local function differs(a, b, rules)
  local out = {}
  if a.type ~= b.type then return { "kind" } end
  if a.type == "f" and a.size ~= b.size then out[1] = "size" end
  if a.type ~= "l" and a.mode ~= b.mode then out[#out + 1] = "mode" end
  if a.uid ~= b.uid or a.gid ~= b.gid then out[#out + 1] = "owner" end
  if a.target ~= b.target then out[#out + 1] = "link" end
  local from, to = a.mtime, b.mtime
  if rules.seconds then from, to = from:match "^%-?%d+", to:match "^%-?%d+" end
  if from ~= to and not (a.type == "l" and rules.no_link_times) then out[#out + 1] = "mtime" end
  return out
end

local function rules_of(a, b)
  return {
    seconds = M.loses(a, "times below a second") or M.loses(b, "times below a second"),
    no_link_times = M.loses(a, "times of symlinks") or M.loses(b, "times of symlinks"),
  }
end

-- Whether a path has changed, by one of two measures.
local function measure(before, after, across)
  if not across then return function(path) return before.entries[path] ~= after.entries[path] end end
  local rules, was, is = rules_of(before, after), groups(before), groups(after)
  return function(path)
    local old = before.entries[path]
    return not old or was[path] ~= is[path] or #differs(M.record(old), M.record(after.entries[path]), rules) > 0
  end
end

-- A file with several names is sent with all of them, or its names would part.
local function whole_groups(after, changed)
  local names, touched = groups(after), {}
  for path, first in pairs(names) do
    if changed[path] then touched[first] = true end
  end
  for path, first in pairs(names) do
    if touched[first] then changed[path] = true end
  end
end

-- What goes with a folder that goes needs no word of its own.
local function topmost(set)
  local out = {}
  for path in pairs(set) do
    local above = path:match "^(.*)/"
    while above and not set[above] do above = above:match "^(.*)/" end
    if not above then out[#out + 1] = path end
  end
  table.sort(out, function(a, b) return a > b end)
  return out
end

---@param before carry.Manifest
---@param after carry.Manifest
---@param options? {across?: boolean}
---@return carry.Delta
function M.between(before, after, options)
  local has_changed = measure(before, after, options and options.across)
  local changed, removed, bytes = {}, {}, 0
  for path, text in pairs(after.entries) do
    local old = before.entries[path]
    if text:byte() ~= 115 and has_changed(path) then changed[path] = true end -- 115: a socket
    if old and old:byte() ~= text:byte() then removed[path] = true end
  end
  for path in pairs(before.entries) do
    if not after.entries[path] then removed[path] = true end
  end
  removed["."] = nil
  whole_groups(after, changed)
  for path in pairs(changed) do
    local r = M.record(after.entries[path])
    if r.type == "f" then bytes = bytes + r.size end
  end
  return { changed = sorted(changed), removed = topmost(removed), bytes = bytes }
end

local function shown(path)
  return (path:gsub("[%c\\]", function(c) return ("\\x%02x"):format(c:byte()) end))
end

local ALIKE = "^(%S %d+ %d+ %d+) %d+ %S* (%d+ %S+) %S*\0(.*)$" -- without links, inode and ctime

-- A file that has no hash was not read: nobody knows.
local function unlike(hash, other, record) return hash ~= other or (not hash and record:byte() == 102) end -- 102: a file

-- Whether records cannot differ in anything that two NASes can have alike.
local function same(a, b)
  local x, y, z = a:match(ALIKE)
  local u, v, w = b:match(ALIKE)
  return x == u and y == v and z == w
end

-- Paths that may differ: what is told of them is a matter of rules.
local function doubtful(o, links_from, links_to)
  local from, to, out = o.manifest_from, o.manifest_to, {}
  local mine, theirs = o.hashes_from, o.hashes_to
  local fine_from, fine_to = from.attributes, to.attributes
  for path, a in pairs(from.entries) do
    local b = to.entries[path]
    if not b or not same(a, b) or links_from[path] ~= links_to[path] or (mine and theirs and unlike(mine[path], theirs[path], a))
      or (fine_from and fine_to and fine_from[path] ~= fine_to[path]) then
      out[path] = true
    end
  end
  for path in pairs(to.entries) do
    if not from.entries[path] then out[path] = true end
  end
  return sorted(out)
end

---@param o carry.CompareOptions
---@return string[]
---@return integer
function M.compare(o)
  local from, to, max = o.manifest_from, o.manifest_to, o.max or 100
  local rules, links_from, links_to = rules_of(from, to), groups(from), groups(to)
  local hashed, out, count = o.hashes_from and o.hashes_to and o.hashes_from, {}, 0
  local function say(path, words)
    count = count + 1
    if count <= max then out[count] = ("%s: %s"):format(shown(path), words) end
  end
  for _, path in ipairs(doubtful(o, links_from, links_to)) do
    local a, b = from.entries[path], to.entries[path]
    if not a or not b then
      if (a or b):byte() ~= 115 then say(path, a and "only in the source" or "only in the target") end
    else
      local words = differs(M.record(a), M.record(b), rules)
      if links_from[path] ~= links_to[path] then words[#words + 1] = "hard link" end
      if hashed and unlike(hashed[path], o.hashes_to[path], a) then words[#words + 1] = "content" end
      if from.attributes and to.attributes and from.attributes[path] ~= to.attributes[path] then words[#words + 1] = "attributes" end
      if #words > 0 then say(path, table.concat(words, ", ")) end
    end
  end
  return out, count
end

return M
