-- network create: POST /networks/create, after a look at the addresses of the NAS itself.
local network = require "create.network"

local function refuse(nas, subnet, found)
  Error {
    category = "conflict", code = "subnet_overlaps", message = nas:cannot(("create a network of %s"):format(subnet)),
    why = found.kind == "self" and ("%s is the address at which the NAS is reached now: it would be lost"):format(found.text)
      or ("%s is the address from which you reach the NAS: it would be lost"):format(found.text),
    hint = "choose another --subnet\nor, if that is meant: --allow-overlap",
  }
end

-- docker takes any subnet. One that holds an end of our own connection is refused, others that it knows are told.
local function check(ctx, nas, subnets)
  if #subnets == 0 or ctx.flags.allow_overlap or ctx.flags.config_only then return end
  local routes = require "nas.routes"
  local known = routes.of(nas.session)
  for _, subnet in ipairs(subnets) do
    local found = routes.collisions(known, subnet)[1]
    if found and routes.is_fatal(found) then refuse(nas, subnet, found) end
    if found then
      ctx:warn(("%s overlaps %s of %s on %s; machines there may become unreachable from the NAS"):format(
        subnet, found.text, found.device or "an interface", nas.name))
    end
  end
end

return {
  summary = "Create a network",
  group = "networks",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  description = "A subnet that holds the address at which the NAS is reached over SSH, or the one it is reached from, is refused (exit "
    .. "code 6): the NAS would be lost. One that overlaps another network of the NAS is warned about. --allow-overlap takes both.",
  args = { { "network" } },
  flags = {
    { "attachable", help = "Let single containers of a swarm attach" },
    { "aux-address", type = "list", value = "NAME=ADDRESS", help = "Address that the driver must not give away" },
    { "config-from", type = "string", value = "NETWORK", help = "Take the configuration from that network" },
    { "config-only", help = "Only a configuration, for --config-from" },
    { "driver", short = "d", type = "string", value = "NAME", default = "bridge", help = "bridge, macvlan, ipvlan, qnet …" },
    { "gateway", type = "list", value = "ADDRESS", help = "Gateway of the subnet" },
    { "ingress", help = "The routing mesh of a swarm" },
    { "internal", help = "No way out of it" },
    { "ip-range", type = "list", value = "CIDR", help = "Give containers addresses of this part of the subnet" },
    { "ipam-driver", type = "string", value = "NAME", default = "default", help = "Driver that manages addresses" },
    { "ipam-opt", type = "list", value = "K=V", help = "Option of that driver" },
    { "ipv4", default = true, help = "IPv4 addresses (engines from API 1.48 can leave them out)" },
    { "ipv6", help = "IPv6 addresses" },
    { "label", type = "list", value = "K=V", help = "Set a label" },
    { "opt", short = "o", type = "list", value = "K=V", help = "Option of the driver" },
    { "scope", type = "string", value = "SCOPE", help = "local or swarm" },
    { "subnet", type = "list", value = "CIDR", help = "Addresses of the network, 172.31.5.0/24" },
    { "allow-overlap", help = "Do not look at the NAS's own addresses" },
  },
  uses = { "targets" },
  examples = {
    { "network create web" },
    { "network create --subnet 172.31.5.0/24 --gateway 172.31.5.1 backend" },
    { "network create --internal db", "Without a way out" },
  },
  run = function(ctx)
    local body = network.body(ctx.args.network, ctx.flags, ctx.given)
    ctx:each_target(function(nas)
      if body.EnableIPv4 ~= nil and not nas:supports "1.48" then
        ctx:warn(("--ipv4 has no effect: the engine of %s is older than API 1.48"):format(nas.name))
      end
      check(ctx, nas, network.subnets(body))
      local made = nas:create_network(body)
      if made.warning then ctx:warn(made.warning) end
      ctx:out(ctx:named(nas, made.ref) .. "\n")
    end)
  end,
}
