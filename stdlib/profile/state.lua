-- What is remembered about a NAS between commands: which way to the engine worked, its version, when it answered last.
-- A cache: a lost or broken file costs one probe. Dependencies: core.profile.
local core = require "core.profile"

local M = {}

---@class profile.State
---@field last_seen? number seconds since the epoch
---@field verified? boolean false: the profile was saved though the NAS could not be reached
---@field route? string the way to the engine that worked: "streamlocal", "exec", "sudo", "openssh", "local"
---@field docker_path? string
---@field api_version? string
---@field engine_version? string
---@field facts? table model, firmware and so on, as init found them

---@param name string
---@return profile.State empty when nothing is remembered
function M.get(name)
  return core.read_state(name)
end

local QUIET = 60 -- seconds in which a new last_seen alone is not worth a write

---Merges fields into what is remembered; json.null removes one. Writes only what changed.
---@param name string
---@param fields profile.State
function M.remember(name, fields)
  local null = require("core.json").null
  local state, changed = core.read_state(name), false
  for key, value in pairs(fields) do
    if value == null then
      value = nil
    end
    local same = state[key] == value
    if key == "last_seen" and type(state[key]) == "number" and value then
      same = math.abs(value - state[key]) < QUIET
    end
    state[key], changed = value, changed or not same
  end
  if changed then
    core.write_state(name, state)
  end
end

---Forgets everything, or (with a new name) moves it.
---@param name string
---@param to? string
function M.move(name, to)
  local state = core.read_state(name)
  if to and next(state) then
    core.write_state(to, state)
  end
  core.write_state(name, nil)
end

return M
