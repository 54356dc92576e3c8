-- Profiles as people look at them: rows of `profile list`, lines of `profile show`. Connects to nothing.
local profile = require "profile"
local record = require "profile.record"

local M = {}

---"3 minutes ago", "never".
---@param seconds? number since the epoch
---@return string
function M.ago(seconds)
  if not seconds then
    return "never"
  end
  return require("units").human_duration(math.max(0, os.time() - seconds)) .. " ago"
end

local function state_of(state)
  if state.verified == false then
    return "unverified"
  end
  return state.last_seen and "verified" or "unknown"
end

---@class profile.Row
---@field name string
---@field default boolean
---@field host string
---@field address string with the port
---@field user? string
---@field group? string
---@field engine string
---@field volume? string
---@field last_seen? number seconds since the epoch
---@field state string "verified", "unverified", "unknown"; after a check "ok" or the error's code
---@field protected boolean
---@field read_only boolean
---@field source? string the project file that it comes from

---One row for each profile.
---@return profile.Row[]
function M.list()
  local out = {}
  for i, item in ipairs(profile.list()) do
    local keys, state = item.keys, profile.state(item.name)
    out[i] = {
      name = item.name, default = item.default, host = keys.host, user = keys.user, port = keys.port, group = keys.group,
      address = record.place(keys),
      engine = keys.engine or "gui", volume = keys.primary_volume, last_seen = state.last_seen, state = state_of(state),
      source = item.source, protected = keys.protected or false, read_only = keys.read_only or false, labels = keys.labels,
    }
  end
  return out
end

-- The keys of the schema in its order, then what else the profile has.
local function ordered(p)
  local out, seen = {}, { name = true, kind = true, socket = true, default = true, state = true }
  for _, key in ipairs(require("core.profile").keys()) do
    if p[key.name] ~= nil then
      out[#out + 1] = key.name
      seen[key.name] = true
    end
  end
  local rest = {}
  for key in pairs(p) do
    if not seen[key] then
      rest[#rest + 1] = key
    end
  end
  table.sort(rest)
  table.move(rest, 1, #rest, #out + 1, out)
  return out
end

local function text_of(value)
  if type(value) ~= "table" then
    return tostring(value)
  elseif #value > 0 then
    return table.concat(value, ", ")
  end
  local keys, parts = {}, {}
  for k in pairs(value) do
    keys[#keys + 1] = k
  end
  table.sort(keys)
  for i, k in ipairs(keys) do
    parts[i] = ("%s=%s"):format(k, tostring(value[k]))
  end
  return table.concat(parts, ", ")
end

---The profile as it stands in profiles.yaml, its keys in their usual order.
---@param name string
---@param keys table
---@return string
function M.yaml(name, keys)
  local out = { "profiles:\n", ("  %s:\n"):format(name) }
  for _, key in ipairs(ordered(keys)) do
    out[#out + 1] = "    " .. require("yaml").encode({ [key] = keys[key] }):gsub("\n(.)", "\n    %1")
  end
  return table.concat(out)
end

---One profile with everything that applies to it, defaults included.
---@param name string
---@return table
function M.show(name)
  local p = profile.get(name)
  p.default = profile.default() == name
  p.state = profile.state(name)
  return p
end

---Its lines: "host        nas1.local".
---@param p table from M.show
---@return string
function M.lines(p)
  local rows = { { "profile", p.name .. (p.default and " (default)" or "") } }
  for _, key in ipairs(ordered(p)) do
    local value = text_of(p[key])
    if value ~= "" then
      rows[#rows + 1] = { key, value }
    end
  end
  rows[#rows + 1] = { "socket", p.socket }
  rows[#rows + 1] = { "last seen", M.ago(p.state.last_seen) .. (p.state.verified == false and " (saved without a check)" or "") }
  if p.state.engine_version then
    rows[#rows + 1] = { "engine version", ("%s (API %s)"):format(p.state.engine_version, p.state.api_version or "?") }
  end
  if p.state.route then
    rows[#rows + 1] = { "reached by", p.state.route }
  end
  local text, width, out = require "ui.text", 0, {}
  for _, row in ipairs(rows) do
    width = math.max(width, #row[1])
  end
  for i, row in ipairs(rows) do
    out[i] = ("%-" .. width .. "s  %s\n"):format(row[1], text.clean(row[2]))
  end
  return table.concat(out)
end

return M
