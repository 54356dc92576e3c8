-- What a container uses, out of the engine's counters, by the formulas of docker CLI 28.
local M = {}

---@class stats.Entry
---@field container string as it was asked for
---@field id string
---@field name string without its slash
---@field cpu number per cent of one CPU
---@field memory number bytes, without cache that can be dropped
---@field limit number bytes; that of the host where the container has none
---@field memory_percent number
---@field rx number bytes
---@field tx number
---@field read number
---@field written number
---@field pids integer
---@field invalid? boolean nothing could be measured

---Per cent of one CPU between two samples (cpu_stats of the engine).
---@param before? table
---@param now table
---@return number
function M.cpu(before, now)
  if not before then return 0 end
  local used = (now.cpu_usage.total_usage or 0) - (before.cpu_usage.total_usage or 0)
  local passed = (now.system_cpu_usage or 0) - (before.system_cpu_usage or 0)
  local cpus = now.online_cpus or 0
  if cpus == 0 then cpus = #(now.cpu_usage.percpu_usage or {}) end
  if used <= 0 or passed <= 0 then return 0 end
  return used / passed * cpus * 100
end

---Bytes in use: cache that the kernel would drop does not count (cgroup v1: total_inactive_file, v2: inactive_file).
---@param memory table memory_stats of the engine
---@return number
function M.memory(memory)
  local usage, stats = memory.usage or 0, memory.stats or {}
  local v1, v2 = stats.total_inactive_file, stats.inactive_file or 0
  if v1 and v1 < usage then return usage - v1 end
  if v2 < usage then return usage - v2 end
  return usage
end

local function network(networks)
  local rx, tx = 0, 0
  for _, n in pairs(networks or {}) do
    rx, tx = rx + (n.rx_bytes or 0), tx + (n.tx_bytes or 0)
  end
  return rx, tx
end

local function blocks(blkio)
  local read, written = 0, 0
  for _, entry in ipairs(blkio and blkio.io_service_bytes_recursive or {}) do
    local first = (entry.op or ""):sub(1, 1):lower()
    if first == "r" then
      read = read + (entry.value or 0)
    elseif first == "w" then
      written = written + (entry.value or 0)
    end
  end
  return read, written
end

---@param container string
---@param sample table of the engine
---@param before? table the sample before; without one, what the engine itself measured (precpu_stats)
---@return stats.Entry
function M.entry(container, sample, before)
  local memory = sample.memory_stats or {}
  local used, limit = M.memory(memory), memory.limit or 0
  local rx, tx = network(sample.networks)
  local read, written = blocks(sample.blkio_stats)
  local earlier = before and before.cpu_stats or sample.precpu_stats
  return {
    container = container, id = sample.id or "", name = (sample.name or ""):gsub("^/", ""),
    cpu = M.cpu(earlier, sample.cpu_stats), memory = used, limit = limit,
    memory_percent = limit ~= 0 and used / limit * 100 or 0, rx = rx, tx = tx, read = read, written = written,
    pids = sample.pids_stats and sample.pids_stats.current or 0,
  }
end

---A row for a container that could not be measured.
---@param container string
---@param id? string
---@param name? string
---@return stats.Entry
function M.invalid(container, id, name)
  return {
    container = container, id = id or "", name = name or "", invalid = true,
    cpu = 0, memory = 0, limit = 0, memory_percent = 0, rx = 0, tx = 0, read = 0, written = 0, pids = 0,
  }
end

local SORT = {
  cpu = function(e) return e.cpu end,
  mem = function(e) return e.memory end,
  net = function(e) return e.rx + e.tx end,
  io = function(e) return e.read + e.written end,
}

---The entries that are shown: largest first by `by`, `top` of them at most.
---@param entries stats.Entry[]
---@param by? "cpu"|"mem"|"net"|"io"
---@param top? integer
---@return stats.Entry[]
function M.pick(entries, by, top)
  local out = table.move(entries, 1, #entries, 1, {})
  local key = SORT[by or (top and "cpu")]
  if key then
    table.sort(out, function(a, b)
      if key(a) ~= key(b) then return key(a) > key(b) end
      return a.name < b.name
    end)
  end
  return top and table.move(out, 1, math.min(top, #out), 1, {}) or out
end

---One entry that is the sum of all; its limit is the largest of theirs.
---@param entries stats.Entry[]
---@return stats.Entry
function M.total(entries)
  local sum = M.invalid("TOTAL", "TOTAL", ("%d containers"):format(#entries))
  sum.invalid, sum.total = nil, true
  for _, e in ipairs(entries) do
    for _, field in ipairs { "cpu", "memory", "rx", "tx", "read", "written", "pids" } do sum[field] = sum[field] + e[field] end
    sum.limit = math.max(sum.limit, e.limit)
  end
  sum.memory_percent = sum.limit ~= 0 and sum.memory / sum.limit * 100 or 0
  return sum
end

return M
