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

return {
  summary = "Put a container into a network",
  group = "networks",
  docker = true,
  writes = true,
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
      nas:network(ctx.args.network):connect(ctx.args.container, settings)
    end)
  end,
}
