-- The columns of stats, docker's and for terminals, and a sample as JSON.
local text = require "listing.text"
local units = require "units"

local M = {}

local function percent(value) return ("%.2f%%"):format(value) end

local function pair(a, b) return units.human_size(a, 3) .. " / " .. units.human_size(b, 3) end

local function unless_invalid(instead, get)
  return function(e, view) return e.invalid and instead or get(e, view) end
end

local function heat(cell)
  local value = tonumber(cell:match "^([%d.]+)%%")
  return value and (value >= 90 and "bad" or value >= 70 and "warn") or nil
end

---@return cli.Column[]
function M.get()
  return {
    { "ID", header = "CONTAINER ID", priority = 9, get = function(e, v) return v.no_trunc and e.id or text.short_id(e.id) end },
    { "Name", priority = 1, middle = true, get = function(e) return e.name ~= "" and e.name or "--" end },
    { "CPUPerc", header = "CPU %", priority = 2, right = true, color = heat,
      get = unless_invalid("--", function(e) return percent(e.cpu) end) },
    { "MemUsage", header = "MEM USAGE / LIMIT", priority = 3, get = unless_invalid("-- / --", function(e)
      return units.bytes_size(e.memory) .. " / " .. units.bytes_size(e.limit)
    end) },
    { "MemPerc", header = "MEM %", priority = 4, right = true, color = heat,
      get = unless_invalid("--", function(e) return percent(e.memory_percent) end) },
    { "NetIO", header = "NET I/O", priority = 6, get = unless_invalid("--", function(e) return pair(e.rx, e.tx) end) },
    { "BlockIO", header = "BLOCK I/O", priority = 7, get = unless_invalid("--", function(e) return pair(e.read, e.written) end) },
    { "PIDs", header = "PIDS", priority = 8, right = true, get = unless_invalid("--", function(e) return ("%d"):format(e.pids) end) },
    { "Container", header = "CONTAINER", hidden = true, get = function(e) return e.container end },
  }
end

---@param e stats.Entry
---@return table
function M.record(e)
  return {
    profile = e.profile, time = e.time or os.date "!%Y-%m-%dT%H:%M:%SZ", container = e.container, id = e.id, name = e.name,
    valid = not e.invalid, cpu_percent = e.cpu, memory_bytes = e.memory, memory_limit_bytes = e.limit,
    memory_percent = e.memory_percent, net_rx_bytes = e.rx, net_tx_bytes = e.tx, block_read_bytes = e.read,
    block_write_bytes = e.written, pids = e.pids, total = e.total,
  }
end

return M
