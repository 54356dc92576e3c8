-- Whether the registry has a newer image behind a tag: its digest, asked by the NAS, remembered for six hours.
-- Dependencies: fs, json, profile, task, transfer.registry.
local M = {}

local KEPT = 6 * 3600 -- seconds
local AT_ONCE = 3
local LARGEST = 1 << 20

local function path()
  local fs = require "fs"
  return fs.join(require("profile").paths().cache, "registry-digests.json")
end

local function load()
  local fs = require "fs"
  local doc = fs.exists(path()) and try(function() return require("json").decode(fs.read(path(), LARGEST)) end)
  local out = {}
  for key, entry in pairs(type(doc) == "table" and doc or {}) do
    local good = type(entry) == "table" and type(entry.digest) == "string" and type(entry.at) == "number"
    if good and entry.at <= os.time() and os.time() - entry.at < KEPT then out[key] = entry end
  end
  return out
end

-- A cache: that it cannot be written is no reason to fail.
local function save(cache)
  local fs = require "fs"
  try(function()
    fs.mkdir(fs.dirname(path()), { parents = true })
    fs.write(path(), require("json").encode(cache), { mode = 0x180 })
  end)
end

local function registry_digest(nas, cache, name)
  local key = nas.name .. " " .. name
  if cache[key] then return cache[key].digest end
  local answer, err = try(require("transfer.registry").distribution, nas, name)
  local digest = answer and type(answer.Descriptor) == "table" and answer.Descriptor.digest
  if type(digest) ~= "string" then return nil, err end
  cache[key] = { digest = digest, at = os.time() }
  return digest
end

local function state(nas, cache, row)
  if row.tag == "<none>" then return "-" end
  local digests = {}
  for _, known in ipairs(row.image.RepoDigests or {}) do
    local repository, digest = known:match "^(.+)@(.+)$"
    if repository == row.repository then digests[digest] = true end
  end
  if not next(digests) then return "local" end -- made here, or loaded: no registry knows it
  local digest, err = registry_digest(nas, cache, row.repository .. ":" .. row.tag)
  if not digest then
    return err and (err.category == "auth" or err.code == "pull_denied") and "denied" or err and err.category == "not_found" and "gone"
      or "unknown"
  end
  return digests[digest] and "current" or "outdated"
end

---Fills in `outdated` of every row: "current", "outdated", "local" (no registry knows it), "gone", "denied", "unknown".
---@async
---@param nas docker.Nas
---@param rows table[] of listing.images
function M.fill(nas, rows)
  local cache = load()
  require("task").map(rows, function(row) row.outdated = state(nas, cache, row) end, { limit = AT_ONCE })
  save(cache)
end

return M
