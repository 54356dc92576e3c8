-- What was typed, from one session to the next: a JSON string a line in <state>/repl_history (0600), so that a chunk of several lines is
-- one entry. Dependencies: fs, json.
local fs = require "fs"
local json = require "json"

local M = {}

local MOST = 1000 -- entries
local CAP = 4 << 20 -- bytes of the file that are looked at

---@class repl.History
---@field path string
---@field entries string[] the newest last, none twice
local History = {}
History.__index = History

---Whether a chunk may be written down: not when it begins with a space, nor where a secret is given.
---@param text string
---@return boolean
function M.keeps(text)
  if text:find "^%s" or text == "" or require("core.log").redact(text) ~= text then return false end
  if text:find "read_secret" or text:find "ui%.password" then return false end
  local is_secret = require("create.env").is_secret
  for name in text:gmatch "([%w_]+)[\"'%]]*%s*=%s*[\"'%[]" do
    if is_secret(name) then return false end
  end
  for name in text:gmatch "[\"']([%w_]+)=[^\"']" do
    if is_secret(name) then return false end
  end
  return true
end

local function read(path)
  local text = try(fs.read, path, CAP)
  local entries = {}
  for line in (text or ""):gmatch "[^\n]+" do
    local ok, entry = pcall(json.decode, line)
    if ok and type(entry) == "string" then entries[#entries + 1] = entry end
  end
  return entries
end

---@param path? string default: the file below the state folder
---@return repl.History
function M.open(path)
  path = path or fs.join(require("profile").paths().state, "repl_history")
  return setmetatable({ path = path, entries = read(path) }, History)
end

---Adds a chunk, in memory and, with what other sessions added meanwhile, in the file.
---@param text string
function History:add(text)
  if not M.keeps(text) then return end
  local kept, seen = { text }, { [text] = true }
  local entries = read(self.path)
  for i = #entries, 1, -1 do
    local entry = entries[i]
    if not seen[entry] and #kept < MOST then
      seen[entry] = true
      kept[#kept + 1] = entry
    end
  end
  self.entries = {}
  for i = #kept, 1, -1 do self.entries[#self.entries + 1] = kept[i] end
  local lines = {}
  for i, entry in ipairs(self.entries) do lines[i] = json.encode(entry) .. "\n" end
  try(function() -- that it cannot be written is no reason to fail
    local folder = self.path:match "^(.*)/"
    if not fs.exists(folder) then fs.mkdir(folder, { parents = true }) end
    fs.write(self.path, table.concat(lines), { mode = 384 }) -- 0600
  end)
end

return M
