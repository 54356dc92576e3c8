-- Resource flags -> HostConfig's Resources (Engine API 1.41), for run, create and update.
local problem = require "create.problem"
local devices = require "create.devices"
local units = require "units"
local json = require "json"

local M = {}

local function size(flags, key, flag)
  local text = flags[key]
  if text == nil then return nil end
  local bytes = try(units.size, text)
  if not bytes then problem.argument(flag, text, "invalid size: '" .. text .. "'", "for example 512m or 2g") end
  return bytes
end

-- The digits and the power of ten of "12.5e-1": "125", -2; nil when it is no number.
local function decimal(text)
  local whole, fraction, rest = text:match "^(%d*)%.?(%d*)(.*)$"
  local exponent = rest == "" and 0 or tonumber(rest:match "^[eE]([+-]?%d%d?)$")
  if whole .. fraction == "" or not exponent then return nil end
  return whole .. fraction, math.tointeger(exponent) - #fraction
end

---A number of CPUs in billionths, exactly: "1.5" -> 1500000000; also "3/2" and "15e-1".
---@param text string
---@return integer nanocpus
function M.nano_cpus(text)
  local function bad(why) problem.argument("--cpus", text, why) end
  local sign, number = text:match "^([+-]?)(.*)$"
  local above, below = number:match "^(%d+)/(%d+)$"
  local digits, power = decimal(above or number)
  if not digits or (below and tonumber(below) == 0) then bad("failed to parse " .. text .. " as a rational number") end
  power = power + 9
  local zeros = digits:match "0*$"
  if power < 0 and #zeros < -power and digits:find "[1-9]" then bad "value is too precise" end
  digits = power < 0 and digits:sub(1, power - 1) or digits .. ("0"):rep(power)
  digits = digits:gsub("^0+", "")
  if #digits > 18 then bad "value is out of range" end
  local nano = digits == "" and 0 or math.tointeger(tonumber(digits))
  if below then
    if nano % tonumber(below) ~= 0 then bad "value is too precise" end
    nano = nano // math.tointeger(tonumber(below))
  end
  return sign == "-" and -nano or nano
end

-- --memory-swap is docker's total; --swap is what comes on top of --memory. Both together contradict each other.
local function swap(flags, memory)
  local total, extra = flags.memory_swap, flags.swap
  if total and extra then
    problem.conflict("cannot specify both --swap and --memory-swap", "--swap is added to --memory; --memory-swap is the sum of both")
  end
  if total then
    if total == "-1" then return -1 end
    return size(flags, "memory_swap", "--memory-swap")
  elseif extra == "unlimited" then
    return -1
  elseif extra then
    if not memory or memory == 0 then problem.conflict("--swap needs --memory", "for example --memory 512m --swap 1g") end
    return memory + size(flags, "swap", "--swap")
  end
end

local function each(list, fn, flag)
  if not list or #list == 0 then return nil end
  local out = json.array {}
  for i, text in ipairs(list) do out[i] = fn(text, flag) end
  return out
end

-- Which docker takes, but for engines on Windows.
local function refuse_windows(given)
  for _, name in ipairs { "cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops" } do
    if given[name:gsub("-", "_")] then
      Error {
        category = "unsupported", code = "windows_only", message = ("--%s is for Docker on Windows"):format(name),
        why = "the engine of a NAS runs on Linux", exit_code = 1,
      }
    end
  end
end

---Writes what the flags say into `host`; nothing for flags that were not given.
---@param flags table
---@param given table<string, boolean>
---@param host table HostConfig
function M.apply(flags, given, host)
  refuse_windows(given)
  host.Memory = size(flags, "memory", "-m, --memory")
  host.MemoryReservation = size(flags, "memory_reservation", "--memory-reservation")
  host.MemorySwap = swap(flags, host.Memory)
  host.KernelMemory = size(flags, "kernel_memory", "--kernel-memory")
  local swappiness = flags.memory_swappiness
  if swappiness and swappiness ~= -1 then
    if swappiness < 0 or swappiness > 100 then
      problem.argument("--memory-swappiness", tostring(swappiness), "valid memory swappiness range is 0-100")
    end
    host.MemorySwappiness = swappiness
  end
  if flags.cpus then host.NanoCpus = M.nano_cpus(flags.cpus) end
  host.CpuShares, host.CpuPeriod, host.CpuQuota = flags.cpu_shares, flags.cpu_period, flags.cpu_quota
  host.CpuRealtimePeriod, host.CpuRealtimeRuntime = flags.cpu_rt_period, flags.cpu_rt_runtime
  host.CpusetCpus, host.CpusetMems = flags.cpuset_cpus, flags.cpuset_mems
  host.PidsLimit = flags.pids_limit
  if given.oom_kill_disable then host.OomKillDisable = flags.oom_kill_disable end
  host.BlkioWeight = flags.blkio_weight
  host.BlkioWeightDevice = each(flags.blkio_weight_device, devices.weight)
  host.BlkioDeviceReadBps = each(flags.device_read_bps, devices.bytes_per_second, "--device-read-bps")
  host.BlkioDeviceWriteBps = each(flags.device_write_bps, devices.bytes_per_second, "--device-write-bps")
  host.BlkioDeviceReadIOps = each(flags.device_read_iops, devices.operations_per_second, "--device-read-iops")
  host.BlkioDeviceWriteIOps = each(flags.device_write_iops, devices.operations_per_second, "--device-write-iops")
end

---What the NAS's kernel cannot enforce: raises, or with `best_effort` takes the limit out and says so.
---@param host table HostConfig; changed with best_effort
---@param info table GET /info
---@param options {best_effort?: boolean, nas: string, warn: fun(text: string), confirm?: fun(text: string)}
function M.preflight(host, info, options)
  local nas = options.nas
  if (host.NanoCpus or host.CpuQuota or host.CpuPeriod) and info.CpuCfsQuota == false then
    if not options.best_effort then
      Error {
        category = "unsupported", code = "no_cfs_quota", message = "the kernel of " .. nas .. " cannot limit CPUs",
        why = "it was built without CFS quota (CpuCfsQuota is false in 'docker info')",
        hint = "--cpu-shares 512 works on this NAS\nor --best-effort to go on without the limit",
      }
    end
    host.NanoCpus, host.CpuQuota, host.CpuPeriod = nil, nil, nil
    options.warn("CPU limit left out: the kernel of " .. nas .. " has no CFS quota")
  end
  if host.Memory and info.MemoryLimit == false then
    options.warn("the kernel of " .. nas .. " does not limit memory; --memory has no effect")
  end
  if host.MemorySwap and host.MemorySwap ~= -1 and info.SwapLimit == false then
    local text = "the kernel of " .. nas .. " does not limit swap; only --memory is enforced"
    options.warn(text)
    if not options.best_effort and options.confirm then options.confirm(text) end
  end
end

return M
