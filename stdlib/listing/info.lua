-- The text of `info` as docker CLI 28 lays it out (cli/command/system/info.go).
local units = require "units"

local M = {}

-- Lines of text: add(label, value), and if_any for those that are left out when they are empty.
local Lines = {}
Lines.__index = Lines

function Lines:add(label, value)
  self[#self + 1] = value == nil and label or ("%s %s"):format(label, tostring(value))
end

function Lines:if_any(label, value)
  if value ~= nil and value ~= "" then self:add(label, value) end
end

local function list(value) return type(value) == "table" and value or {} end
local function number(value) return math.tointeger(value) or 0 end
local function text(value) return value == nil and "" or tostring(value) end

local function keys(map)
  local out = {}
  for key in pairs(list(map)) do out[#out + 1] = key end
  table.sort(out)
  return out
end

local function client(out, client_info)
  out:add("Client:", client_info.platform)
  out:if_any(" Version:   ", client_info.version)
  out:add(" Context:   ", client_info.context)
  out:add(" Debug Mode:", client_info.debug)
end

local function engine(out, info)
  out:add(" Containers:", number(info.Containers))
  out:add("  Running:", number(info.ContainersRunning))
  out:add("  Paused:", number(info.ContainersPaused))
  out:add("  Stopped:", number(info.ContainersStopped))
  out:add(" Images:", number(info.Images))
  out:if_any(" Server Version:", info.ServerVersion)
  out:if_any(" Storage Driver:", info.Driver)
  for _, pair in ipairs(list(info.DriverStatus)) do out:add(("  %s: %s"):format(text(pair[1]), text(pair[2]))) end
  for _, pair in ipairs(list(info.SystemStatus)) do out:add((" %s: %s"):format(text(pair[1]), text(pair[2]))) end
  out:if_any(" Logging Driver:", info.LoggingDriver)
  out:if_any(" Cgroup Driver:", info.CgroupDriver)
  out:if_any(" Cgroup Version:", info.CgroupVersion)
end

local function plugins(out, info)
  local p = list(info.Plugins)
  out:add " Plugins:"
  out:add("  Volume:", table.concat(list(p.Volume), " "))
  out:add("  Network:", table.concat(list(p.Network), " "))
  if #list(p.Authorization) > 0 then out:add("  Authorization:", table.concat(p.Authorization, " ")) end
  out:add("  Log:", table.concat(list(p.Log), " "))
  if #list(info.CDISpecDirs) > 0 then
    out:add " CDI spec directories:"
    for _, dir in ipairs(info.CDISpecDirs) do out:add("  " .. dir) end
  end
  if #list(info.DiscoveredDevices) > 0 then
    out:add " Discovered Devices:"
    for _, device in ipairs(info.DiscoveredDevices) do out:add(("  %s: %s"):format(text(device.Source), text(device.ID))) end
  end
end

local function swarm(out, info)
  local s = list(info.Swarm)
  local state = text(s.LocalNodeState)
  out:add(" Swarm:", state)
  if state == "" or state == "inactive" or state == "locked" then return end
  out:add("  NodeID:", text(s.NodeID))
  out:if_any("  Error:", s.Error)
  out:add("  Is Manager:", s.ControlAvailable == true)
  out:add("  Node Address:", text(s.NodeAddr))
  local managers = {}
  for i, peer in ipairs(list(s.RemoteManagers)) do managers[i] = text(peer.Addr) end
  table.sort(managers)
  if #managers > 0 then out:add "  Manager Addresses:" end
  for _, address in ipairs(managers) do out:add("   " .. address) end
end

-- "name=seccomp,profile=default"; a word alone is the name as older engines send it.
local function security(out, options)
  if #options == 0 then return end
  out:add " Security Options:"
  for _, option in ipairs(options) do
    if not option:find("=", 1, true) then out:add("  " .. option) end
    for part in option:gmatch "[^,]+" do
      local key, value = part:match "^([^=]*)=(.*)$"
      if key == "name" then
        out:add("  " .. value)
      elseif key == "profile" then
        out:add("   Profile:", value)
      elseif key then
        out:add(("   %s: %s"):format(key, value))
      end
    end
  end
end

local function runtimes(out, info)
  local names = keys(info.Runtimes)
  if #names > 0 then
    out:add(" Runtimes:", table.concat(names, " "))
    out:add(" Default Runtime:", text(info.DefaultRuntime))
  end
  if info.OSType == "linux" then
    out:add(" Init Binary:", text(info.InitBinary))
    out:add(" containerd version:", text(list(info.ContainerdCommit).ID))
    out:add(" runc version:", text(list(info.RuncCommit).ID))
    out:add(" init version:", text(list(info.InitCommit).ID))
    security(out, list(info.SecurityOptions))
  elseif info.OSType == "windows" then
    out:add(" Default Isolation:", text(info.Isolation))
  end
end

local function host(out, info)
  out:if_any(" Kernel Version:", info.KernelVersion)
  out:if_any(" Operating System:", info.OperatingSystem)
  out:if_any(" OSType:", info.OSType)
  out:if_any(" Architecture:", info.Architecture)
  out:add(" CPUs:", number(info.NCPU))
  out:add(" Total Memory:", units.bytes_size(number(info.MemTotal)))
  out:if_any(" Name:", info.Name)
  out:if_any(" ID:", info.ID)
  out:add(" Docker Root Dir:", text(info.DockerRootDir))
  out:add(" Debug Mode:", info.Debug == true)
  if info.Debug == true then
    out:add("  File Descriptors:", number(info.NFd))
    out:add("  Goroutines:", number(info.NGoroutines))
    out:add("  System Time:", text(info.SystemTime))
    out:add("  EventsListeners:", number(info.NEventsListener))
  end
  out:if_any(" HTTP Proxy:", info.HttpProxy)
  out:if_any(" HTTPS Proxy:", info.HttpsProxy)
  out:if_any(" No Proxy:", info.NoProxy)
  if #list(info.Labels) > 0 then
    out:add " Labels:"
    for _, label in ipairs(info.Labels) do out:add("  " .. label) end
  end
  out:add(" Experimental:", info.ExperimentalBuild == true)
end

local function registries(out, info)
  local config = list(info.RegistryConfig)
  local indexes, cidrs = list(config.IndexConfigs), list(config.InsecureRegistryCIDRs)
  if #cidrs > 0 or next(indexes) then
    out:add " Insecure Registries:"
    for _, name in ipairs(keys(indexes)) do
      if indexes[name].Secure ~= true then out:add("  " .. text(indexes[name].Name)) end
    end
    for _, cidr in ipairs(cidrs) do out:add("  " .. cidr) end
  end
  if #list(config.Mirrors) > 0 then
    out:add " Registry Mirrors:"
    for _, mirror in ipairs(config.Mirrors) do out:add("  " .. mirror) end
  end
end

local function last(out, info)
  out:add(" Live Restore Enabled:", info.LiveRestoreEnabled == true)
  out:if_any(" Product License:", info.ProductLicense)
  if #list(info.DefaultAddressPools) > 0 then
    out:add " Default Address Pools:"
    for _, pool in ipairs(info.DefaultAddressPools) do out:add(("   Base: %s, Size: %d"):format(text(pool.Base), number(pool.Size))) end
  end
  local firewall = list(info.FirewallBackend)
  if firewall.Driver then
    out:add(" Firewall Backend:", firewall.Driver)
    for _, pair in ipairs(list(firewall.Info)) do out:add(("  %s: %s"):format(text(pair[1]), text(pair[2]))) end
  end
end

---@class listing.Client
---@field platform string
---@field version string
---@field context string
---@field debug boolean

---The whole text.
---@param info table GET /info
---@param about listing.Client who asks
---@return string
function M.text(info, about)
  local out = setmetatable({}, Lines)
  client(out, about)
  out:add ""
  out:add "Server:"
  for _, part in ipairs { engine, plugins, swarm, runtimes, host, registries, last } do part(out, info) end
  return table.concat(out, "\n") .. "\n\n"
end

return M
