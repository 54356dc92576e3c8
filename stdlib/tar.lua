-- tar streams of local folders: `for bytes in tar.pack { path = "site", name = "site" } do`, and tar.unpack for the way back.
-- The disk is read and written in threads; memory does not grow with the sizes of files.
-- Dependencies: core.tar.
local core = require "core.tar"

local M = {}

---What a folder or a file is packed as.
---@class tar.PackOptions
---@field path string a file or folder; a link is packed as a link, unless the path ends in a slash
---@field name? string what its entry is called ("."); "" (default): a folder has no entry, and what is in it bare names
---@field filter? fun(path: string, folder: boolean): "take"|"enter"|"skip" asked for everything below the root; enter: a folder
--- without an entry of its own, in which more is asked
---@field extra? {name: string, bytes: string}[] files of their own, behind the others
---@field uid? integer owner of all entries (default: as on the disk)
---@field gid? integer
---@field gzip? boolean the stream is compressed
---@field xattrs? boolean all extended attributes of users (default: file capabilities alone)
---@field on_note? fun(line: string) sockets that are left out, files that changed while they were read

---An iterator of pieces; calling it gives the next bytes, nil at the end.
---@class tar.Pack
---@field raw core.TarPacker
---@field filter? fun(path: string, folder: boolean): string
local Pack = {}
Pack.__index = Pack

local function judge(self, folder, names)
  local verdicts = {}
  local below = folder == "" and "" or folder .. "/"
  for i, name in ipairs(names) do
    local is_folder = name:sub(-1) == "/"
    verdicts[i] = self.filter(below .. (is_folder and name:sub(1, -2) or name), is_folder)
  end
  self.raw:judge(verdicts)
end

local function tell(on_note, text, n)
  local told = 0
  for line in text:gmatch "[^\n]+" do
    told = told + 1
    on_note(line)
  end
  if n > told then
    on_note(("and %d more of that kind"):format(n - told))
  end
end

---The next bytes, nil at the end.
---@async
---@return string?
function Pack:read()
  while true do
    local bytes, folder, names = self.raw:step()
    if names then
      judge(self, folder, names)
    end
    if bytes then
      return bytes
    elseif not names then
      if self.on_note then
        tell(self.on_note, self.raw:notes())
        self.on_note = nil
      end
      return nil
    end
  end
end

Pack.__call = Pack.read

---Ends it. Harmless a second time.
function Pack:close()
  self.raw:close()
end

Pack.__close = Pack.close

---Begins to pack. Declare the result <close>.
---@param options tar.PackOptions
---@return tar.Pack
---@raise not_found, fail, unsupported
function M.pack(options)
  local raw = core.pack {
    path = options.path, name = options.name, ask = options.filter ~= nil, uid = options.uid, gid = options.gid, gzip = options.gzip,
    xattrs = options.xattrs,
  }
  for _, file in ipairs(options.extra or {}) do
    raw:add(file.name, file.bytes)
  end
  return setmetatable({ raw = raw, filter = options.filter, on_note = options.on_note }, Pack)
end

---@class tar.UnpackOptions
---@field dir string an existing folder, outside of which nothing is written
---@field from? string the beginning of names that is replaced
---@field to? string by this
---@field owner? boolean files get the owner of their entry
---@field devices? boolean device files are made (default: left out, with a note)
---@field max_entries? integer default 5 million
---@field on_note? fun(line: string)

---Unpacks the pieces that `source` gives until nil. A file has its name only when it is whole; links are not followed, and
---names that lead outside, and an archive that is cut short, raise.
---@async
---@param source fun(): string?
---@param options tar.UnpackOptions
---@return {entries: integer, bytes: integer}
---@raise fail "bad_archive", "unsafe_archive", conflict, unsupported
function M.unpack(source, options)
  local raw <close> = core.unpack {
    dir = options.dir, from = options.from, to = options.to, owner = options.owner, devices = options.devices,
    max_entries = options.max_entries,
  }
  for bytes in source do
    if not raw:write(bytes) then
      break
    end
  end
  local result = raw:finish()
  if options.on_note then
    tell(options.on_note, result.notes, result.noted)
  end
  return result
end

return M
