-- Profiles as a document that goes to another machine, and back: no secret ever, and what cannot go is told.
-- Dependencies: compose.tables, core.profile.
local core = require "core.profile"
local record = require "profile.record"
local sorted = require("compose.tables").sorted

local M = {}

local HEADER = "# Profiles of qnap-docker, for 'qnap-docker profile import'. No keys and no passwords are in it.\n"
local SECRET = { "PASS", "SECRET", "TOKEN", "KEY" } -- in a label's name

local function known_keys()
  local out = {}
  for _, key in ipairs(core.keys()) do out[key.name] = true end
  return out
end

local function is_secret(name)
  for _, word in ipairs(SECRET) do
    if name:upper():find(word, 1, true) then return true end
  end
  return false
end

-- The part of a map that may go; the names of what may not are added to `left`.
local function part(map, name, left, keep)
  local out = {}
  for _, key in ipairs(sorted(map)) do
    if keep(key) then
      out[key] = map[key]
    else
      left[#left + 1] = name .. "." .. key
    end
  end
  return next(out) and out or nil
end

-- The keys that may go. A key that this program does not know might be a secret.
local function carried(keys)
  local known, out, left = known_keys(), {}, {}
  for _, key in ipairs(sorted(keys)) do
    local value = keys[key]
    if not known[key] then
      left[#left + 1] = key
    elseif key == "labels" then
      out[key] = part(value, key, left, function(name) return not is_secret(name) end)
    elseif type(value) == "table" and key == "defaults" then
      out[key] = part(value, key, left, function(name) return known["defaults." .. name] end)
    else
      out[key] = value
    end
  end
  return out, left
end

-- What a profile needs that lies on this machine.
local function bound(keys)
  local out = {}
  for _, key in ipairs { "ssh_key_path", "identity_agent", "known_hosts" } do
    local value = keys[key]
    for _, path in ipairs(type(value) == "table" and value or { value }) do
      if path ~= "none" then out[#out + 1] = path end
    end
  end
  return out
end

---The document of profiles, and lines about what is not in it.
---@param items {name: string, default: boolean, keys: table}[]
---@return string yaml
---@return string[] notes
function M.document(items)
  local text, notes, names = { HEADER }, {}, {}
  for _, item in ipairs(items) do names[item.name] = true end
  for _, item in ipairs(items) do
    if item.default then text[2] = "default_profile: " .. item.name .. "\n" end
  end
  text[#text + 1] = "profiles:\n"
  for _, item in ipairs(items) do
    local keys, left = carried(item.keys)
    text[#text + 1] = require("profile.rows").yaml(item.name, keys):gsub("^profiles:\n", "")
    if #left > 0 then notes[#notes + 1] = ("%s: left out, as it might be a secret: %s"):format(item.name, table.concat(left, ", ")) end
    local files = bound(keys)
    if #files > 0 then notes[#notes + 1] = ("%s: not in it, but needed there: %s"):format(item.name, table.concat(files, ", ")) end
    if keys.jump and not names[keys.jump] and core.load().profiles[keys.jump] then
      notes[#notes + 1] = ("%s: it is reached through the profile '%s', which is not in it"):format(item.name, keys.jump)
    end
  end
  notes[#notes + 1] = "host keys that are known here are not in it: the first login there asks, or 'profile trust'"
  return table.concat(text), notes
end

---What a file of profiles holds, checked as profiles.yaml is.
---@param text string
---@param name string the file, for messages
---@return {name: string, default: boolean, keys: table}[] items
---@return string[] notes
---@raise config
function M.read(text, name)
  local doc, items, notes = core.parse(text, name), {}, {}
  for i, profile in ipairs(doc.names) do
    local keys, left = carried(doc.profiles[profile])
    items[i] = { name = profile, default = profile == doc.default_profile, keys = keys }
    if #left > 0 then notes[#notes + 1] = ("%s: not taken: %s"):format(profile, table.concat(left, ", ")) end
  end
  if #items == 0 then
    Error { category = "config", code = "no_profiles", message = ("%s holds no profiles"):format(name),
      hint = "qnap-docker profile export makes such a file" }
  end
  return items, notes
end

local function no_such(wanted, items, name)
  local names = {}
  for i, item in ipairs(items) do names[i] = item.name end
  Error {
    category = "not_found", code = "profile_not_found", message = ("there is no profile '%s' in %s"):format(wanted, name),
    why = "it holds " .. table.concat(names, ", "),
  }
end

---Those of the names that were given, or all.
---@param items {name: string, keys: table}[]
---@param names string[]
---@param file string for messages
---@return {name: string, keys: table}[]
---@raise not_found
function M.pick(items, names, file)
  if #names == 0 then return items end
  local by_name, out = {}, {}
  for _, item in ipairs(items) do by_name[item.name] = item end
  for i, name in ipairs(names) do out[i] = by_name[name] or no_such(name, items, file) end
  return out
end

---Gives items other names; those that jump through them follow.
---@param items {name: string, keys: table}[] changed
---@param renames table<string, string>
---@param file string for messages
---@raise not_found
---@raise usage
function M.rename(items, renames, file)
  local seen = {}
  for _, item in ipairs(items) do seen[item.name] = true end
  for _, old in ipairs(sorted(renames)) do
    core.check_name(renames[old])
    if not seen[old] then no_such(old, items, file) end
  end
  local taken = {}
  for _, item in ipairs(items) do
    item.name = renames[item.name] or item.name
    item.keys.jump = renames[item.keys.jump] or item.keys.jump
    if taken[item.name] then
      Error { category = "usage", code = "bad_rename", message = ("two profiles would be called '%s'"):format(item.name) }
    end
    taken[item.name] = true
  end
end

local function shown(value)
  if value == nil then return "(none)" end
  return type(value) == "table" and require("json").encode(value) or tostring(value)
end

local function differences(old, new)
  local out, all = {}, {}
  for key in pairs(old) do all[key] = true end
  for key in pairs(new) do all[key] = true end
  for _, key in ipairs(sorted(all)) do
    local a, b = shown(old[key]), shown(new[key])
    if a ~= b then out[#out + 1] = ("%s: %s → %s"):format(key, a, b) end
  end
  return out
end

---@class profile.Import
---@field name string
---@field keys table
---@field sign "+"|"~"|"=" new, other than the one that is here, the same
---@field changes string[] with "~"
---@field protected boolean the one that is here is protected

---What taking the items would do to the profiles that are here.
---@param items {name: string, keys: table}[]
---@return profile.Import[]
function M.plan(items)
  local here, out = core.load().profiles, {}
  for i, item in ipairs(items) do
    local old = here[item.name]
    local changes = old and differences(old, item.keys) or {}
    out[i] = {
      name = item.name, keys = item.keys, changes = changes, sign = not old and "+" or #changes > 0 and "~" or "=",
      protected = old ~= nil and old.protected == true,
    }
  end
  return out
end

---"+ nas1  admin@nas1.local", and what would change.
---@param entry profile.Import
---@return string
function M.line(entry)
  local clean = require("ui.text").clean
  local out = { ("%s %s  %s\n"):format(entry.sign, entry.name, clean(record.address(entry.keys))) }
  for _, change in ipairs(entry.changes) do out[#out + 1] = "    " .. clean(change) .. "\n" end
  return table.concat(out)
end

---What should be known about the items before they are used.
---@param items {name: string, keys: table}[]
---@return string[]
function M.warnings(items)
  local here, names, out = core.load().profiles, {}, {}
  for _, item in ipairs(items) do names[item.name] = true end
  for _, item in ipairs(items) do
    for _, key in ipairs { "host", "user", "jump" } do
      local value = item.keys[key]
      if value and value:find("${", 1, true) then
        out[#out + 1] = ("%s: %s takes from the environment: %s"):format(item.name, key, value)
      end
    end
    local jump = item.keys.jump
    if jump and not jump:find "[@.:]" and not names[jump] and not here[jump] then
      out[#out + 1] = ("%s: its jump '%s' is no profile here, and is taken for a host"):format(item.name, jump)
    end
  end
  return out
end

return M
