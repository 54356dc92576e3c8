-- network connect: POST /networks/{id}/connect.
local function bad(why)
  Error { category = "usage", code = "bad_option", message = "the container cannot be connected like this", why = why, exit_code = 1 }
end

local function slices(list, flag)
  local out = require("create.problem").slices(list, flag)
  return #out > 0 and out or nil
end

local function driver_opts(list)
  local out
  for _, text in ipairs(slices(list, "--driver-opt") or {}) do
    local key, value = text:match "^([^=]+)=(.*)$"
    if not key then bad "invalid key/value pair format in driver options" end
    out = out or {}
    out[key] = value
  end
  return out
end

local function links(list)
  for _, text in ipairs(list) do
    local _, colons = text:gsub(":", "")
    if text == "" or colons > 1 then bad("bad format for links: " .. text) end
  end
  return #list > 0 and list or nil
end

local function endpoint(flags)
  local ipam
  if flags.ip or flags.ip6 or #flags.link_local_ip > 0 then
    ipam = { IPv4Address = flags.ip, IPv6Address = flags.ip6, LinkLocalIPs = slices(flags.link_local_ip, "--link-local-ip") }
  end
  return {
    IPAMConfig = ipam, Links = links(flags.link), Aliases = slices(flags.alias, "--alias"), DriverOpts = driver_opts(flags.driver_opt),
    GwPriority = flags.gw_priority ~= 0 and flags.gw_priority or nil,
  }
end

local function holds(list, wanted)
  local have = {}
  for _, item in ipairs(list or {}) do have[item] = true end
  for _, item in ipairs(wanted or {}) do
    if not have[item] then return false end
  end
  return true
end

-- Whether the container is in the network as it is asked for: then there is nothing to do, and docker's refusal would be in the way.
local function is_connected(nas, network, container, wanted)
  local id = nas:network(network):inspect().Id
  local ipam = wanted.IPAMConfig or {}
  for _, e in pairs(nas:container(container):inspect().NetworkSettings.Networks or {}) do
    if e.NetworkID == id then
      local own = e.IPAMConfig or {}
      return (ipam.IPv4Address or e.IPAddress) == e.IPAddress and (ipam.IPv6Address or e.GlobalIPv6Address) == e.GlobalIPv6Address
        and holds(e.Aliases, wanted.Aliases) and holds(e.Links, wanted.Links) and holds(own.LinkLocalIPs, ipam.LinkLocalIPs)
    end
  end
  return false
end

local function connect(ctx, nas, settings)
  local network, container = ctx.args.network, ctx.args.container
  local _, err = try(function() nas:network(network):connect(container, settings) end)
  if not err then return end
  if err.code == "already_exists" then
    if try(is_connected, nas, network, container, settings) then
      return ctx:note(("'%s' is in network '%s' already"):format(container, network))
    end
    err.hint = ("qnap-docker network disconnect %s %s, then connect it as you want"):format(network, container)
  elseif network == "host" or network == "none" then
    err.code, err.hint = "predefined_network", ("give it when the container is made: run --network %s"):format(network)
  end
  error(err, 0)
end

return {
  summary = "Put a container into a network",
  group = "networks",
  docker = true,
  writes = true,
  description = "A container that is in the network already, as it is asked for, is left as it is.",
  usage_exit = { flag = 125, args = 1 },
  args = { { "network", complete = "networks" }, { "container", complete = "containers" } },
  flags = {
    { "alias", type = "list", value = "NAME", help = "Further name of the container in that network" },
    { "driver-opt", type = "list", value = "K=V", help = "Option of the network's driver" },
    { "gw-priority", type = "int", value = "N", default = 0, help = "The highest one gives the default gateway (API 1.48)" },
    { "ip", type = "string", value = "ADDRESS", help = "IPv4 address" },
    { "ip6", type = "string", value = "ADDRESS", help = "IPv6 address" },
    { "link", type = "list", value = "NAME[:ALIAS]", help = "Link to another container" },
    { "link-local-ip", type = "list", value = "ADDRESS", help = "Link-local address" },
  },
  uses = { "targets" },
  examples = { { "network connect backend web" }, { "network connect --alias api --ip 172.31.5.9 backend web" } },
  run = function(ctx)
    local settings = endpoint(ctx.flags)
    ctx:each_target(function(nas)
      if settings.GwPriority and not nas:supports "1.48" then
        ctx:warn(("--gw-priority has no effect: the engine of %s is older than API 1.48"):format(nas.name))
      end
      connect(ctx, nas, settings)
    end)
  end,
}
