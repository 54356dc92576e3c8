-- A tar stream on its way from one NAS to another, member by member. It comes from a stranger and goes to a tar that runs as root, so
-- only what both read alike may pass: whole headers with a right checksum, known kinds, known extended keys; and no name that could
-- leave the tree, by itself or through a symlink that is there or came before it. Ends of archives are taken out; finish() is the end.
local header_of = require "carry.header"

local M = {}

local META_MAX = 4 << 20 -- bytes of an extended header (its extended attributes)
local NAME_MAX = 64 * 1024

---@class carry.Member
---@field flag string tar's type
---@field path string relative, "." is the tree itself
---@field size integer bytes of content
---@field mode integer
---@field uid integer
---@field gid integer
---@field mtime string seconds since the epoch, with or without a fraction
---@field link? string target of a symlink; path of a hard link's other name

---@class carry.Members
---@field files integer that passed
---@field bytes integer of the stream
local Reader = {}
Reader.__index = Reader

local function refuse(self, why, path)
  if path and path ~= "" then why = ("%s: %q"):format(why, #path > 200 and path:sub(1, 200) .. "…" or path) end
  Error {
    category = "fail", code = "bad_archive", message = self.what, why = why,
    hint = "find out where that comes from before more is copied",
  }
end

-- What carry.header reads, or the reason why it cannot.
local function read(self, what, text)
  local value, why, more = header_of[what](text)
  if not value then refuse(self, why, more) end
  return value
end

local function number(self, field) return read(self, "number", field) end

-- A name as both tars take it: relative, without "..".
local function relative(self, name)
  local path = name:gsub("/+$", "")
  if name:byte() == 47 or name:find("\0", 1, true) then refuse(self, "the archive holds a name that is not in the tree", name) end
  while path:sub(1, 2) == "./" do path = path:sub(3) end
  if path == "" or path == "." then
    if name == "" then refuse(self, "the archive holds a member without a name") end
    return "."
  end
  if path:find("..", 1, true) and ("/" .. path .. "/"):find("/../", 1, true) or path:find("//", 1, true) then
    refuse(self, "the archive holds a name that could leave the tree", name)
  end
  return path
end

-- No folder above a path may be a symlink: what is written below it would land elsewhere.
local function guard(self, path)
  local folder = path:match "^(.*)/"
  if not folder or folder == self.good then return end
  local above = folder
  while above do
    if self.links[above] then refuse(self, "the archive writes through a symlink", path) end
    above = above:match "^(.*)/"
  end
  self.good = folder
end

-- Two streams that are judged apart must not meet in a folder.
local function in_part(self, path)
  if self.parts and not require("carry.parts").holds(self.parts, path) then
    refuse(self, "the archive holds what belongs to the other stream", path)
  end
end

local function note_links(self, flag, path, link)
  if flag == "2" then
    if path == "." then refuse(self, "the archive makes a symlink of the tree itself") end
    self.links[path], self.good = true, nil
  elseif self.links[path] and flag == "5" then
    refuse(self, "the archive has a folder where a symlink is", path)
  else
    local through = flag == "1" and self.links[link] or nil
    if through or self.links[path] then self.links[path], self.good = through, nil end
  end
end

local ORDINARY = { ["0"] = true, ["1"] = true, ["2"] = true, ["3"] = true, ["4"] = true, ["5"] = true, ["6"] = true }

-- The same member for a tar that knows no extended headers. What they tell beside the names is lost.
local function plain(self, block, pax, path, link)
  if pax["GNU.sparse.major"] or pax.size then refuse(self, "the other side's tar cannot read this member", path) end
  local long, flag = require("tar.entries").long, block:sub(157, 157)
  local name = "./" .. path .. (flag == "5" and "/" or "")
  return ((flag == "1" or flag == "2") and long("K", link) or "") .. long("L", name) .. block
end

-- The same member below a folder.
local function prefixed(self, block, pax, path, link, flag)
  local records = {}
  for key, value in pairs(pax) do records[key] = value end
  records.path = path == "." and self.prefix or self.prefix .. "/" .. path
  if flag == "1" then records.linkpath = self.prefix .. "/" .. link end
  if flag == "2" then records.linkpath = link end
  return require("tar.entries").extended(records) .. block
end

-- Whether a member may pass; its path, and what it links to.
local function judged(self, block, flag, pax)
  local header_name = relative(self, header_of.name(block))
  local path = relative(self, pax["GNU.sparse.name"] or pax.path or self.meta.name or header_name)
  if self.only and path ~= self.only then refuse(self, "the archive holds more than the one file", path) end
  in_part(self, path)
  guard(self, header_name)
  guard(self, path)
  local link = pax.linkpath or self.meta.link or header_of.target(block)
  if flag == "1" then
    link = relative(self, link)
    in_part(self, link)
    guard(self, link)
  end
  note_links(self, flag, path, link)
  return path, link
end

-- Bytes of content that follow.
local function size_of(self, block, flag, pax)
  local size = number(self, block:sub(125, 136))
  if pax.size then size = math.tointeger(tonumber(pax.size:match "^%d+$")) or refuse(self, "a size in the archive is not readable") end
  return flag == "0" and size or 0
end

local function tell(self, block, flag, pax, path, link, size)
  self.on_member {
    flag = flag, path = path, size = tonumber(pax["GNU.sparse.realsize"]) or size, mode = number(self, block:sub(101, 108)) & 4095,
    uid = tonumber(pax.uid) or number(self, block:sub(109, 116)), gid = tonumber(pax.gid) or number(self, block:sub(117, 124)),
    link = (flag == "1" or flag == "2") and link or nil, mtime = pax.mtime or tostring(number(self, block:sub(137, 148))),
  }
end

-- A header at hand: judged, told. Returns the bytes of content that follow.
local function member(self, block, flag)
  local pax = self.meta.pax or {}
  local path, link = judged(self, block, flag, pax)
  local size = size_of(self, block, flag, pax)
  self.files = self.files + 1
  if self.prefix then
    self.instead = prefixed(self, block, pax, path, link, flag)
  elseif self.plain and self.meta.pax then
    self.instead = plain(self, block, pax, path, link)
  end
  self.meta = {}
  if self.on_member then tell(self, block, flag, pax, path, link, size) end
  return size
end

local META = { x = "pax", L = "name", K = "link" }

-- An extended header or a long name, with its content: where it ends, nil when that is not here yet.
local function meta_block(self, buffer, at, flag)
  local size = number(self, buffer:sub(at + 124, at + 135))
  if size > (flag == "x" and META_MAX or NAME_MAX) then refuse(self, "a header in the archive is too large") end
  local stop = at + 512 + size + (-size % 512)
  if stop - 1 > #buffer then return nil end
  local content = buffer:sub(at + 512, at + 511 + size)
  if self.meta[META[flag]] then refuse(self, "the archive says twice what a member is called") end
  self.meta[META[flag]] = flag == "x" and read(self, "extended", content) or content:gsub("\0$", "")
  return stop
end

-- What is behind one header; nil: more bytes are needed.
local function header(self, buffer, at)
  local block = buffer:sub(at, at + 511)
  if not header_of.is_whole(block) then refuse(self, "a checksum in the archive is wrong") end
  if self.ended and not self.several then refuse(self, "the archive goes on behind its end") end
  local flag = block:sub(157, 157)
  if flag == "\0" then flag = "0" end
  if META[flag] then
    self.meta_at = self.meta_at or at
    return meta_block(self, buffer, at, flag)
  elseif not ORDINARY[flag] then
    refuse(self, "the archive holds a member of an unknown kind", flag)
  end
  local from = self.meta_at or at
  self.meta_at = nil
  self.size = member(self, block, flag)
  self.left = self.size + (-self.size % 512)
  if flag == "5" and self.folders then table.insert(self.folders, self.instead or buffer:sub(from, at + 511)) end
  return at + 512, from
end

local function content(self, buffer, at)
  local n = math.min(self.left, #buffer - at + 1)
  if self.on_data and self.size > 0 then
    local useful = math.min(self.size, n)
    self.on_data(buffer:sub(at, at + useful - 1), self.size == useful)
    self.size = self.size - useful
  end
  self.left = self.left - n
  return at + n
end

local ZEROS = ("\0"):rep(512)

---Judges the next bytes of the stream.
---@param bytes string
---@return string what may pass on; the rest is held back until it is whole
function Reader:feed(bytes)
  local buffer = self.held == "" and bytes or self.held .. bytes
  local at, from, out = 1, 1, {}
  self.bytes = self.bytes + #bytes
  while at <= #buffer do
    local stop
    if self.left > 0 then
      stop = content(self, buffer, at)
    elseif #buffer - at < 511 then
      break
    elseif buffer:byte(at) == 0 and buffer:sub(at, at + 511) == ZEROS then
      if next(self.meta) then refuse(self, "the archive ends in the middle of a member") end
      out[#out + 1] = buffer:sub(from, at - 1)
      self.ended, stop, from = true, at + 512, at + 512
    else
      local began
      stop, began = header(self, buffer, at)
      if not stop then break end -- what a member is called goes on together with it
      if self.instead then
        out[#out + 1] = buffer:sub(from, began - 1) .. self.instead
        from, self.instead = stop, nil
      end
    end
    at = stop
  end
  if self.meta_at then at = self.meta_at end
  self.meta, self.meta_at = self.meta_at and {} or self.meta, nil
  self.held = buffer:sub(at)
  if from == 1 and at > #buffer then return buffer end
  out[#out + 1] = buffer:sub(from, at - 1)
  return #out == 1 and out[1] or table.concat(out)
end

---The end of the stream.
---@return string what still has to go: the archive's end
function Reader:finish()
  if self.left > 0 or self.held ~= "" or not self.ended then refuse(self, "the archive breaks off") end
  return ZEROS .. ZEROS
end

---An archive of the folders alone, for a tar that does not give them their times back once they are filled.
---@return string
function Reader:only_folders() return table.concat(self.folders) .. ZEROS .. ZEROS end

---@class carry.MemberOptions
---@field what string headline of a failure
---@field links? table<string, true> symlinks that are in the target's tree already
---@field several? boolean archives one behind another
---@field only? string the one name that it may hold
---@field parts? {names: table<string, true>, within: boolean} of a tree in two streams: what this one may hold (carry.parts)
---@field plain? boolean for a tar that knows no extended headers
---@field prefix? string members get this folder in front
---@field folders? boolean they are kept for only_folders()
---@field on_member? fun(m: carry.Member)
---@field on_data? fun(bytes: string, last: boolean) content of files that have some

---@param options carry.MemberOptions
---@return carry.Members
function M.new(options)
  return setmetatable({
    what = options.what, links = options.links or {}, several = options.several, plain = options.plain, prefix = options.prefix,
    only = options.only, parts = options.parts, folders = options.folders and {} or nil,
    on_member = options.on_member, on_data = options.on_data, meta = {}, held = "", left = 0, size = 0, files = 0, bytes = 0,
  }, Reader)
end

return M
