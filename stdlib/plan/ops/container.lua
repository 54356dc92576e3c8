-- Operations on containers. args.container is an id or a name; args.from a step that created it.
local made = require "plan.made"

local M = {}

local function handle(nas, step, run)
  if not step.args.from then
    return nas:container(step.args.container)
  end
  local result = run.results[step.args.from]
  return result and result.id and nas:container(result.id) or nil
end

local function look(container)
  local record, err = try(function()
    return container:inspect()
  end)
  if err and err.category ~= "not_found" then
    error(err, 0)
  end
  return record
end

-- What has to be as the plan found it. One that another step will make is not there yet.
local function observe(nas, step)
  if step.args.from then
    return nil
  end
  local c = look(nas:container(step.args.container))
  return c and { id = c.Id, name = c.Name, image = c.Image, running = c.State.Running, config = c.Config, host = c.HostConfig }
end

---args: name, body (the engine's), platform
M.create = {
  observe = function(nas, step)
    local c = look(nas:container(step.args.name))
    return c and c.Id
  end,
  check = made.find,
  apply = function(nas, step, run)
    local args, body = step.args, made.labelled(step.args.body, run:labels(step))
    local container = made.surely(nas.create, nas, body, { name = args.name, platform = args.platform })
    return { id = container.id, warnings = container.warnings }
  end,
  undo = function(nas, step, _, run)
    local found = made.find(nas, step, run)
    if found then
      nas:container(found.id):remove { force = true, volumes = true }
    end
  end,
}

---args: to, was
M.rename = {
  observe = observe,
  check = function(nas, step, run)
    local container = handle(nas, step, run)
    local c = container and look(container)
    return c and c.Name == "/" .. step.args.to and {} or nil
  end,
  apply = function(nas, step, run)
    handle(nas, step, run):rename(step.args.to)
  end,
  undo = function(nas, step, _, run)
    local container = handle(nas, step, run)
    local c = container and look(container)
    if c and c.Name == "/" .. step.args.to then
      container:rename(step.args.was)
    end
  end,
}

---args: timeout (seconds)
M.stop = {
  observe = observe,
  apply = function(nas, step, run)
    handle(nas, step, run):stop { timeout = step.args.timeout }
  end,
  -- A plan stops what ran when it was made.
  undo = function(nas, step, _, run)
    local container = handle(nas, step, run)
    local c = container and look(container)
    if c and not c.State.Running then
      container:start()
    end
  end,
}

M.start = {
  observe = observe,
  apply = function(nas, step, run)
    local container = handle(nas, step, run)
    local c = step.args.from and run.continued and look(container)
    if c and not c.State.StartedAt:find "^0001" then
      return -- by whoever paused the run for it, or before it was cut off; once is enough
    end
    local _, err = try(container.start, container)
    if err then
      local exit = require("create.container").start_exit_code(err)
      err = require("create.container").explain(nas, err)
      err.start_exit = exit
      error(err, 0)
    end
  end,
  undo = function(nas, step, _, run)
    local container = handle(nas, step, run)
    local c = container and look(container)
    if c and c.State.Running then
      container:stop()
    end
  end,
}

---args: monitor (seconds that it has to run where it has no healthcheck), timeout (seconds until it has to be healthy)
M.prove = {
  apply = function(nas, step, run)
    require("recreate.prove").proven(nas, handle(nas, step, run), step.args, run.log)
  end,
}

---args: force, volumes
M.remove = {
  observe = observe,
  check = function(nas, step, run)
    local container = handle(nas, step, run)
    return not (container and container:exists()) and {} or nil
  end,
  apply = function(nas, step, run)
    handle(nas, step, run):remove { force = step.args.force, volumes = step.args.volumes, link = step.args.link }
  end,
}

---args: resources, was (the same fields, before)
M.update = {
  observe = observe,
  apply = function(nas, step, run)
    return { warnings = handle(nas, step, run):update(step.args.resources) }
  end,
  undo = function(nas, step, _, run)
    if step.args.was then
      handle(nas, step, run):update(step.args.was)
    end
  end,
}

return M
