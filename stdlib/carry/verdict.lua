-- What a tar said, and what that means. Pure. GNU tar runs with LC_ALL=C and --quoting-style=escape.
local M = {}

local LISTED = 1000 -- things that stay behind
local NOTES = 100

local CHANGED = {
  "file changed as we read it$", "[Ff]ile removed before we read it$", "File shrank by %d+ bytes", "No such file or directory$",
  "short read$",
}
local EMPTY_WORDS = { "Exiting with failure status", "rror exit delayed from previous errors", "Removing leading", "^Total bytes written" }

local function any(line, patterns)
  for _, pattern in ipairs(patterns) do
    if line:find(pattern) then return true end
  end
  return false
end

local NAMED = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", f = "\f", v = "\v", ["\\"] = "\\" }

local function path_of(name)
  local path = name:gsub("\\(%d%d%d)", function(o) return string.char(tonumber(o, 8) & 255) end):gsub("\\(.)", NAMED)
  return (path:gsub("^%./", ""))
end

---@class carry.Verdict
---@field unsupported {path: string, what: string}[]
---@field changed string[] lines about files that changed or vanished while they were read
---@field problems string[] lines that explain a failure
---@field full boolean the disk is full

---Sorts what a tar wrote to stderr.
---@param errors string
---@return carry.Verdict
function M.sort(errors)
  local v = { unsupported = {}, changed = {}, problems = {}, full = false }
  local function left(name, what)
    if #v.unsupported < LISTED then table.insert(v.unsupported, { path = path_of(name), what = what }) end
  end
  for line in errors:gmatch "[^\n]+" do
    local socket = line:match "^[^:]*tar: (.*): socket ignored$"
    local device = line:match "^[^:]*tar: (.*): Cannot mknod: " or line:match "^[^:]*tar: can't create node (.*): Operation not permitted$"
    if socket then
      left(socket, "socket")
    elseif device then
      left(device, "device")
    elseif any(line, CHANGED) then
      if #v.changed < NOTES then table.insert(v.changed, line) end
    elseif not any(line, EMPTY_WORDS) then
      if line:find "No space left on device" or line:find "quota exceeded" or line:find "Wrote only %d+ of" then v.full = true end
      if #v.problems < NOTES then table.insert(v.problems, line) end
    end
  end
  return v
end

return M
