-- Operations on the containers of compose projects, beyond those of single ones.
local made = require "plan.made"

local M = {}

local IMAGE = "com.docker.compose.image"

-- "@s12" stands for the container that step s12 makes.
local function resolved(value, run)
  local before, id = value:match "^(.*)@(s%d+)$"
  return id and before .. run.results[id].id or value
end

local SPACES = { "NetworkMode", "IpcMode", "PidMode" }

local function fill_in(body, run)
  local host = body.HostConfig
  for _, key in ipairs(SPACES) do
    host[key] = host[key] and resolved(host[key], run)
  end
  for i, from in ipairs(host.VolumesFrom or {}) do
    host.VolumesFrom[i] = resolved(from, run)
  end
end

local function connect(nas, id, connects)
  for _, c in ipairs(connects or {}) do
    nas:network(c.network):connect(id, c.endpoint)
  end
end

local function remove(nas, name)
  local _, err = try(function() nas:container(name):remove { force = true } end)
  if err and err.category ~= "not_found" then error(err, 0) end
end

-- One that ran and failed is kept, stopped, for people to look into; the one before it goes.
local function keep_failed(nas, container, name)
  container:update { RestartPolicy = { Name = "no" } }
  container:stop()
  remove(nas, name)
  container:rename(name)
end

---args: name, body, platform, connects ({network, endpoint}[]), failed_name
M.create = {
  observe = function(nas, step)
    local record = try(function() return nas:container(step.args.name):inspect() end)
    return record and record.Id
  end,
  check = made.find,
  apply = function(nas, step, run)
    local args = step.args
    local body = made.labelled(args.body, run:labels(step))
    fill_in(body, run)
    body.Labels[IMAGE] = body.Labels[IMAGE] or nas:image(body.Image):inspect().Id
    local container = made.surely(nas.create, nas, body, { name = args.name, platform = args.platform })
    local ok, err = pcall(connect, nas, container.id, args.connects)
    if not ok then -- half a container would be in the way of the next try
      local _ <close> = defer(function() remove(nas, container.id) end)
      error(err, 0)
    end
    return { id = container.id, warnings = container.warnings }
  end,
  undo = function(nas, step, _, run)
    local found = made.find(nas, step, run)
    if not found then return end
    local container = nas:container(found.id)
    if step.args.failed_name and not container:inspect().State.StartedAt:find "^0001" then
      return keep_failed(nas, container, step.args.failed_name)
    end
    container:remove { force = true, volumes = true }
  end,
}

---The image of a service. args: service, source
M.build = {
  apply = function(nas, step, run)
    local project = require("compose.source").project(step.args.source)
    if not project then
      Error {
        category = "conflict", code = "files_changed", message = nas:cannot(("build service '%s'"):format(step.args.service)),
        why = "its compose files have changed since the plan was made", hint = "make the plan again", profile = nas.name,
      }
    end
    local warn = require("notices").warn
    return { id = require("compose.build").service(nil, nas, project, step.args.service, { log = run.log, warn = warn }) }
  end,
}

---The other containers of a project see a new one only now: it gets its names in its networks.
---args: from (step), networks ({network, endpoint}[])
M.join = {
  apply = function(nas, step, run)
    local id = run.results[step.args.from].id
    for _, n in ipairs(step.args.networks) do
      nas:network(n.network):disconnect(id, { force = true })
      nas:network(n.network):connect(id, n.endpoint)
    end
  end,
}

---Time for what is under way, or between two batches. args: seconds
M.pause = {
  apply = function(_, step, run)
    run.log(("waiting %g s"):format(step.args.seconds))
    require("task").sleep(step.args.seconds)
  end,
}

---Until what others depend on has come about. args: project, service, condition, timeout (seconds)
M.wait = {
  apply = function(nas, step, run)
    require("compose.conditions").await(nas, step.args, run.log)
  end,
}

---How many containers of a service may fail. args: steps (ids, the last of each container), ratio
M.judge = {
  apply = function(nas, step, run)
    local failed = 0
    for _, id in ipairs(step.args.steps) do
      if not run.results[id] then failed = failed + 1 end
    end
    if failed / #step.args.steps > step.args.ratio then
      Error {
        category = "fail", code = "too_many_failed", message = nas:cannot(("update service '%s'"):format(step.object.name)),
        why = ("%d of %d containers failed"):format(failed, #step.args.steps), profile = nas.name,
      }
    end
  end,
}

-- The last lines of what a command wrote.
local function tail(text)
  local lines = {}
  for line in text:gmatch "[^\r\n]+" do lines[#lines + 1] = line end
  return table.move(lines, math.max(1, #lines - 9), #lines, 1, {})
end

---A command that says whether a container does its work. args: from (the step that made it), command
M.verify = {
  apply = function(nas, step, run)
    local result = nas:container(run.results[step.args.from].id):exec({ cmd = step.args.command }):run()
    if result.code == 0 then return end
    local lines = tail(result.stdout .. "\n" .. result.stderr)
    Error {
      category = "fail", code = "not_verified", profile = nas.name, message = nas:cannot "take the new project into use",
      why = ("%s: '%s' ended with exit code %d"):format(step.object.name, table.concat(step.args.command, " "), result.code),
      reason = ("'%s' ended with exit code %d"):format(table.concat(step.args.command, " "), result.code), lines = lines,
    }
  end,
}

local function gone(object)
  local _, err = try(object.remove, object, { force = true, volumes = true })
  if err and err.category ~= "not_found" then error(err, 0) end
end

---Containers, networks and volumes that bear a label. args: label
M.clear = {
  apply = function(nas, step)
    local filters = { label = { step.args.label } }
    for _, c in ipairs(nas:containers { all = true, filters = filters }) do gone(nas:container(c.Id)) end
    for _, n in ipairs(nas:networks { filters = filters }) do gone(nas:network(n.Id)) end
    for _, v in ipairs((nas:volumes { filters = filters })) do gone(nas:volume(v.Name)) end
  end,
}

return M
