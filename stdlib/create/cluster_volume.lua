-- The flags of `volume create` for cluster volumes of swarm mode -> ClusterVolumeSpec of POST /volumes/create (API 1.42).
local M = {}

---@type cli.Flag[]
M.flags = {
  { "availability", type = "string", value = "STATE", default = "active", help = "Cluster volume: active, pause or drain" },
  { "group", type = "string", value = "NAME", help = "Cluster volume: its group" },
  { "limit-bytes", type = "size", value = "BYTES", help = "Cluster volume: its largest size" },
  { "required-bytes", type = "size", value = "BYTES", help = "Cluster volume: its smallest size" },
  { "scope", type = "string", value = "SCOPE", default = "single", help = "Cluster volume: single or multi" },
  { "secret", type = "map", value = "K=V", help = "Cluster volume: a secret" },
  { "sharing", type = "string", value = "MODE", default = "none", help = "Cluster volume: none, readonly, onewriter or all" },
  { "topology-preferred", type = "list", value = "K=V,…", help = "Cluster volume: where it should be" },
  { "topology-required", type = "list", value = "K=V,…", help = "Cluster volume: where it has to be reachable" },
  { "type", type = "string", value = "TYPE", default = "block", help = "Cluster volume: mount or block" },
}

-- docker takes the other flags for those of a cluster volume only beside one of these.
local DECIDES = { "availability", "group", "limit_bytes", "required_bytes", "scope", "sharing", "type" }

---Flags of cluster volumes that were typed, with their dashes.
---@param given table<string, boolean>
---@return string[]
function M.given(given)
  local out = {}
  for _, flag in ipairs(M.flags) do
    if given[flag[1]:gsub("-", "_")] then out[#out + 1] = "--" .. flag[1] end
  end
  return out
end

local function secrets(map)
  local out = {}
  for key, value in pairs(map) do out[#out + 1] = { Key = key, Secret = value } end
  table.sort(out, function(a, b) return a.Key < b.Key end)
  return #out > 0 and out or nil
end

-- Every value is one place: SEGMENT=VALUE behind commas.
local function topology(list)
  local out = {}
  for i, text in ipairs(list) do
    local segments = {}
    for part in (text .. ","):gmatch "([^,]*)," do
      local key, value = part:match "^([^=]*)=(.*)$"
      segments[key or part] = value or ""
    end
    out[i] = { Segments = segments }
  end
  return #out > 0 and out or nil
end

---@param flags table<string, any>
---@param given table<string, boolean>
---@return table? spec nil: an ordinary volume is meant
function M.spec(flags, given)
  local meant = false
  for _, key in ipairs(DECIDES) do meant = meant or given[key] or false end
  if not meant then return nil end
  return {
    Group = flags.group, Availability = flags.availability, Secrets = secrets(flags.secret),
    AccessMode = {
      Scope = flags.scope, Sharing = flags.sharing,
      MountVolume = flags.type == "mount" and {} or nil, BlockVolume = flags.type == "block" and {} or nil,
    },
    CapacityRange = { RequiredBytes = flags.required_bytes, LimitBytes = flags.limit_bytes },
    AccessibilityRequirements = { Requisite = topology(flags.topology_required), Preferred = topology(flags.topology_preferred) },
  }
end

return M
