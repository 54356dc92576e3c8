-- --device, --gpus, the blkio flags and --ulimit -> HostConfig (Engine API 1.41, Resources).
local problem = require "create.problem"
local units = require "units"
local json = require "json"

local M = {}

local function is_permissions(text)
  if text == "" or text:find "[^rwm]" then return false end
  return not (text:find "r.*r" or text:find "w.*w" or text:find "m.*m")
end

---@param text string "/dev/x[:/dev/y][:rwm]"
---@return table device
function M.device(text)
  local parts = problem.split(text, ":")
  if parts[1] == "" or #parts > 3 then problem.argument("--device", text, "invalid device specification: " .. text) end
  local inside, permissions = parts[1], "rwm"
  if #parts == 3 then
    inside, permissions = parts[2], parts[3]
  elseif #parts == 2 then
    if is_permissions(parts[2]) then permissions = parts[2] else inside = parts[2] end
  end
  if not is_permissions(permissions) then problem.argument("--device", text, "bad mode specified: " .. permissions) end
  if inside:sub(1, 1) ~= "/" then problem.argument("--device", text, inside .. " is not an absolute path") end
  return { PathOnHost = parts[1], PathInContainer = inside, CgroupPermissions = permissions }
end

---@param text string
---@return boolean whether it names a CDI device ("vendor.com/class=name")
function M.is_cdi(text) return text:find "^[%a][%w._-]*%.?[%w._-]*/[%a][%w_-]*=[%w][%w_.:-]*$" ~= nil end

---@param text string "c 42:* rmw"
---@return string
function M.cgroup_rule(text)
  local major, minor, mode = text:match "^[acb] ([%d*]+):([%d*]+) ([rwm]+)$"
  local function number(s) return s == "*" or s:find "^%d+$" end
  if not major or not number(major) or not number(minor) or #mode > 3 then
    problem.argument("--device-cgroup-rule", text, "invalid device cgroup format '" .. text .. "'")
  end
  return text
end

local GPU_LISTS = { device = true, capabilities = true }

---@param text string "all", "2", 'device=0', '"capabilities=compute,utility",count=1'
---@return table request for HostConfig.DeviceRequests
function M.gpus(text)
  local r = { Driver = "", Count = 0, DeviceIDs = nil, Capabilities = nil, Options = {} }
  local seen = {}
  for _, field in ipairs(problem.csv(text, "--gpus")) do
    local key, value = problem.cut(field, "=")
    if seen[key] then problem.argument("--gpus", text, "gpu request key '" .. key .. "' can be specified only once") end
    seen[key] = true
    if not value then key, value, seen.count = "count", key, true end
    if key == "driver" then
      r.Driver = value
    elseif key == "count" then
      r.Count = value == "all" and -1 or math.tointeger(tonumber(value))
      if not r.Count then problem.argument("--gpus", text, "invalid count (" .. value .. "): value must be either 'all' or an integer") end
    elseif GPU_LISTS[key] then
      local list = json.array(problem.split(value, ","))
      if key == "device" then
        r.DeviceIDs = list
      else
        list[#list + 1] = "gpu"
        r.Capabilities = json.array { list }
      end
    elseif key == "options" then
      for _, pair in ipairs(problem.split(value, ",")) do
        local k, v = problem.cut(pair, "=")
        r.Options[k] = v or ""
      end
    else
      problem.argument("--gpus", text, "unexpected key '" .. key .. "' in '" .. field .. "'")
    end
  end
  if not seen.count and not r.DeviceIDs then r.Count = 1 end
  r.Capabilities = r.Capabilities or json.array { json.array { "gpu" } }
  return r
end

local function device_and(text, flag, what)
  local path, value = text:match "^(.*):([^:]*)$"
  if not path or path == "" or value == "" then problem.argument(flag, text, "bad format: " .. text) end
  if path:sub(1, 5) ~= "/dev/" then problem.argument(flag, text, "bad format for device path: " .. text) end
  return path, value, what
end

---@param text string "/dev/sda:200"
function M.weight(text)
  local path, value = device_and(text, "--blkio-weight-device")
  local weight = math.tointeger(tonumber(value))
  if not weight or (weight ~= 0 and (weight < 10 or weight > 1000)) then
    problem.argument("--blkio-weight-device", text, "invalid weight for device: " .. text)
  end
  return { Path = path, Weight = weight }
end

---@param text string "/dev/sda:1mb"
---@param flag string "--device-read-bps"
function M.bytes_per_second(text, flag)
  local path, value = device_and(text, flag)
  local rate = try(units.size, value)
  if not rate or rate < 0 then
    problem.argument(flag, text, "invalid rate for device: " .. text .. " (form: <device-path>:<number>[<unit>])")
  end
  return { Path = path, Rate = rate }
end

---@param text string "/dev/sda:100"
---@param flag string "--device-read-iops"
function M.operations_per_second(text, flag)
  local path, value = device_and(text, flag)
  local rate = value:find "^%d+$" and math.tointeger(tonumber(value))
  if not rate then problem.argument(flag, text, "invalid rate for device: " .. text .. " (a positive integer)") end
  return { Path = path, Rate = rate }
end

local ULIMITS = {}
for name in ("core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack"):gmatch "%S+" do
  ULIMITS[name] = true
end

---@param text string "nofile=1024:2048"
---@return {Name: string, Soft: integer, Hard: integer}
function M.ulimit(text)
  local function bad(why) problem.argument("--ulimit", text, why) end
  local name, value = problem.cut(text, "=")
  if not value then bad("invalid ulimit argument: " .. text) end
  if not ULIMITS[name] then bad("invalid ulimit type: " .. name) end
  local parts = problem.split(value, ":")
  if #parts > 2 then bad("too many limit values - " .. value .. ", can only have up to two, `soft[:hard]`") end
  local soft = parts[1]:find "^[+-]?%d+$" and math.tointeger(tonumber(parts[1]))
  local hard = soft
  if parts[2] then hard = parts[2]:find "^[+-]?%d+$" and math.tointeger(tonumber(parts[2])) end
  if not soft or not hard then bad("'" .. value .. "' is not an integer") end
  if soft > hard and hard ~= -1 or soft == -1 and hard ~= -1 then
    bad(("ulimit soft limit must be less than or equal to hard limit: %d > %d"):format(soft, hard))
  end
  return { Name = name, Soft = soft, Hard = hard }
end

---@param list? string[]
---@return {Name: string, Soft: integer, Hard: integer}[] sorted by name; the last one of a name counts
function M.ulimits(list)
  local by_name, names, out = {}, {}, {}
  for _, text in ipairs(list or {}) do
    local limit = M.ulimit(text)
    if not by_name[limit.Name] then names[#names + 1] = limit.Name end
    by_name[limit.Name] = limit
  end
  table.sort(names)
  for i, name in ipairs(names) do out[i] = by_name[name] end
  return out
end

return M
