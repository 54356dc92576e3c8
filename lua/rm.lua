-- rm: remove containers. DELETE /containers/{id}.
local selection = require "listing.selection"

-- Named volumes outlive the container: where a person reads, they are told.
local function named_volumes(nas, name)
  if not require("ui").is_tty "stderr" then return {} end
  local c, out = try(function() return nas:container(name):inspect() end), {}
  for _, m in ipairs(c and c.Mounts or {}) do
    if m.Type == "volume" and not (#m.Name == 64 and m.Name:find "^%x+$") then out[#out + 1] = m.Name end
  end
  return out
end

local function remove(ctx, nas, name)
  local f = ctx.flags
  if name:find "^[/%s]*$" then -- an empty variable in a script: no -f makes that right
    Error {
      category = "usage", code = "empty_name", message = "a container's name cannot be empty", hint = "qnap-docker ps -a", exit_code = 1,
    }
  end
  local volumes = named_volumes(nas, name)
  local _, err = try(function() nas:container(name):remove { force = f.force, volumes = f.volumes, link = f.link } end)
  if not err then
    if #volumes > 0 then ctx:note(("%s is gone; kept: volume %s"):format(name, table.concat(volumes, ", "))) end
    return name
  end
  if f.force and err.category == "not_found" and err.code ~= "ambiguous_id" then -- docker's rm -f says so, and goes on
    ctx:note("Error response from daemon: " .. (err.engine or err.why or err.message))
    return nil
  end
  if err.category == "conflict" and (err.engine or err.why or ""):find "running container" then
    err.code, err.hint = "container_running", ("qnap-docker stop %s\nor rm -f %s"):format(name, name)
  end
  error(err, 0)
end

return {
  summary = "Remove one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, optional = true, complete = "containers" } },
  flags = {
    { "force", short = "f", help = "Remove a running container (it is killed)" },
    { "volumes", short = "v", help = "Remove its anonymous volumes, too" },
    { "link", short = "l", help = "Remove the named link" },
    { "stopped", help = "All stopped containers" },
    { "all", hidden = true, help = "All containers" },
    table.unpack(selection.flags(), 2),
  },
  uses = { "targets", "confirm" },
  examples = {
    { "rm web", "A stopped container; named volumes are kept" },
    { "rm -f web", "Also when it runs" },
    { "rm --stopped", "Every stopped one, after a question" },
  },
  run = function(ctx)
    local f = ctx.flags
    f.all = f.all or f.stopped
    local states = { "exited", "created", "dead" }
    if f.force then states[#states + 1] = "running" end
    selection.each(ctx, { verb = "rm", states = states }, function(nas, name) return remove(ctx, nas, name) end)
  end,
}
