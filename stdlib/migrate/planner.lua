-- The steps of a move, in their order. Pure. Dependencies: plan, migrate.{body,maps,networks,preflight,facts}.
local bodies = require "migrate.body"
local maps = require "migrate.maps"

local M = {}

local MONITOR = 2 -- seconds that a container without a healthcheck has to run

---@class migrate.Planning
---@field plan plan.Plan
---@field f migrate.Facts
---@field options migrate.Options
---@field a string profile of the source
---@field b string profile of the target
---@field images table<string, string> id of an image -> step
---@field trees table<string, migrate.TreeArgs> key -> the tree's
---@field precopies string[] steps
---@field created table<string, string> id of a container -> step

local function add(p, target, op, args, more)
  local step = { target = target, op = op, args = args, danger = 0, verb = op:match "%a+$" }
  for key, value in pairs(more or {}) do step[key] = value end
  return p.plan:add(step).id
end

local function quiet(name) return { quiet = true, object = { kind = "step", name = name } } end

local function add_images(p)
  for _, c in ipairs(p.f.containers) do
    if not p.images[c.record.Image] then
      local there = p.f.there.images[c.record.Image] ~= nil
      p.images[c.record.Image] = add(p, p.b, "migrate.image", {
        from = p.a, ref = c.ref, image = c.record.Image, how = p.options.image, bandwidth = p.options.bandwidth,
        other_build = M.other_build(p.f, c) or nil,
      }, {
        verb = there and "keep" or "pull", object = { kind = "image", name = c.ref }, quiet = there,
        describe = there and ("image %s is there"):format(c.ref) or ("bring image %s from %s"):format(c.ref, p.a), apart = true,
      })
    end
  end
end

---Whether the target needs another build of a container's image.
---@param f migrate.Facts
---@param c migrate.Container
---@return boolean
function M.other_build(f, c)
  local names = { x86_64 = "amd64", aarch64 = "arm64", armv7l = "arm" }
  local there = f.info.to.Architecture or ""
  return there ~= "" and (c.image.Architecture or "") ~= "" and (names[there] or there) ~= c.image.Architecture
end

local function add_networks(p)
  for _, body in ipairs(require("migrate.networks").bodies(p.f)) do
    add(p, p.b, "migrate.network", { body = body }, {
      verb = "create", danger = 1, object = { kind = "network", name = body.Name }, apart = true,
    })
    p.f.there.networks[body.Name] = body
  end
end

local function without_own(labels)
  local out = {}
  for key, value in pairs(labels or {}) do
    if key ~= "qnap-docker.journal" and key ~= "qnap-docker.step" then out[key] = value end
  end
  return out
end

local function add_volume(p, tree)
  if tree.moves and tree.overwrites and p.f.there.volumes[tree.to] then
    add(p, p.b, "migrate.overwrite", { volume = tree.to, images = require("json").array { p.f.containers[1].record.Image } }, {
      verb = "replace", danger = 3, object = { kind = "volume", name = tree.to }, symbol = "^",
      describe = ("what volume %s holds is copied to a volume beside it, then replaced"):format(tree.to),
    })
  end
  if p.f.there.volumes[tree.to] or p.options.data_only then return end
  p.f.there.volumes[tree.to], p.f.there.planned[tree.to] = { Name = tree.to }, true
  local v = p.f.volumes[tree.volume] or {}
  add(p, p.b, "migrate.volume", {
    options = { name = tree.to, driver = v.Driver, driver_opts = v.Options, labels = without_own(v.Labels) },
  }, { verb = "create", danger = 1, object = { kind = "volume", name = tree.to }, apart = true })
end

-- A folder that begins empty, as its volume would.
local function lacks_folder(p, tree)
  local there = p.f.look.to.paths[tree.to]
  return require("migrate.preflight").makes_folder(p.options, tree) and there ~= nil and there.kind == "no" and not p.f.there.planned[tree.to]
end

local function add_places(p)
  local f = p.f
  for _, tree in ipairs(f.trees) do
    if tree.volume then
      add_volume(p, tree)
    elseif (tree.moves or lacks_folder(p, tree)) and not tree.own then
      f.there.planned[tree.to] = true
      add(p, p.b, "migrate.folder", { path = tree.to, file = tree.file }, {
        verb = "create", danger = 1, object = { kind = tree.file and "file" or "folder", name = tree.to }, apart = true,
      })
    end
  end
  if require("migrate.facts").has_files(f) and not p.options.data_only then
    local facts = require "migrate.facts"
    add(p, p.b, "migrate.files", {
      from = p.a, project = f.project, root = facts.root(f, "from"), to = facts.root(f, "to"), models = p.options.models ~= false,
    }, { verb = "create", danger = 1, describe = "copy the files and revisions of project " .. f.project, apart = true,
      object = { kind = "project", name = f.project } })
  end
end

local function tree_args(p, tree)
  local from, to = {}, {}
  for _, c in ipairs(p.f.containers) do from[#from + 1], to[#to + 1] = c.record.Image, c.ref end
  local json = require "json"
  return {
    key = tree.key, from = { target = p.a, volume = tree.volume, path = tree.path, file = tree.file },
    to = { volume = tree.volume and tree.to or nil, path = tree.path and tree.to or nil, file = tree.file },
    images_from = json.array(from), images_to = json.array(to),
  }
end

local function copy_options(p)
  return { bandwidth = p.options.bandwidth, direct = p.options.direct or nil, verify = p.options.verify,
    max_downtime = p.options.max_downtime }
end

local function with(options, more)
  for key, value in pairs(options) do
    if more[key] == nil then more[key] = value end
  end
  return more
end

---Whether the data is copied while it is written to.
---@param f migrate.Facts
---@param options migrate.Options
---@return boolean
---@return string? why not, where nobody asked for the cold strategy
function M.is_warm(f, options)
  if options.strategy == "cold" then return false end
  local any = false
  for _, tree in ipairs(f.trees) do
    if tree.moves then
      any = true
      if not tree.way_from.warm or not tree.way_to.warm then
        local cold = tree.way_from.warm and tree.way_to or tree.way_from
        return false, ("%s cannot be copied while it is written to: %s"):format(tree.key, cold.why or "there is no shell for it")
      end
    end
  end
  for _, c in ipairs(f.containers) do
    if c.running then return any end
  end
  return false
end

local function add_trees(p, warm)
  local human = require("units").human_size
  for _, tree in ipairs(p.f.trees) do
    if tree.moves then
      p.trees[tree.key] = tree_args(p, tree)
      p.list[#p.list + 1] = p.trees[tree.key]
      if warm then
        p.precopies[#p.precopies + 1] = add(p, p.b, "migrate.precopy", with(copy_options(p), { tree = p.trees[tree.key] }), {
          verb = "copy", danger = 1, object = { kind = "data", name = tree.key }, apart = true,
          describe = ("copy %s (%s) while it is in use"):format(tree.key, human(tree.bytes or 0)),
        })
      end
    end
  end
end

local function names_of(f)
  local out = {}
  for _, c in ipairs(f.containers) do out[c.id], out[c.name] = c.to, c.to end
  return out
end

local function network_names(f)
  local out = {}
  for name, n in pairs(f.networks) do out[n.Id] = name end
  return out
end

local function add_containers(p)
  if p.options.data_only then return end
  local f, names, networks = p.f, names_of(p.f), network_names(p.f)
  for _, c in ipairs(f.containers) do
    local body = bodies.of(c.record, c.image, { ref = c.ref, maps = p.options.maps, names = names, networks = networks })
    if p.options.body then p.options.body(body, c) end
    local mine = require("json").array {}
    for name in pairs(bodies.uses(c.body).volumes) do mine[#mine + 1] = p.trees["volume " .. name] end
    p.created[c.id] = add(p, p.b, "cutover.create", {
      name = c.to, body = body, image = p.images[c.record.Image], trees = mine, secrets_from = c.id, secrets_at = p.a,
    }, { verb = "create", danger = 1, object = { kind = "container", name = c.to }, apart = true })
  end
end

-- Containers of a level are stopped at once: those that others depend on come later.
local function levels_of(f)
  local by, level, levels = {}, {}, {}
  for _, c in ipairs(f.containers) do by[c.name] = c end
  for i = #f.containers, 1, -1 do
    local c = f.containers[i]
    level[c.name] = level[c.name] or 1
    for name in pairs(M.dependencies(f, c)) do
      if by[name] then level[name] = math.max(level[name] or 1, level[c.name] + 1) end
    end
  end
  local json = require "json"
  for _, c in ipairs(f.containers) do
    local n = level[c.name]
    for i = #levels + 1, n do levels[i] = json.array {} end
    local policy = c.record.HostConfig.RestartPolicy or {}
    table.insert(levels[n], {
      id = c.id, name = c.name, running = c.running,
      policy = { Name = policy.Name ~= "" and policy.Name or "no", MaximumRetryCount = policy.MaximumRetryCount },
    })
  end
  return json.array(levels)
end

---Names of the moving containers that one depends on, and whether they have to be healthy first.
---@param f migrate.Facts
---@param c migrate.Container
---@return table<string, string> name -> condition
function M.dependencies(f, c)
  local out, LABEL = {}, "com.docker.compose."
  for entry in ((c.record.Config.Labels or {})[LABEL .. "depends_on"] or ""):gmatch "[^,]+" do
    local service, condition = entry:match "^([^:]+):?([^:]*)"
    for _, other in ipairs(f.containers) do
      if (other.record.Config.Labels or {})[LABEL .. "service"] == service then out[other.name] = condition end
    end
  end
  for _, word in ipairs(require("migrate.chosen").needs(c.record)) do
    for _, other in ipairs(f.containers) do
      if (other.id == word or other.name == word) and other ~= c then out[other.name] = "service_started" end
    end
  end
  return out
end

local function has_health(c)
  local test = (c.record.Config.Healthcheck or {}).Test
  return type(test) == "table" and #test > 0 and test[1] ~= "NONE"
end

local function started_of(p)
  local out, json = require("json").array {}, require "json"
  local by = {}
  for _, c in ipairs(p.f.containers) do by[c.name] = c end
  local will = require("migrate.preflight").will_start
  for _, c in ipairs(p.f.containers) do
    if will(c, p.options) and not (p.options.holds and p.options.holds(c)) then
      local after, policy = json.array {}, c.record.HostConfig.RestartPolicy or {}
      for name, condition in pairs(M.dependencies(p.f, c)) do
        local other = by[name]
        if condition == "service_healthy" and will(other, p.options) and has_health(other) then after[#after + 1] = p.created[other.id] end
      end
      table.sort(after)
      out[#out + 1] = {
        from = p.created[c.id], name = c.to, after = after, health = has_health(c),
        policy = { Name = policy.Name ~= "" and policy.Name or "no", MaximumRetryCount = policy.MaximumRetryCount },
      }
    end
  end
  return out
end

local function ids_of(f)
  local ids, names = require("json").array {}, require("json").array {}
  for i, c in ipairs(f.containers) do ids[i], names[i] = c.id, c.name end
  return ids, names
end

local function plain_names(f)
  local _, names = ids_of(f)
  return table.concat(names, ", ")
end

local function add_freeze(p)
  local running = false
  for _, c in ipairs(p.f.containers) do running = running or c.running end
  return add(p, p.a, "cutover.freeze", { levels = levels_of(p.f), copies = require("json").array(p.precopies) }, {
    verb = "stop", danger = 2, object = { kind = "container", name = plain_names(p.f) }, symbol = "~",
    describe = (running and "stop %s" or "%s stays stopped"):format(plain_names(p.f)),
  })
end

local function add_data(p, frozen)
  if #p.list == 0 then return nil end
  local args = with(copy_options(p), { trees = require("json").array(p.list), frozen = frozen })
  local delta = add(p, p.b, "migrate.delta", args, {
    verb = "copy", danger = 1, object = { kind = "data", name = p.f.name }, apart = true,
    describe = #p.precopies > 0 and "copy what changed meanwhile" or ("copy all data (%s)"):format(
      require("units").human_size((require("migrate.preflight").size(p.f)))),
  })
  add(p, p.b, "migrate.verify", args, {
    verb = "verify", symbol = "=", object = { kind = "data", name = p.f.name }, apart = true,
    describe = p.options.verify == "size" and "compare sizes, times, owners and modes" or "compare all contents (SHA-256), owners and modes",
  })
  return delta
end

local function add_start(p, args, frozen)
  local list = p.options.data_only and {} or started_of(p)
  if #list == 0 then return end
  local ids = ids_of(p.f)
  local names = {}
  for i, c in ipairs(list) do names[i] = c.name end
  args.started = add(p, p.b, "cutover.start", {
    containers = list, source = not p.options.both and { target = p.a, ids = ids } or nil, frozen = frozen,
    max_downtime = p.options.max_downtime,
  }, { verb = "start", danger = 1, object = { kind = "container", name = table.concat(names, ", ") } })
  args.healthy = add(p, p.b, "cutover.health", { containers = list, monitor = MONITOR }, {
    verb = "verify", symbol = "=", object = { kind = "container", name = table.concat(names, ", ") }, describe = "wait until it does its work",
  })
end

local function locks_of(p)
  local out = require("json").array {}
  for _, target in ipairs { p.a, p.b } do
    if p.f.project then
      out[#out + 1] = { target = target, project = p.f.project }
    else
      for _, c in ipairs(p.f.containers) do out[#out + 1] = { target = target, container = target == p.a and c.name or c.to } end
    end
  end
  return out
end

local function add_finish(p, args)
  local json, facts = require "json", require "migrate.facts"
  args.source, args.copies, args.paths = p.a, json.array(args.copies), json.array {}
  for _, tree in ipairs(p.f.trees) do
    if tree.path and not tree.own and p.f.there.planned[tree.to] then table.insert(args.paths, tree.to) end
  end
  args.root = facts.has_files(p.f) and facts.root(p.f, "to") or nil
  add(p, p.b, "cutover.finish", args, quiet "finish")
end

local function add_source(p, args)
  if p.options.keep ~= "remove" then return end
  local list = require("json").array {}
  for i, c in ipairs(p.f.containers) do list[i] = { id = c.id, name = c.name } end
  add(p, p.a, "cutover.discard", { containers = list }, {
    verb = "remove", danger = 3, object = { kind = "container", name = plain_names(p.f) }, quiet = false,
  })
  return args
end

---Adds the steps of one move to a plan.
---@param plan plan.Plan
---@param f migrate.Facts
---@param options migrate.Options
---@return table args of the last step
function M.add(plan, f, options)
  local p = {
    plan = plan, f = f, options = options, a = f.from.name, b = f.to.name, images = {}, trees = {}, list = {}, precopies = {}, created = {},
  }
  plan.locks = plan.locks or require("json").array {}
  for _, lock in ipairs(locks_of(p)) do table.insert(plan.locks, lock) end
  local warm = M.is_warm(f, options)
  if not options.data_only then
    add_images(p)
    add_networks(p)
  end
  add_places(p)
  add(p, p.a, "migrate.helpers", {}, quiet "helpers")
  plan.steps[#plan.steps].apart = true
  add(p, p.b, "migrate.helpers", {}, quiet "helpers")
  plan.steps[#plan.steps].apart = true
  add_trees(p, warm)
  local args = { copies = {} }
  if warm or #p.list == 0 then add_containers(p) end -- the engine's refusals come before anything is stopped
  if options.frozen ~= false and (not options.both or #p.list > 0) then args.frozen = add_freeze(p) end
  local delta = add_data(p, args.frozen)
  table.move(p.precopies, 1, #p.precopies, 1, args.copies)
  args.copies[#args.copies + 1] = delta
  if not warm and #p.list > 0 then add_containers(p) end
  if options.keep == "running" and args.frozen then
    args.thawed = add(p, p.a, "cutover.thaw", { levels = levels_of(f) }, {
      verb = "start", danger = 1, object = { kind = "container", name = plain_names(f) }, describe = "start it again as it was",
    })
  end
  add_start(p, args, args.frozen)
  add_source(p, args)
  add_finish(p, args)
  return args
end

return M
