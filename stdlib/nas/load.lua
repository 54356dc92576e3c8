-- How busy a NAS is: load, memory and RAID state, read from /proc. Where it cannot be read, what is missing is absent.
local M = {}

local LIMIT = 5 -- seconds
local COMMAND = "cat /proc/loadavg; echo ==; head -n 20 /proc/meminfo; echo ==; cat /proc/mdstat 2>/dev/null"

---@class nas.Load
---@field load? string the mean of the last minute, as the kernel prints it
---@field memory_total? integer bytes
---@field memory_used? integer bytes
---@field raid? "ok"|"degraded"|"rebuilding"

-- "[UU_]": a bar is a disk that is missing.
local function raid_state(text)
  if not text:find "md%d" then return nil end
  if text:find "recovery =" or text:find "resync =" or text:find "reshape =" then return "rebuilding" end
  return text:find "%[U*_[U_]*%]" and "degraded" or "ok"
end

---What the three files say.
---@param loadavg string
---@param meminfo string
---@param mdstat string
---@return nas.Load
function M.parse(loadavg, meminfo, mdstat)
  local function kilobytes(key)
    local n = meminfo:match(key .. ":%s*(%d+) kB")
    return n and tonumber(n) * 1024
  end
  local total, free = kilobytes "MemTotal", kilobytes "MemAvailable" or kilobytes "MemFree"
  return {
    load = loadavg:match "^(%d+%.%d+)", memory_total = total, memory_used = total and free and total - free,
    raid = raid_state(mdstat),
  }
end

local function here()
  local out = {}
  for i, path in ipairs { "/proc/loadavg", "/proc/meminfo", "/proc/mdstat" } do
    local file = io.open(path)
    out[i] = file and file:read "a" or ""
    if file then file:close() end
  end
  return M.parse(out[1], out[2], out[3])
end

---@async
---@param nas docker.Nas
---@return nas.Load
function M.read(nas)
  if not nas.session then
    return nas.profile and nas.profile.kind == "local" and here() or {}
  end
  local answer = try(nas.session.run, nas.session, COMMAND, { timeout = LIMIT, max_output = 65536 })
  if not answer then return {} end
  local loadavg, meminfo, mdstat = answer.stdout:match "^(.-)\n==\n(.-)\n==\n(.*)$"
  return loadavg and M.parse(loadavg, meminfo, mdstat) or {}
end

---"load 0.42, memory 3.1GiB / 15.6GiB, RAID ok"
---@param load nas.Load
---@return string
function M.text(load)
  local units, parts = require "units", {}
  if load.load then parts[#parts + 1] = "load " .. load.load end
  if load.memory_used then
    parts[#parts + 1] = ("memory %s / %s"):format(units.bytes_size(load.memory_used), units.bytes_size(load.memory_total))
  end
  if load.raid then parts[#parts + 1] = "RAID " .. load.raid end
  return #parts > 0 and table.concat(parts, ", ") or "load not readable"
end

return M
