-- Operations of a move around the moment in which the target takes over: never do both run. Dependencies: migrate.trees, plan.ops.migrate.
local made = require "plan.made"
local trees = require "migrate.trees"

local M = {}

local LABEL = "qnap-docker.journal"

local function now()
  local seconds, ns = require("sys").time()
  return seconds + ns / 1e9
end

local function look(nas, ref)
  local record, err = try(function() return nas:container(ref):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return record
end

local function policy(container, record, wanted)
  local has = record.HostConfig.RestartPolicy or {}
  if (has.Name or "no") == wanted.Name and (has.MaximumRetryCount or 0) == (wanted.MaximumRetryCount or 0) then return end
  container:update { RestartPolicy = wanted }
end

---args: name, body, image (step that brought it), platform, trees (of its volumes); secrets_from and secrets_at for plan.secrets
M.create = {
  observe = function(nas, step) return (look(nas, step.args.name) or {}).Id end,
  check = made.find,
  apply = function(nas, step, run)
    local args = step.args
    local body = made.labelled(args.body, run:labels(step))
    local image = run.results[args.image]
    local named = image and try(function() return nas:image(body.Image):inspect() end)
    if image and not (named and named.Id == image.id) then body.Image = image.id end
    for _, tree in ipairs(args.trees or {}) do
      if tree.to.volume and trees.must_stay_empty(run, tree) then require("migrate.body").keep_empty(body, tree.to.volume) end
    end
    local container = made.surely(nas.create, nas, body, { name = args.name, platform = args.platform })
    for _, tree in ipairs(args.trees or {}) do trees.clear_filled(run, step, tree) end
    return { id = container.id, warnings = container.warnings }
  end,
  -- One that ran is kept, stopped: what it wrote is in its volumes.
  undo = function(nas, step, _, run)
    local found = made.find(nas, step, run)
    local record = found and look(nas, found.id)
    if not record then return end
    if record.State.StartedAt:find "^0001" then
      nas:container(found.id):remove { force = true }
    else
      require("notices").note(("container %s stays on %s, stopped: it has run there"):format(step.args.name, nas.name))
    end
  end,
}

local told_to_stop = {} -- id of a job -> ids of containers

-- A copy that another process made is not known here: once more, as long as it can be done while the source runs.
local function warm_again(run, args)
  for _, id in ipairs(args.copies or {}) do
    for _, step in ipairs(run.plan.steps) do
      if step.id == id and not trees.is_warm(run, step.args.tree) then trees.precopy(run, step) end
    end
  end
end

local function each(levels, fn)
  for _, level in ipairs(levels) do require("task").map(level, fn) end
end

-- Last to first.
local function reversed(levels)
  local out = {}
  for i = #levels, 1, -1 do out[#out + 1] = levels[i] end
  return out
end

-- An engine goes on with a stop that nobody waits for any more: who may have been told to stop is waited for, then started.
local function bring_back(nas, levels, told)
  each(reversed(levels), function(c)
    local container, record = nas:container(c.id), look(nas, c.id)
    if not record then return end
    local running = record.State.Running
    if c.running and running and told and told(c.id) then
      container:stop()
      running = false
    end
    if c.running and not running then container:start() end
    policy(container, record, c.policy)
  end)
end

local function observed(nas, step)
  local out = require("json").array {}
  for _, level in ipairs(step.args.levels) do
    for _, c in ipairs(level) do
      local record = look(nas, c.id)
      out[#out + 1] = record and { id = record.Id, running = record.State.Running, config = record.Config,
        host = record.HostConfig } or c.id
    end
  end
  return out
end

-- An engine that crashed stops what it finds running when it comes up again, takes that for a user's stop, and leaves what restarts
-- "unless-stopped". Another policy than the plan found: somebody else decided meanwhile, another move it may be.
local function left_stopped(c, record)
  local has = record.HostConfig.RestartPolicy or {}
  return c.running and not record.State.Running and c.policy.Name == "unless-stopped" and has.Name == c.policy.Name
end

---Nothing, but when the plan is taken back, the source runs as it did, although nothing may have stopped it; and the containers which
---copies work through go. args: levels
M.source = {
  apply = function() end,
  undo = function(nas, step, _, run)
    each(reversed(step.args.levels), function(c)
      local record = look(nas, c.id)
      if not record or not left_stopped(c, record) then return end
      nas:container(c.id):start()
      require("notices").note(("container %s is started on %s, whose engine had left it stopped"):format(c.name, nas.name))
    end)
    require("plan.ops.migrate").remove_helpers(nas, run)
  end,
}

---The source stops, and does not come up by itself again. args: levels (of {id, name, running, policy}; each is stopped before the next),
---copies (steps of the warm copy)
M.freeze = {
  observe = observed,
  apply = function(nas, step, run)
    warm_again(run, step.args)
    each(step.args.levels, function(c)
      local record = look(nas, c.id)
      if record then policy(nas:container(c.id), record, { Name = "no" }) end
    end)
    local at = now()
    told_to_stop[run.id] = {}
    each(step.args.levels, function(c)
      run.log("stopping " .. c.name)
      told_to_stop[run.id][c.id] = true
      nas:container(c.id):stop()
    end)
    return { at = at, stopped = now() }
  end,
  undo = function(nas, step, result, run)
    local known = told_to_stop[run.id] -- by this process; what another one did is not known
    bring_back(nas, step.args.levels, not result.at and function(id) return not known or known[id] end)
  end,
}

---The source goes on, as it was: only its data was wanted. args: levels
M.thaw = {
  apply = function(nas, step)
    bring_back(nas, step.args.levels)
    return { at = now() }
  end,
  undo = function() end,
}

local function refuse_both(run, source)
  local nas = run.options.nas_of(source.target)
  for _, id in ipairs(source.ids) do
    local record = look(nas, id)
    if record and record.State.Running then
      Error {
        category = "conflict", code = "source_runs", profile = nas.name, message = "the copy is not started: both would run",
        why = ("container %s was started on %s meanwhile"):format(record.Name:sub(2), nas.name),
      }
    end
  end
end

local function start(nas, id)
  local container = nas:container(id)
  local record = container:inspect()
  if record.State.Running then return end
  local _, err = made.surely(try, container.start, container) -- the source must not be started while the engine goes on with this
  if err then error(require("create.container").explain(nas, err), 0) end
end

-- What the job made there and runs. A list tells "created" of one that is just being started; inspect and stop wait for that start.
local function stop_all(nas, run)
  local list = nas:containers { all = true, filters = { label = { LABEL .. "=" .. run.id } } }
  require("task").map(list, function(c)
    if (c.Labels or {})[trees.HELPER] then return end
    local container = nas:container(c.Id)
    policy(container, container:inspect(), { Name = "no" })
    container:stop()
  end)
end

---The target takes over. args: containers (of {from: step, name, policy, after: steps that have to be healthy before}), source
--- ({target, ids}
---that must not run; nil: it may), frozen, max_downtime
M.start = {
  apply = function(nas, step, run)
    local args = step.args
    if args.source then refuse_both(run, args.source) end
    require("plan.ops.migrate").within(run, args, function()
      for _, c in ipairs(args.containers) do
        for _, id in ipairs(c.after or {}) do
          require("recreate.prove").proven(nas, nas:container(run.results[id].id), { monitor = 0, may_end = true }, run.log)
        end
        run.log("starting " .. c.name)
        local id = run.results[c.from].id
        start(nas, id)
        policy(nas:container(id), look(nas, id), c.policy)
      end
    end)
    return { at = now() }
  end,
  undo = function(nas, _, _, run) stop_all(nas, run) end,
}

---args: containers (as of start, with health: boolean), monitor (seconds)
M.health = {
  apply = function(nas, step, run)
    local healthy
    require("task").map(step.args.containers, function(c)
      local id, may_end = run.results[c.from].id, c.policy.Name == "no" or c.policy.Name == ""
      require("recreate.prove").proven(nas, nas:container(id), { monitor = step.args.monitor, may_end = may_end }, run.log)
      if c.health then healthy = now() end
    end)
    return { at = healthy }
  end,
  undo = function() end,
}

---The source's containers go; their data stays. args: containers ({id, name})
M.discard = {
  check = function(nas, step)
    for _, c in ipairs(step.args.containers) do
      if look(nas, c.id) then return nil end
    end
    return {}
  end,
  apply = function(nas, step)
    for _, c in ipairs(step.args.containers) do
      local container = nas:container(c.id)
      local _, err = try(container.remove, container, {})
      if err and err.category ~= "not_found" then
        require("notices").warn(("container %s stays on %s, stopped: %s"):format(c.name, nas.name, err.message))
      end
    end
  end,
}

---How long what moved was down, from the records of a run. Pure.
---@param args table of finish
---@param results table<string, table>
---@return {downtime?: number, healthy_after?: number, bytes: integer, files: integer} seconds
function M.measured(args, results)
  local stop, up, health = results[args.frozen], results[args.started or args.thawed], results[args.healthy]
  local out = { bytes = 0, files = 0 }
  if stop and stop.at and up and up.at then out.downtime = math.max(0, up.at - stop.at) end
  if stop and stop.at and health and health.at then out.healthy_after = math.max(0, health.at - stop.at) end
  for _, id in ipairs(args.copies or {}) do
    out.bytes, out.files = out.bytes + ((results[id] or {}).bytes or 0), out.files + ((results[id] or {}).files or 0)
  end
  return out
end

---Marks and helpers go; the downtime is told. args: source (profile), frozen, started, thawed, healthy (steps), copies (steps), paths, root
M.finish = {
  apply = function(nas, step, run)
    local args, ops = step.args, require "plan.ops.migrate"
    local function tidy(fn, ...)
      local _, err = try(fn, ...)
      if err then require("notices").warn(("something is left to tidy up: %s"):format(err.message)) end
    end
    tidy(ops.remove_helpers, nas, run)
    tidy(ops.remove_helpers, run.options.nas_of(args.source), run)
    if args.started then -- what never ran goes with an undo, later, too
      tidy(ops.unmark, nas, run, args.paths or {})
      if args.root then tidy(ops.own, nas, run, args.root) end
    end
    trees.forget(run)
    return M.measured(args, run.results)
  end,
  undo = function() end,
}

return M
