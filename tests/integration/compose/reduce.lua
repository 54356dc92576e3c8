-- reduce.lua FILE DIRECTORY [skip-limits]: what a project came to, made comparable: reads {containers, networks, volumes, shown}
-- (what docker inspect prints, and files of the containers), takes out what differs from run to run (ids, hashes, times,
-- addresses that the engine chose) and what is at its default, and prints the rest with sorted keys. DIRECTORY, the project's,
-- becomes ${DIR}. Runs inside the program: qnap-docker __script reduce.lua ...
local json = require "json"
local fs = require "fs"

local file, directory, skip_limits = ...
local input = json.decode(fs.read(file, 64 << 20))

-- A member whose default is worth telling from its absence.
local KEEP = { Cmd = true, Entrypoint = true, Init = true, MemorySwappiness = true, PidsLimit = true, ExitCode = true, IPAM = true }
-- Of these the engine drops what the machine cannot do.
local LIMITS = {
  "BlkioWeight", "CpuPeriod", "CpuQuota", "CpuShares", "CpusetCpus", "Memory", "MemoryReservation", "MemorySwap", "MemorySwappiness",
    "NanoCpus",
  "OomKillDisable", "PidsLimit",
}
local LABEL = "com.docker.compose."
-- Lists without an order; of some the members are records, ordered by this field of theirs.
local UNORDERED_BY = { Ulimits = "Name", Mounts = "Target", mounts = "Destination", containers = "Name", networks = "Name",
  volumes = "Name" }
local UNORDERED = {
  Aliases = true, Links = true, Env = true, ExtraHosts = true, Binds = true, CapAdd = true, CapDrop = true, SecurityOpt = true,
    others = true,
}
for key in pairs(UNORDERED_BY) do UNORDERED[key] = true end

local names = {} -- id → what stands for it
for id, name in input.ids:gmatch "(%x+)=(%S+)" do
  names[id], names[id:sub(1, 12)] = ("<container %s>"):format(name), ("<short container %s>"):format(name)
end
for _, c in ipairs(input.containers) do names[c.Image:gsub("^sha256:", "")] = "<image>" end

local function plain(text)
  return (text:gsub("%W", "%%%0"))
end

local function mask(text)
  text = text:gsub(plain(directory), "${DIR}")
  text = text:gsub("%f[%x]%x+%f[%X]", function(hex)
    if #hex == 64 or #hex == 12 then return names[hex] or (#hex == 64 and "<hex>") end
  end)
  text = text:gsub("sha256:<image>", "<image>"):gsub(plain(input.nas), "<nas>")
  if text:match "^172%.[123]%d%." or text:match "^192%.168%." then return "<address>" end
  return text
end

local function empty(key, value)
  if KEEP[key] then return value == json.null and key ~= "Cmd" and key ~= "Entrypoint" end
  return value == json.null or value == "" or value == 0 or value == false or (type(value) == "table" and next(value) == nil)
end

local function sort(list, key)
  table.sort(list, function(a, b) return (key and a[key] or a) < (key and b[key] or b) end)
  return list
end

local function tidy(value, name)
  if type(value) == "string" then return mask(value) end
  if type(value) ~= "table" then return value end
  local out = json.is_array(value) and json.array() or {}
  for k, v in pairs(value) do
    local made = tidy(v, k)
    if json.is_array(value) then
      out[k] = made
    elseif not empty(k, made) then
      out[mask(k)] = made
    end
  end
  return UNORDERED[name] and sort(out, UNORDERED_BY[name]) or out
end

-- Ours carries labels of its own beside compose's; of the shared ones these have values of their own.
local function labels(map)
  if map == json.null then return map end
  local out = {}
  for k, v in pairs(map or {}) do
    if k == LABEL .. "config-hash" then
      out[k] = v:match "^%x+$" and "<hash>" or v
    elseif k == LABEL .. "depends_on" then
      local parts = {}
      for part in v:gmatch "[^,]+" do parts[#parts + 1] = part end
      out[k] = table.concat(sort(parts), ",") .. " "
    elseif k ~= LABEL .. "version" and not k:find "^qnap%-docker%." then
      out[k] = v
    end
  end
  return out
end

-- The address that the engine makes of an IPv4 address.
local function derived(n)
  return "02:42:" .. ("%02x:%02x:%02x:%02x"):format(n.IPAddress:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
end

local function endpoint(n)
  local own = n.IPAMConfig ~= json.null and n.IPAMConfig or {}
  return {
    IPAMConfig = n.IPAMConfig, Links = n.Links, Aliases = n.Aliases, DriverOpts = n.DriverOpts,
    IPAddress = own.IPv4Address and n.IPAddress, GlobalIPv6Address = own.IPv6Address and n.GlobalIPv6Address,
    MacAddress = (n.IPAddress or "") ~= "" and n.MacAddress ~= derived(n) and n.MacAddress or nil,
  }
end

local function limits(host)
  for _, key in ipairs(skip_limits and LIMITS or {}) do host[key] = nil end
  for _, key in ipairs { "MaskedPaths", "ReadonlyPaths" } do host[key] = host[key] and host[key] ~= json.null and tostring(#host[key]) end
  return host
end

local function container(c)
  local config, endpoints = c.Config, {}
  config.Labels = labels(config.Labels)
  for name, n in pairs(c.NetworkSettings.Networks) do endpoints[name] = endpoint(n) end
  return {
    Name = c.Name, Path = c.Path, Args = c.Args, State = { Status = c.State.Status, ExitCode = c.State.ExitCode }, Platform = c.Platform,
    Config = config, HostConfig = limits(c.HostConfig), mounts = c.Mounts, Networks = endpoints,
  }
end

local function network(n)
  return {
    Name = n.Name, Driver = n.Driver, Scope = n.Scope, EnableIPv6 = n.EnableIPv6, IPAM = n.IPAM, Internal = n.Internal,
      Attachable = n.Attachable,
    Options = n.Options, Labels = labels(n.Labels),
  }
end

local function volume(v)
  return { Name = v.Name, Driver = v.Driver, Options = v.Options, Labels = labels(v.Labels), Scope = v.Scope }
end

local function each(list, fn)
  local out = json.array()
  for i, o in ipairs(list) do out[i] = fn(o) end
  return out
end

io.stdout:write(json.encode(tidy {
  containers = each(input.containers, container), networks = each(input.networks, network), volumes = each(input.volumes, volume),
  shown = input.shown, others = input.others,
}, { indent = 1 }), "\n")
