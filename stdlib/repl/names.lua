-- Names of what the NAS has, for completion: at most 5 s old, at most 300 ms waited for, and nothing is ever asked of the user.
-- Dependencies: task, cli.candidates.
local M = {}

local LIMIT, FRESH = 0.3, 5 -- seconds

---@param session repl.Session
---@return fun(kind: string): repl.Candidate[]
function M.of(session)
  local cache = {}
  return function(kind)
    local candidates = require "cli.candidates"
    if kind == "profiles" then return candidates.profiles { word = "", flags = {}, words = {} } end
    local now, key = require("ui").clock(), kind .. "@" .. tostring(session.profile and session.profile.name)
    local kept = cache[key]
    if kept and now - kept.at < FRESH then return kept.list end
    local task = require "task"
    local ok, list = pcall(task.deadline, LIMIT, function() return candidates.lists[kind](session:quiet_nas()) end)
    if not ok and task.cancelled() then error(list, 0) end
    list = ok and list or {}
    table.sort(list, function(a, b) return a[1] < b[1] end)
    cache[key] = { at = require("ui").clock(), list = list }
    return list
  end
end

---Paths that begin so.
---@param prefix string
---@return repl.Candidate[]
function M.files(prefix)
  local fs = require "fs"
  local folder, home = prefix:match "^(.*/)" or "", os.getenv "HOME" or ""
  local real = folder:gsub("^~/", function() return home .. "/" end)
  local names = try(fs.list, real == "" and "." or real) or {}
  local out = {}
  for _, name in ipairs(names) do
    if name:sub(1, 1) ~= "." or prefix:find "/%.[^/]*$" or prefix:find "^%.[^/]*$" then
      out[#out + 1] = { folder .. name .. (fs.is_directory(real .. name) and "/" or "") }
    end
  end
  return out
end

return M
