-- A service's limits, reservations and devices -> HostConfig, as compose v2 sends them. Pure: asks no engine.
local array = require("json").array
local list = require "compose.list"

local M = {}

local function bytes(text)
  return text and math.tointeger(tonumber(text)) or nil
end

local function ulimits(service)
  local out = {}
  for name, limit in pairs(service.ulimits or {}) do
    local soft = type(limit) == "table" and (limit.soft or 0) or limit
    local hard = type(limit) == "table" and (limit.hard or 0) or limit
    out[#out + 1] = { Name = name, Soft = soft, Hard = hard }
  end
  table.sort(out, function(a, b) return a.Name < b.Name end)
  return list(out)
end

local function devices(service)
  local out = {}
  for i, d in ipairs(service.devices or {}) do
    out[i] = { PathOnHost = d.source, PathInContainer = d.target, CgroupPermissions = d.permissions }
  end
  return list(out)
end

local function device_requests(service)
  local out = {}
  local reserved = ((service.deploy or {}).resources or {}).reservations or {}
  for _, requests in ipairs { reserved.devices or {}, service.gpus or {} } do
    for _, r in ipairs(requests) do
      out[#out + 1] = {
        Driver = r.driver, Count = r.count, DeviceIDs = list(r.device_ids), Options = r.options,
        Capabilities = array { list(r.capabilities or { "gpu" }) },
      }
    end
  end
  return list(out)
end

local function throttles(rates)
  local out = {}
  for i, r in ipairs(rates or {}) do
    out[i] = { Path = r.Path, Rate = bytes(r.Rate) }
  end
  return list(out)
end

local function block_io(service, host)
  local b = service.blkio_config or {}
  host.BlkioWeight, host.BlkioWeightDevice = b.weight, list(b.weight_device)
  host.BlkioDeviceReadBps, host.BlkioDeviceReadIOps = throttles(b.device_read_bps), throttles(b.device_read_iops)
  host.BlkioDeviceWriteBps, host.BlkioDeviceWriteIOps = throttles(b.device_write_bps), throttles(b.device_write_iops)
end

---Puts limits, reservations and devices of a service into HostConfig. What the attribute itself says comes before its twin
---below deploy.
---@param service table of the model
---@param host table HostConfig
function M.apply(service, host)
  local r = (service.deploy or {}).resources or {}
  local limits, reserved = r.limits or {}, r.reservations or {}
  local cpus = service.cpus or limits.cpus
  host.NanoCpus = cpus and math.floor(cpus * 1e9 + 0.5) or nil
  host.Memory = bytes(service.mem_limit or limits.memory)
  host.MemoryReservation = bytes(service.mem_reservation or reserved.memory)
  host.MemorySwap, host.MemorySwappiness = bytes(service.memswap_limit), bytes(service.mem_swappiness)
  host.PidsLimit = service.pids_limit or limits.pids
  host.CpuShares, host.CpuPeriod, host.CpuQuota = service.cpu_shares, service.cpu_period, service.cpu_quota
  host.CpuRealtimePeriod, host.CpuRealtimeRuntime = service.cpu_rt_period, service.cpu_rt_runtime
  host.CpuCount, host.CpuPercent = service.cpu_count, service.cpu_percent and math.floor(service.cpu_percent * 100)
  host.CpusetCpus, host.ShmSize = service.cpuset, bytes(service.shm_size)
  host.OomKillDisable, host.OomScoreAdj = service.oom_kill_disable, service.oom_score_adj
  host.Ulimits, host.Devices, host.DeviceRequests = ulimits(service), devices(service), device_requests(service)
  host.DeviceCgroupRules = list(service.device_cgroup_rules)
  block_io(service, host)
end

return M
