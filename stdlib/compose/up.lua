-- Bringing a project to its declared state. Dependencies: plan, compose.planner, compose.situation.
local planner = require "compose.planner"
local tables = require "compose.tables"

local M = {}

-- What each service will run, where no image has to come first; nil where one has.
local function images_of(p)
  local record, out = require "compose.record", {}
  for name in pairs(p.project.model.services) do
    local ref = require("compose.body").image(p.project, name)
    local image = p.situation.images[ref]
    if not image or p.needs["image:" .. ref] then return nil end
    out[name] = { image = ref, id = image.Id, digest = record.digest(image, ref) }
  end
  return out
end

-- What the NAS keeps, as it was when the plan was made: it counts if nobody came between.
local function stored_of(p)
  local s, mounted = p.stored, require("json").array {}
  for number in pairs(require("compose.record").mounted(p.situation.containers)) do mounted[#mounted + 1] = number end
  return { revision = s.revision, files = s.files, revisions = s.revisions, directories = s.directories, mounted = mounted }
end

-- Registries' digests of the images that are there already, by id.
local function known_digests(p)
  local out = {}
  for _, image in pairs(p.situation.images) do
    if image then out[image.Id] = image.RepoDigests or require("json").array {} end
  end
  return out
end

-- Everything that changes something ends as a revision.
local function add_record(p, command)
  local all, services = {}, {}
  for i, step in ipairs(p.plan.steps) do all[i] = step.id end
  for _, name in ipairs(planner.chosen(p)) do services[#services + 1] = name end
  p.plan:add {
    target = p.target, op = "project.record", verb = "record", danger = 0, quiet = true, object = { kind = "project",
      name = p.project.name },
    follows = all,
    args = {
      project = p.project.name, number = p.stored.next, command = p.options.recorded or command,
        source = require("compose.source").of(p.source),
      services = require("json").array(services), known = known_digests(p),
      images = #(p.options.services or {}) == 0 and not p.options.no_recreate and images_of(p) or nil,
      stored = stored_of(p),
    },
  }
end

---Makes the plan. Only reads.
---@async
---@param nas docker.Nas
---@param project compose.Project
---@param options compose.UpOptions
---@param command string the words that made it
---@param bring? table<string, "pull"|"build"> images that are to be looked for, although they may be there
---@return compose.Planning
function M.plan(nas, project, options, command, bring)
  if nas.session then nas.session:prepare() end
  local reader = require("plan").reader(nas)
  local p = {
    bring = bring, project = project, target = nas.name, source = project, options = options,
    plan = require("plan").new {
      command = command, at_once = true, project = project.name, confirm = options.confirm,
    },
    look = function(id) return reader:container(id):inspect() end,
  }
  local sync, store = require "compose.sync", require "compose.store"
  require("task").all {
    function() p.situation = require("compose.situation").of(reader, project, planner.chosen(p)) end,
    function() p.left = require("compose.blue_green").left(reader, project.name) end,
    function() p.stored = store.read(reader, project.name, { paths = sync.paths(nas, project) }) end,
  }
  table.move(options.loose or {}, 1, #(options.loose or {}), #p.situation.containers + 1, p.situation.containers)
  p.files = options.prepare and options.prepare(reader, p.stored) or sync.prepare(reader, project, p.stored, options)
  p.project, p.digests = p.files.project, p.files.digests
  p.notes = table.move(p.files.notices, 1, #p.files.notices, 1, {})
  local blue_green = require "compose.blue_green"
  blue_green.clear_left(p)
  if options.strategy == "blue-green" then blue_green.plan(reader, p) else planner.up(p) end
  require("compose.preflight").check(reader, p)
  if #p.plan.steps > 0 then add_record(p, command) end
  return p
end

-- Containers that failed although they were started, and services that are not healthy yet: what the look at the whole project says
-- that ends a plan.
local function unsettled(nas, p, run)
  local list, failed, waiting = {}, {}, {}
  for _, step in ipairs(run and p.plan.steps or {}) do
    if step.op == "project.record" then list = (run.results[step.id] or {}).unsettled or {} end
  end
  for _, c in ipairs(list) do
    if c.exit_code then
      failed[#failed + 1] = select(2, try(Error, {
        category = "fail", code = "not_running", message = ("%s ended with exit code %d"):format(c.name, c.exit_code), profile = nas.name,
        hint = "qnap-docker compose logs " .. c.service,
      }))
    else
      waiting[c.service] = true
    end
  end
  for _, name in ipairs(planner.chosen(p)) do -- those that were at rest may have been started a moment ago
    for _, c in ipairs(p.counted[name] or {}) do
      waiting[name] = waiting[name] or (c.health and c.health ~= "healthy" and c.state == "running") or nil
    end
  end
  return failed, tables.sorted(waiting)
end

-- Whether all is well in the end.
local function settled(ctx, nas, p, run)
  local failed, waiting = unsettled(nas, p, run)
  if #failed > 0 then
    require("cli.items").report(ctx, failed)
    ctx:exit(1)
    return false
  end
  for _, name in ipairs(waiting) do
    local wanted = { project = p.project.name, service = name, condition = "service_healthy", timeout = p.options.wait_timeout }
    require("compose.conditions").await(nas, wanted)
  end
  return true
end

local function sum(p)
  local made, remade, updated, gone = 0, 0, 0, 0
  for _, step in ipairs(p.plan.steps) do
    if step.object.kind == "container" and not step.quiet then
      if step.symbol == "+" then made = made + 1 elseif step.symbol == "~" then remade = remade + 1
      elseif step.symbol == "^" then updated = updated + 1 elseif step.symbol ~= "=" then gone = gone + 1 end
    end
  end
  return made, remade, updated, gone
end

local function tell(ctx, nas, p)
  local made, remade, updated, gone = sum(p)
  local running = 0
  for _, list in pairs(p.counted) do running = running + #list end
  if #p.plan.steps == 0 then
    return ctx:note(("%s on %s is as declared: nothing to do (%d container%s)"):format(p.project.name, nas.name, running,
      running == 1 and "" or "s"))
  end
  local words = { ("%d created, %d recreated"):format(made, remade) }
  if updated > 0 then words[2] = ("%d updated in place"):format(updated) end
  words[#words + 1] = ("%d removed, %d unchanged"):format(gone, running - updated)
  ctx:note(("%s on %s: %s"):format(p.project.name, nas.name, table.concat(words, ", ")))
end

-- The container's own words, under its name.
local function quote(ctx, name, err)
  for _, line in ipairs(err.lines or {}) do
    ctx:note(("  %s | %s"):format(name, require("ui.text").clean((line:gsub("%s+$", "")))))
  end
  if err.probe then ctx:note(("  %s healthcheck | %s"):format(name, require("ui.text").clean(err.probe))) end
end

local function failures(ctx, p, run)
  local out, replaced = {}, {}
  for _, step in ipairs(p.plan.steps) do
    if step.op == "compose.create" and step.symbol == "~" then replaced[step.group or ""] = true end
  end
  for i, failure in ipairs(run.failed) do
    local err, step = failure.err, failure.step
    quote(ctx, step.object.name, err)
    err.why = ("%s: %s"):format(step.object.name, err.reason or err.why or err.engine or err.code)
    local whole = not p.project.model.services[step.group or ""] -- a group of all services
    local back = err.undone and (whole and p.unchanged or replaced[step.group] and ("service '%s' runs as before"):format(step.group))
    err.why = back and err.why .. "; " .. back or err.why
    out[i] = err
  end
  return out
end

---Brings a project up: shows the plan, does it, waits, says what came of it.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param options compose.UpOptions
---@return boolean well
function M.run(ctx, nas, project, options)
  local only_shown = ctx.flags.dry_run or ctx.global.dry_run or ctx.flags.plan_out
  local images = require "compose.images"
  local names = require("compose.chosen").services(project, options.services, not options.no_deps)
  local bring, by = images.wanted(project, names, options)
  if next(bring) and not only_shown then images.bring(ctx, nas, project, bring, by, options) end
  local p = M.plan(nas, project, options, options.command or ctx.spec.name, only_shown and bring or nil)
  for _, line in ipairs(p.notes) do ctx:warn(line) end
  if #p.plan.steps > 0 and not only_shown then nas.engine:warm(4) end -- while the project is being locked
  local run = ctx:apply(p.plan, { visible = true })
  if ctx.display then ctx.display:close() end
  if only_shown then return true end
  if run and #run.failed > 0 then
    require("cli.items").report(ctx, failures(ctx, p, run))
    ctx:exit(1)
    return false
  end
  if options.wait ~= false and not options.no_start and not settled(ctx, nas, p, run) then return false end
  tell(ctx, nas, p)
  return true
end

---Starts services that another command needs, with what they depend on. Nothing is recreated.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param project compose.Project
---@param names string[]
function M.services(ctx, nas, project, names)
  if #names == 0 then return end
  local p = M.plan(nas, project, { services = names, no_recreate = true }, ctx.spec.name)
  if #p.plan.steps == 0 then return end
  local run = ctx:apply(p.plan, { asked = true })
  if run and #run.failed > 0 then error(run.failed[1].err, 0) end
end

---Services of profiles that are not enabled are, when they are named: their profiles count.
---@param ctx cli.Context
---@param names string[]
---@return compose.Project
function M.load(ctx, names)
  local cli = require "compose.cli"
  local project = cli.expanded(ctx)
  local more, wanted = {}, tables.set(names)
  for name, service in pairs(project.disabled or {}) do
    if wanted[name] then table.move(service.profiles or {}, 1, 1, #more + 1, more) end
  end
  if #more == 0 then return project end
  table.move(more, 1, #more, #ctx.flags.compose_profile + 1, ctx.flags.compose_profile)
  return cli.expanded(ctx)
end

---"web=3" of --scale.
---@param list string[]
---@return table<string, integer>
---@raise usage "bad_flag_value"
function M.scale(list)
  local out = {}
  for _, text in ipairs(list) do
    local name, count = text:match "^([^=]+)=(%d+)$"
    if not name then
      Error { category = "usage", code = "bad_flag_value", message = ("invalid value \"%s\" for --scale"):format(text),
        why = "SERVICE=NUMBER is expected" }
    end
    out[name] = math.tointeger(tonumber(count))
  end
  return out
end

return M
