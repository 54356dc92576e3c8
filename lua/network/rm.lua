-- network rm: DELETE /networks/{id}.
local networks = require "listing.networks"

local function names_of(list)
  local out = {}
  for i, endpoint in ipairs(list) do out[i] = endpoint.name end
  return out
end

-- Who is in it, so that the reader knows what to disconnect.
local function explain(nas, name, err)
  local ok, list = pcall(networks.endpoints, nas, name)
  if not ok or #list == 0 then return end
  local names = names_of(list)
  err.code, err.category = "network_in_use", "conflict"
  err.why = ("%s %s in it: %s"):format(#names == 1 and "a container" or #names .. " containers", #names == 1 and "is" or "are",
    table.concat(names, ", "))
  err.hint = ("qnap-docker network disconnect %s %s\nor take them all out: --force-disconnect"):format(name, names[1])
end

local function remove(ctx, nas, name)
  local network = nas:network(name)
  if ctx.flags.force_disconnect then
    for _, endpoint in ipairs(networks.endpoints(nas, name)) do network:disconnect(endpoint.id, { force = true }) end
  end
  local _, err = try(network.remove, network)
  if not err then return ctx:named(nas, name) end
  if ctx.flags.force and err.category == "not_found" then return nil end
  if err.code == "predefined_network" then err.hint = err.hint or "bridge, host and none belong to the engine itself" end
  if err.code == "network_in_use" then explain(nas, name, err) end
  error(err, 0)
end

return {
  summary = "Remove one or more networks",
  group = "networks",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "network", variadic = true, complete = "networks" } },
  flags = {
    { "force", short = "f", help = "Do not mind networks that do not exist" },
    { "force-disconnect", help = "Take its containers out of it first" },
  },
  uses = { "targets", "confirm" },
  examples = { { "network rm web" }, { "network rm --force-disconnect web", "Also while containers are in it" } },
  run = function(ctx)
    ctx:each_target(function(nas)
      ctx:each_item(ctx.args.network, function(name) return remove(ctx, nas, name) end)
    end)
  end,
}
