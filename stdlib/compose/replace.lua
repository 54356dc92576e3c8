-- The steps that give a service its containers: new ones made, old ones replaced in the order that its strategy says.
-- A service's steps are a group: when one fails, the old containers serve again. Old ones are removed only when all is well.
local tables = require "compose.tables"

local M = {}

---What a service's steps are made from.
---@class compose.Work
---@field planning compose.Planning
---@field service string
---@field decision compose.Decision
---@field strategy compose.Strategy
---@field make fun(slot: compose.Slot): table, table body and connects of a new container
---@field needs string[] steps without which nothing is created: networks, images, files
---@field starts {depends: string[], follows: string[]} steps without which nothing is started: what it depends on
---@field may_end boolean it is a job: that it ends with 0 is success

local function short(c) return c.id:sub(1, 12) end

local function add(w, slot, op, args, more)
  local step = {
    target = w.planning.target, op = op, args = args, verb = op:match "%a+$", danger = 0, quiet = true,
    object = { kind = "container", name = slot.name }, group = w.group,
  }
  for key, value in pairs(more or {}) do step[key] = value or nil end
  return w.planning.plan:add(step).id
end

-- Its names in the networks come when it has proved itself.
local function withhold(made, connects, name)
  local networks = {}
  local function one(network, endpoint)
    networks[#networks + 1] = { network = network, endpoint = endpoint }
    local copy = {}
    for key, value in pairs(endpoint) do copy[key] = value end
    copy.Aliases = require("json").array { name .. "-new" }
    return copy
  end
  local endpoints = (made.NetworkingConfig or {}).EndpointsConfig
  for network, endpoint in pairs(endpoints or {}) do endpoints[network] = one(network, endpoint) end
  for _, c in ipairs(connects) do c.endpoint = one(c.network, c.endpoint) end
  table.sort(networks, function(a, b) return a.network < b.network end)
  return networks
end

local function because(slot, strategy)
  local reasons = table.concat(slot.reasons, ", ")
  if not strategy.rolling then return reasons end
  return ("%s; %s: %s"):format(reasons, strategy.order, strategy.why)
end

-- Containers that may fail on their own are groups of their own, and a last step judges.
local function by_parts(w) return w.strategy.on_failure == "continue" or w.strategy.ratio > 0 end

-- Secrets and configs by content are put into a container before it starts.
local function fill(w, slot, id)
  local service = w.planning.project.model.services[w.service]
  if service.read_only or #require("compose.contents").of(w.planning.project, service) == 0 then return id end
  local args = { from = id, service = w.service, source = require("compose.source").of(w.planning.source) }
  return add(w, slot, "project.put", args, { depends = { id } })
end

local function create(w, slot, ordering)
  local old = slot.old[1]
  local made, connects = w.make(slot)
  local later
  if old and w.strategy.order == "start-first" and w.strategy.rolling then later = withhold(made, connects, slot.name) end
  local name = old and ("%s_%s"):format(short(old), slot.name) or slot.name
  local parts = by_parts(w)
  local id = add(w, slot, "compose.create", {
    name = name, body = made, connects = connects, platform = w.platform, failed_name = slot.name .. "-failed",
    secrets_from = old and old.id,
  }, {
    verb = old and "recreate" or "create", symbol = old and "~" or "+", quiet = false, danger = 1,
    depends = tables.joined(w.needs, parts and {} or ordering), follows = parts and ordering or nil,
    describe = old and ("recreate %s (%s)"):format(slot.name, because(slot, w.strategy)) or ("create %s"):format(slot.name),
  })
  return id, name, later
end

local function stop_old(w, slot, depends)
  for _, old in ipairs(slot.old) do
    if require("compose.observe").is_alive(old) then depends = { add(w, slot, "container.stop", { container = old.id,
      timeout = w.planning.options.timeout },
      { depends = depends }) } end
  end
  return depends
end

-- A first container without a healthcheck of its own: the look at the whole project that ends the plan is enough.
local function fresh(w, slot)
  local check = w.planning.project.model.services[w.service].healthcheck
  return #slot.old == 0 and (not check or check.disable) and w.strategy.monitor == 0
end

local function start(w, slot, handle, depends)
  local id = add(w, slot, "container.start", handle, { depends = tables.joined(depends, w.starts.depends), follows = w.starts.follows })
  table.insert(w.begun, id)
  if (w.planning.options.wait == false or fresh(w, slot)) and not w.strategy.rolling then return id end
  local monitor = #slot.old > 0 and math.max(w.strategy.monitor, 1) or w.strategy.monitor -- what replaces one must not end at once
  local proof = { monitor = monitor, timeout = w.planning.options.wait_timeout, may_end = w.may_end }
  for key, value in pairs(handle) do proof[key] = value end
  return add(w, slot, "container.prove", proof, { depends = { id } })
end

-- One container: from the steps in front of it to the step that ends it.
local function one(w, slot, ordering)
  local made, later, name, handle, depends
  if slot.keep then
    handle, name, depends = { container = slot.keep.id }, slot.keep.name, tables.joined(ordering, w.needs)
  else
    made, name, later = create(w, slot, ordering)
    handle, depends = { from = made }, { fill(w, slot, made) }
  end
  local last = depends
  if w.planning.options.no_start then
    w.first = w.first or (made and "@" .. made or slot.keep.id)
    return last, handle, name
  end
  if later then
    last = { start(w, slot, handle, depends) }
    last = { add(w, slot, "compose.join", { from = made, networks = later }, { depends = last }) }
    if w.drain > 0 then last = { add(w, slot, "compose.pause", { seconds = w.drain }, { depends = last }) } end
    last = stop_old(w, slot, last)
  else
    local stopped = #slot.old > 0 and stop_old(w, slot, tables.joined(depends, w.starts.depends)) or depends
    if made and slot.old[1] then
      stopped = require("compose.snapshots").steps(w, slot.old[1], stopped, function(...) return add(w, slot, ...) end)
    end
    last = { start(w, slot, handle, stopped) }
  end
  w.first = w.first or (made and "@" .. made or slot.keep.id)
  return last, handle, name
end

-- The first old one stays, under another name; it must not come back when the NAS starts.
local function keep(w, slot, old, depends)
  local policy, blue = w.planning.look(old.id).HostConfig.RestartPolicy, slot.name .. "-blue"
  local object, more = { kind = "container", name = old.name }, { depends = depends, group = false }
  local freed = (w.planning.freed or {})[blue]
  more.depends = freed and tables.joined(depends, { freed }) or depends
  more.object = object
  local resources, was = { RestartPolicy = { Name = "no" } }, { RestartPolicy = policy }
  more.depends = { add(w, slot, "container.update", { container = old.id, resources = resources, was = was }, more) }
  more.describe = ("keep %s as %s"):format(old.name, blue)
  more.quiet, more.symbol, more.verb = false, "=", "keep"
  return { add(w, slot, "container.rename", { container = old.id, to = blue, was = old.name }, more) }
end

-- What is only done when the whole service is well: the old ones go, the new ones get their names.
local function finish(w, slot, handle, name, depends)
  for i, old in ipairs(slot.old) do
    if i == 1 and w.strategy.keeps then
      depends = keep(w, slot, old, depends)
    else
      depends = { add(w, slot, "container.remove", { container = old.id, force = true }, { depends = depends, group = false }) }
    end
  end
  if name ~= slot.name then
    local args = { to = slot.name, was = name }
    for key, value in pairs(handle) do args[key] = value end
    add(w, slot, "container.rename", args, { depends = depends, group = false })
  end
end

local function batches(slots, size)
  local out = {}
  for i, slot in ipairs(slots) do
    local n = size > 0 and (i - 1) // size + 1 or 1
    out[n] = out[n] or {}
    table.insert(out[n], slot)
  end
  return out
end

local function judge(w, lasts)
  if w.strategy.on_failure ~= "rollback" or w.strategy.ratio <= 0 then return nil end
  return w.planning.plan:add {
    target = w.planning.target, op = "compose.judge", args = { steps = lasts, ratio = w.strategy.ratio }, verb = "judge", danger = 0,
      quiet = true,
    object = { kind = "service", name = w.service }, group = w.service, follows = lasts,
  }.id
end

---Adds the steps of one service.
---@param w compose.Work
---@param slots compose.Slot[] that need something done
---@return string[] begun ids of the steps after which the service counts as started
---@return string[] proven ids of the steps after which it is known to run
function M.steps(w, slots)
  local lasts, done, ordering, n = {}, {}, {}, 0
  w.drain, w.begun = w.drain or 0, {}
  for i, batch in ipairs(batches(slots, w.strategy.parallelism)) do
    if i > 1 and w.strategy.delay > 0 then
      ordering = { add(w, batch[1], "compose.pause", { seconds = w.strategy.delay }, { follows = ordering }) }
    end
    local ends = {}
    for _, slot in ipairs(batch) do
      n = n + 1
      w.group = w.strategy.on_failure ~= "pause" and (by_parts(w) and ("%s#%d"):format(w.service, n) or w.service) or nil
      local last, handle, name = one(w, slot, ordering)
      ends = tables.joined(ends, last)
      done[#done + 1] = { slot, handle, name, last }
    end
    ordering, lasts = ends, tables.joined(lasts, ends)
  end
  local verdict = judge(w, lasts)
  for _, d in ipairs(done) do
    finish(w, d[1], d[2], d[3], verdict and { verdict } or by_parts(w) and d[4] or lasts)
  end
  return w.strategy.rolling and lasts or w.begun, lasts
end

return M
