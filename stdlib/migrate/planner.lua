-- The steps of a move, in their order. Pure. Dependencies: plan, migrate.{body,maps,networks,preflight,facts}.
local bodies = require "migrate.body"
local ground = require "migrate.ground"
local order = require "migrate.order"
local places = require "migrate.places"

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

local add = ground.add

local function quiet(name) return { quiet = true, object = { kind = "step", name = name } } end

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

local function started_of(p)
  local out, json = require("json").array {}, require "json"
  local by = {}
  for _, c in ipairs(p.f.containers) do by[c.name] = c end
  local will = require("migrate.preflight").will_start
  for _, c in ipairs(p.f.containers) do
    if will(c, p.options) and not (p.options.holds and p.options.holds(c)) then
      local after, policy = json.array {}, c.record.HostConfig.RestartPolicy or {}
      for name, condition in pairs(order.dependencies(p.f, c)) do
        local other = by[name]
        if condition == "service_healthy" and will(other, p.options) and order.has_health(other) then
          after[#after + 1] = p.created[other.id] end
      end
      table.sort(after)
      out[#out + 1] = {
        from = p.created[c.id], name = c.to, after = after, health = order.has_health(c),
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
  return add(p, p.a, "cutover.freeze", { levels = order.levels(p.f), copies = require("json").array(p.precopies) }, {
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
    describe = p.options.verify == "size"
      and "compare sizes, times, owners and modes" or "compare all contents (SHA-256), owners and modes",
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
    verb = "verify", symbol = "=", object = { kind = "container", name = table.concat(names, ", ") },
      describe = "wait until it does its work",
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
  local json = require "json"
  args.source, args.copies, args.paths = p.a, json.array(args.copies), json.array {}
  for _, tree in ipairs(p.f.trees) do
    if tree.path and not tree.own and p.f.there.planned[tree.to] then table.insert(args.paths, tree.to) end
  end
  args.root = places.has_files(p.f) and places.root(p.f, "to") or nil
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

local function moves_data(f)
  for _, tree in ipairs(f.trees) do
    if tree.moves then return true end
  end
  return false
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
  local warm, freeze = M.is_warm(f, options), options.frozen ~= false and (not options.both or moves_data(f))
  add(p, p.a, "cutover.source", { levels = freeze and order.levels(f) or require("json").array {} }, quiet(plain_names(f)))
  plan.steps[#plan.steps].apart = true
  if not options.data_only then
    ground.images(p)
    ground.networks(p)
  end
  ground.places(p)
  add(p, p.b, "migrate.helpers", {}, quiet "helpers")
  plan.steps[#plan.steps].apart = true
  add_trees(p, warm)
  local args = { copies = {} }
  if warm or #p.list == 0 then add_containers(p) end -- the engine's refusals come before anything is stopped
  if freeze then args.frozen = add_freeze(p) end
  local delta = add_data(p, args.frozen)
  table.move(p.precopies, 1, #p.precopies, 1, args.copies)
  args.copies[#args.copies + 1] = delta
  if not warm and #p.list > 0 then add_containers(p) end
  if options.keep == "running" and args.frozen then
    args.thawed = add(p, p.a, "cutover.thaw", { levels = order.levels(f) }, {
      verb = "start", danger = 1, object = { kind = "container", name = plain_names(f) }, describe = "start it again as it was",
    })
  end
  add_start(p, args, args.frozen)
  add_source(p, args)
  add_finish(p, args)
  return args
end

return M
