-- What update sends for one container: the flags' limits, and what the engine wants to have beside them.
-- Engine API 1.41, ContainerUpdate; refusals as in moby's UpdateContainer, said before anything is changed.
local config = require "create.config"
local limits = require "create.limits"
local problem = require "create.problem"
local units = require "units"

local M = {}

-- docker takes 0 and "" for "leave it as it is".
local function without_nothing(resources)
  for key, value in pairs(resources) do
    if value == 0 or value == "" then resources[key] = nil end
  end
  return resources
end

---The flags as the engine's Resources, without what depends on the container. Raises usage errors.
---@param flags table
---@param given table<string, boolean>
---@return table resources
function M.read(flags, given)
  if flags.swap and flags.memory_swap then
    problem.conflict("cannot specify both --swap and --memory-swap", "--swap is added to --memory; --memory-swap is the sum of both")
  end
  local resources = {}
  limits.apply(setmetatable({ swap = false }, { __index = flags }), given, resources)
  if flags.swap and flags.swap ~= "unlimited" and not try(units.size, flags.swap) then
    problem.argument("--swap", flags.swap, "invalid size: '" .. flags.swap .. "'", "for example 512m, 2g, 0 or unlimited")
  end
  if flags.restart and flags.restart ~= "" then resources.RestartPolicy = config.restart_policy(flags.restart) end
  return without_nothing(resources)
end

-- The engine refuses a memory limit above the stored sum of memory and swap unless the sum comes with it: so both go
-- together, and the swap on top of memory stays what it was.
local function total_for(memory, stored)
  local total = stored.MemorySwap or 0
  if total == 0 then return 2 * memory end -- never limited: what the engine gives to a new container
  if total < 0 or total >= memory then return total end
  return memory + total - (stored.Memory or 0)
end

local function add_swap(out, flags, stored)
  local memory = out.Memory or (stored.Memory or 0)
  if flags.swap then
    if memory == 0 then problem.conflict("--swap needs --memory", "for example --memory 512m --swap 1g") end
    out.MemorySwap = flags.swap == "unlimited" and -1 or memory + units.size(flags.swap)
  elseif out.Memory and not out.MemorySwap then
    out.MemorySwap = total_for(out.Memory, stored)
  end
  if out.MemorySwap and memory > 0 then out.Memory = memory end
  if out.MemorySwap and out.MemorySwap > 0 and out.MemorySwap < memory then
    Error {
      category = "usage", code = "bad_flag_value", message = "memory and swap together are less than the memory limit",
      why = ("--memory-swap is the sum of both: %d, and the memory limit is %d bytes"):format(out.MemorySwap, memory),
      hint = "--swap 0 for no swap",
    }
  end
end

local CPU = { CpuPeriod = "--cpu-period", CpuQuota = "--cpu-quota" }

local function refuse(container, why, hint)
  Error {
    category = "conflict", code = "conflicting_limits", message = ("cannot update container '%s'"):format(container.Name:gsub("^/", "")),
    why = why, hint = hint,
  }
end

local function check_cpus(out, stored, container)
  for key, flag in pairs(CPU) do
    if out.NanoCpus and ((stored[key] or 0) > 0 or (out[key] or 0) > 0) then
      refuse(container, ("--cpus cannot be set where %s is"):format(flag), "--cpu-quota and --cpu-period say the same")
    elseif (out[key] or 0) > 0 and (stored.NanoCpus or 0) > 0 then
      refuse(container, ("%s cannot be set where --cpus is"):format(flag), "use --cpus")
    end
  end
end

---Completes the limits for one container.
---@param resources table of M.read; it stays
---@param flags table
---@param container table its inspection
---@return table resources for it
---@raise conflict "conflicting_limits"
function M.complete(resources, flags, container)
  local stored, out = container.HostConfig, {}
  for key, value in pairs(resources) do out[key] = value end
  check_cpus(out, stored, container)
  if out.RestartPolicy and out.RestartPolicy.Name ~= "no" and stored.AutoRemove then
    refuse(container, "it was made with --rm; a restart policy does not go with that", "make it again without --rm")
  end
  add_swap(out, flags, stored)
  return out
end

local function bytes(n) return n == -1 and "unlimited" or n == 0 and "none" or units.bytes_size(n) end
local function plain(v) return (v == 0 or v == "") and "default" or tostring(v) end
local function cpus(n) return n == 0 and "no limit" or ("%.9f"):format(n / 1e9):gsub("%.?0*$", "") end
local function restart(p)
  local name = (p.Name or "") == "" and "no" or p.Name
  return (p.MaximumRetryCount or 0) > 0 and name .. ":" .. p.MaximumRetryCount or name
end

local SHOWN = {
  { "Memory", "memory", bytes }, { "MemorySwap", "memory + swap", bytes }, { "MemoryReservation", "memory reservation", bytes },
  { "KernelMemory", "kernel memory", bytes }, { "NanoCpus", "cpus", cpus }, { "CpuShares", "cpu shares", plain },
  { "CpuPeriod", "cpu period", plain }, { "CpuQuota", "cpu quota", plain }, { "CpuRealtimePeriod", "cpu real-time period", plain },
  { "CpuRealtimeRuntime", "cpu real-time runtime", plain }, { "CpusetCpus", "cpuset cpus", plain }, { "CpusetMems", "cpuset mems", plain },
  { "PidsLimit", "pids limit", function(n) return n == 0 and "default" or n == -1 and "unlimited" or tostring(n) end },
  { "BlkioWeight", "blkio weight", plain }, { "RestartPolicy", "restart", restart },
}

---What changes, for people: rows of setting, before, after.
---@param resources table of M.complete
---@param stored table HostConfig
---@return string[][]
function M.changes(resources, stored)
  local rows = {}
  for _, field in ipairs(SHOWN) do
    local after, before = resources[field[1]], stored[field[1]]
    if after ~= nil then
      local empty = type(after) == "string" and "" or type(after) == "table" and {} or 0
      local old, new = field[3](type(before) == type(after) and before or empty), field[3](after)
      if old ~= new then rows[#rows + 1] = { field[2], old, new } end
    end
  end
  return rows
end

return M
