-- profile sync: what one NAS has and another lacks, as one plan. Additive: what differs is told, and made alike only when asked.
-- Dependencies: migrate.*, plan, recreate, compose.drift, create.env.
local units = require "migrate.units"

local M = {}

local SINGLETON = "qnap-docker.singleton" -- label: of this there is one that runs
local PROJECT = "com.docker.compose.project"

---@class migrate.Sync
---@field from docker.Nas
---@field to docker.Nas
---@field plan plan.Plan
---@field flags table<string, any>
---@field report migrate.Report
---@field rows {name: string, state: "missing"|"different"|"same"|"only there", what?: string}[]
---@field there? table shared between gathers

local function note(s, name, state, what) s.rows[#s.rows + 1] = { name = name, state = state, what = what } end

local function options_of(s, more)
  local f = s.flags
  local overwrite = {}
  for _, name in ipairs(f.overwrite_volume) do overwrite[name] = true end
  local out = {
    maps = require("migrate.maps").parse(f.map), takes_volume = function() return f.with_data end, binds = f.with_data and "map" or "files",
    image = f.with_image, keep = "running", both = true, verify = f.verify, bandwidth = f.bandwidth, direct = f.direct,
    models = f.with_secrets, overwrite = overwrite, there = s.there,
  }
  if f.stopped then out.start = false end
  if not f.with_data then out.frozen = false end
  out.held = {}
  out.holds = function(c) return out.held[c.id] ~= nil end
  for key, value in pairs(more or {}) do out[key] = value end
  return out
end

-- Variables and files that are secrets stay behind; what lacks them is not started.
local function guard_secrets(s, options)
  options.body = function(body, c)
    if s.flags.with_secrets then return end
    local missing = units.without_secrets(body)
    if #missing > 0 then
      options.held[c.id] = true
      table.insert(s.report.warnings, ("container %s is not started: its secrets stay behind (%s; --with-secrets, or --map env=NAME:VALUE)")
        :format(c.to, table.concat(missing, ", ")))
    end
  end
end

local function hold_singletons(s, f, options)
  for _, c in ipairs(f.containers) do
    if (c.record.Config.Labels or {})[SINGLETON] and c.running then
      options.held[c.id] = true
      table.insert(s.report.warnings, ("container %s is not started: one runs on %s, and it is marked %s"):format(c.to, s.from.name,
        SINGLETON))
    end
  end
end

local function refuse_secret_files(s, f)
  if s.flags.with_secrets then return end
  for _, c in ipairs(f.containers) do
    for path, use in pairs(require("migrate.body").uses(c.body).binds) do
      if use.target:find "^/run/secrets/" then
        table.insert(s.report.blockers, {
          what = ("container %s is given the secret %s"):format(c.name, path),
            hint = "--with-secrets, or --exclude " .. (f.project or c.name),
        })
      end
    end
  end
end

local function append(into, from)
  for _, item in ipairs(from) do into[#into + 1] = item end
end

local function gather(s, chosen, options)
  local f = require("migrate.facts").gather(s.from, s.to, chosen, options)
  s.there = f.there
  local found = require("migrate.preflight").check(f, options)
  append(s.report.blockers, found.blockers)
  append(s.report.warnings, found.warnings)
  return f
end

local function chosen_of(s, unit, names)
  local words = {}
  for name in pairs(names) do words[#words + 1] = name end
  table.sort(words)
  local chosen = require("migrate.chosen").containers(s.from, words)
  chosen.name = unit.name
  return chosen
end

local function add_missing(s, chosen)
  local options = options_of(s)
  guard_secrets(s, options)
  local f = gather(s, chosen, options)
  refuse_secret_files(s, f)
  hold_singletons(s, f, options)
  if #s.report.blockers == 0 then
    for _, c in ipairs(f.containers) do -- which are not started must be known before the steps are made
      if not s.flags.with_secrets then
        for _, text in ipairs(require("migrate.maps").env(options.maps, c.body.Env) or {}) do
          if units.is_secret(text) and not text:match "=$" and not options.maps.env[text:match "^[^=]*"] then options.held[c.id] = true end
        end
      end
    end
    require("migrate.planner").add(s.plan, f, options)
  end
  for _, c in ipairs(f.containers) do note(s, c.to, "missing") end
end

-- Differences of two containers, in words; secrets count only where they are copied.
local function differences(s, a, b, body)
  local drift, out = require "compose.drift", {}
  body.Image = b.record.Config.Image
  for _, what in ipairs(drift.words(drift.of(body, {}, b.record, b.image))) do
    local variable = what:match "^env (.+)$"
    local hidden = variable and not s.flags.with_secrets and units.is_secret(variable)
    if not hidden and not what:find "^label qnap%-docker%." then out[#out + 1] = what end
  end
  if a.image.Id ~= b.image.Id and a.image.Architecture == b.image.Architecture then table.insert(out, 1, "image") end
  return out
end

local function looked_at(nas, record)
  local inspected = nas:container(record.Id):inspect()
  return { record = inspected, image = nas:image(inspected.Image):inspect() }
end

local function update(s, name, a, b, body, words)
  local images, ref = require "migrate.ground", a.record.Config.Image
  local f = { containers = {}, info = { to = s.info } }
  local other = images.other_build(f, { image = a.image })
  s.plan:add {
    target = s.to.name, op = "migrate.image", danger = 0, verb = "pull", object = { kind = "image", name = ref },
    args = { from = s.from.name, ref = ref, image = a.image.Id, how = s.flags.with_image, other_build = other or nil },
    describe = ("bring image %s from %s"):format(ref, s.from.name), apart = true, quiet = a.image.Id == b.image.Id,
  }
  local named = try(function() return s.to:image(ref):inspect() end)
  body.Image = (other or not named or named.Id == a.image.Id) and ref or a.image.Id
  if not s.flags.with_secrets then units.without_secrets(body, b.record.Config.Env) end
  local created = require("recreate").steps(s.plan, {
    target = s.to.name, old = b.record, name = name, body = body, keep_volumes = true, monitor = 2, may_end = true,
  })
  created.before, created.after = "as it is", table.concat(words, ", ")
  if s.flags.with_secrets then created.args.secrets_from, created.args.secrets_at = a.record.Id, s.from.name end
end

local function compare(s, name, record_a, record_b)
  local a, b = looked_at(s.from, record_a), looked_at(s.to, record_b)
  local maps = require("migrate.maps").parse(s.flags.map)
  local project = (record_a.Labels or {})[PROJECT]
  if project then
    local root = require("compose.store").root
    require("migrate.maps").add_path(maps, root(s.from, project), root(s.to, project))
  end
  local body = require("migrate.body").of(a.record, a.image, { ref = a.record.Config.Image, maps = maps, names = {}, networks = {} })
  local words = differences(s, a, b, body)
  if #words == 0 then return note(s, name, "same") end
  note(s, name, "different", table.concat(words, ", "))
  if s.flags.update then s.updates[#s.updates + 1] = { name, a, b, body, words } end
end

-- The data of volumes that --overwrite-volume names and that a container there has already.
local function add_data(s, unit, mine)
  if not s.flags.with_data then return end
  local options = options_of(s, { data_only = true })
  options.takes_volume = function(name) return options.overwrite[require("migrate.maps").volume(options.maps, name)] == true end
  options.binds = "skip"
  local names = {}
  for name, record in pairs(mine) do
    for _, m in ipairs(record.Mounts or {}) do
      if m.Type == "volume" and options.takes_volume(m.Name) then names[name] = true end
    end
  end
  if next(names) == nil then return end
  local f = gather(s, chosen_of(s, unit, names), options)
  local users, stopped = {}, {}
  for _, tree in ipairs(f.trees) do users[tree.moves and tree.to or ""] = true end
  for _, record in ipairs(s.there.containers) do
    for _, m in ipairs(record.State == "running" and record.Mounts or {}) do
      if m.Type == "volume" and users[m.Name] and not stopped[record.Id] then stopped[record.Id] = units.name_of(record) end
    end
  end
  local function each(op, verb)
    for id, name in pairs(stopped) do
      s.plan:add { target = s.to.name, op = op, verb = verb, danger = 2, args = { container = id }, object = { kind = "container",
        name = name } }
    end
  end
  each("container.stop", "stop")
  if #s.report.blockers == 0 then require("migrate.planner").add(s.plan, f, options) end
  each("container.start", "start")
end

local function both(s, unit, other)
  local missing, shared = {}, {}
  for _, name in ipairs(require("compose.tables").sorted(unit.list)) do
    if other.list[name] then shared[name] = unit.list[name] else missing[name] = true end
  end
  for _, name in ipairs(require("compose.tables").sorted(shared)) do compare(s, name, unit.list[name], other.list[name]) end
  if next(missing) then add_missing(s, chosen_of(s, unit, missing)) end
  add_data(s, unit, shared)
  for _, name in ipairs(require("compose.tables").sorted(other.list)) do
    if not unit.list[name] then s.only[#s.only + 1] = { name, other.list[name] } end
  end
end

local function prune(s)
  for _, item in ipairs(s.only) do
    local name, record = item[1], item[2]
    note(s, name, "only there")
    if s.flags.prune then
      if record.State == "running" then
        s.plan:add { target = s.to.name, op = "container.stop", danger = 0, quiet = true, args = { container = record.Id },
          object = { kind = "container", name = name } }
      end
      s.plan:add { target = s.to.name, op = "container.remove", verb = "remove", danger = 3, args = { container = record.Id },
        object = { kind = "container", name = name } }
    end
  end
end

---Compares both NASes and fills the plan.
---@async
---@param s migrate.Sync
function M.compare(s)
  local wanted = units.scope(s.flags.only, s.flags.exclude)
  local lists = require("task").all {
    function() return s.from:containers { all = true } end, function() return s.to:containers { all = true } end,
    function() return s.to:info() end,
  }
  local mine, theirs = units.units(lists[1], wanted), units.units(lists[2], wanted)
  s.info, s.updates, s.only, s.rows = lists[3], {}, {}, {}
  s.report = { blockers = {}, warnings = {} }
  local tables = require "compose.tables"
  for _, name in ipairs(tables.sorted(mine)) do
    local unit = mine[name]
    if theirs[name] then
      both(s, unit, theirs[name])
    elseif unit.project then
      add_missing(s, require("migrate.chosen").project(s.from, unit.project))
    else
      add_missing(s, chosen_of(s, unit, unit.list))
    end
  end
  for _, u in ipairs(s.updates) do update(s, table.unpack(u)) end
  for _, name in ipairs(tables.sorted(theirs)) do
    for _, other in ipairs(not mine[name] and tables.sorted(theirs[name].list) or {}) do
      s.only[#s.only + 1] = { other, theirs[name].list[other] }
    end
  end
  prune(s)
end

return M
