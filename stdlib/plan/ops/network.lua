-- Operations on networks.
local M = {}

local function look(nas, step)
  local record, err = try(function()
    return nas:network(step.args.network):inspect()
  end)
  if err and err.category ~= "not_found" then
    error(err, 0)
  end
  return record
end

---args: body (the engine's)
M.create = {
  observe = function(nas, step)
    local record = look(nas, { args = { network = step.args.body.Name } })
    return record and record.Id
  end,
  check = function(nas, step)
    local record = look(nas, { args = { network = step.args.body.Name } })
    return record and { id = record.Id }
  end,
  apply = function(nas, step)
    return { id = nas:create_network(step.args.body).ref }
  end,
}

---args: network, container, endpoint
M.connect = {
  apply = function(nas, step)
    nas:network(step.args.network):connect(step.args.container, step.args.endpoint)
  end,
}

---args: network, container (ids), endpoint (to join it again with)
M.disconnect = {
  apply = function(nas, step)
    nas:network(step.args.network):disconnect(step.args.container, { force = true })
  end,
  undo = function(nas, step)
    nas:network(step.args.name):connect(step.args.container, step.args.endpoint)
  end,
}

---args: network (id), lenient: one that others still use stays
M.remove = {
  observe = function(nas, step)
    local record = look(nas, step)
    return record and { id = record.Id, containers = record.Containers }
  end,
  check = function(nas, step)
    return not look(nas, step) and {} or nil
  end,
  apply = function(nas, step, run)
    local network = nas:network(step.args.network)
    if not step.args.lenient then
      return network:remove()
    end
    local _, err = try(network.remove, network)
    if err and err.code ~= "network_in_use" and err.category ~= "not_found" then
      error(err, 0)
    elseif err and err.category ~= "not_found" then
      require("notices").note(("network %s stays: others use it"):format(step.object.name))
    end
    return run and { kept = err ~= nil }
  end,
}

return M
