-- pause: freeze all processes of containers. POST /containers/{id}/pause.
local selection = require "listing.selection"

-- What the runtime says where the kernel cannot freeze is of no use to its reader.
local function explained(err, nas, name)
  local text = err.engine or ""
  if text:find("freezer", 1, true) and err.category ~= "not_found" then
    err.category, err.code = "unsupported", "no_freezer"
    err.why = ("the kernel of %s has no freezer for cgroups; nothing can be paused there"):format(nas.name)
    err.hint = "qnap-docker stop " .. name
  end
  return err
end

return {
  summary = "Pause all processes within one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running", optional = true } },
  flags = selection.flags(),
  uses = { "targets", "confirm" },
  examples = {
    { "pause web", "Its processes stand still and keep their memory" },
    { "pause --project shop", "Those of a compose project" },
  },
  run = function(ctx)
    selection.each(ctx, { verb = "pause", states = { "running" } }, function(nas, name)
      local _, err = try(function() nas:container(name):pause() end)
      if err then error(explained(err, nas, name), 0) end
      return name
    end)
  end,
}
