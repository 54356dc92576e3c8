-- Which NASes a command works on, and the work on each at the same time.
-- Selection: --profile (names, globs, a,b, group:NAME, label:KEY=VALUE, !NAME), QNAP_DOCKER_PROFILE, .qnap-docker.yaml, default_profile.
local output = require "cli.output"

local M = {}

local colors = {} -- name of a NAS -> colour, of the last selection

---The colour that the profile of a NAS says, for its name; nil when it says none.
---@param name string
---@return string?
function M.color(name)
  return colors[name]
end

---The profiles that are meant, ready for use. Raises when there is none.
---@param ctx cli.Context
---@return profile.Profile[]
function M.select(ctx)
  local profile = require "profile"
  local names, _, origin = profile.resolve(ctx.global.profile, { all = ctx.global.all_profiles })
  local out = profile.get_all(names, { engine = ctx.global.engine })
  ctx.origin = origin
  ctx.asked, ctx.several = names, #names > 1
  for i, name in ipairs(names) do
    colors[name] = out[i].color
  end
  return out
end

-- "→ production (nas1.local)", once, where a person reads; with the project file that chose it.
local function announce(ctx, profiles)
  local ui = require "ui"
  if not ctx.spec.def.writes or ctx.announced or not ui.is_tty "stderr" then
    return
  end
  ctx.announced = true
  local style = ui.style "stderr"
  local by = ctx.origin and ", by " .. require("ui.text").clean(ctx.origin) or ""
  for _, p in ipairs(profiles) do
    output.err(style:paint(p.color or "dim", ("→ %s (%s%s)"):format(p.name, p.host, by)) .. "\n")
  end
end

-- Connections stay open until the command has ended: what it returns may be a stream. With --watch they serve every round.
local function connect(ctx, p)
  local nas = ctx.rounds and ctx.rounds[p.name]
  if nas then
    nas.answered = nil -- in this round
    return nas
  end
  nas = require("docker").connect(p, { timeout = ctx.global.timeout })
  ctx.connections[#ctx.connections + 1] = nas
  if ctx.rounds then
    ctx.rounds[p.name] = nas
  end
  return nas
end

-- With --timeout everything on one NAS must be done within it.
local function within(ctx, fn, ...)
  local limit = ctx.global.timeout
  if not limit or limit <= 0 then
    return fn(...)
  end
  local results = table.pack(pcall(require("task").deadline, limit, fn, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  end
  local err = results[2]
  if require("errors").is(err) and err.category == "timeout" and err.message:find "^[%w_.]+ took longer than" then -- not in a request
    err.message = ("'%s' was not done within %g s"):format(ctx.spec.name, limit)
  end
  error(err, 0)
end

-- --dry-run and --plan-out change nothing.
local function changes(ctx)
  return ctx.spec.def.writes and not ctx.global.dry_run and not ctx.flags.plan_out
end

-- A protected NAS is changed only after a yes, whatever the command itself asks.
local function confirm_protected(ctx, p)
  if not p.protected or ctx.spec.def.asks or not changes(ctx) then
    return
  end
  ctx:confirm { level = 1, protected = true, question = ("Run '%s' on %s (%s), which is protected?"):format(ctx.spec.name, p.name, p.host) }
end

---The single NAS of a command. Raises when the selection names several.
---@async
---@param ctx cli.Context
---@return docker.Nas
function M.one(ctx)
  local profiles = M.select(ctx)
  if #profiles > 1 then
    local names = {}
    for i, p in ipairs(profiles) do
      names[i] = p.name
    end
    Error {
      category = "usage", code = "one_nas_only", message = ("'%s' works on one NAS"):format(ctx.spec.name),
      why = "selected are " .. table.concat(names, ", "), hint = "--profile " .. names[1],
    }
  end
  announce(ctx, profiles)
  confirm_protected(ctx, profiles[1])
  return connect(ctx, profiles[1])
end

-- Changing several NASes is asked about, whatever the command itself asks.
local function confirm_several(ctx, profiles)
  if #profiles < 2 or not changes(ctx) then
    return
  end
  local items = {}
  for i, p in ipairs(profiles) do
    items[i] = ("%s (%s)"):format(p.name, p.host)
  end
  ctx:confirm { level = 2, question = ("Run '%s' on %d NASes?"):format(ctx.spec.name, #profiles), items = items }
end

local function rows_of(value, name, rows)
  if type(value) ~= "table" then
    return
  end
  local list = (#value > 0 or next(value) == nil) and value or { value }
  for _, row in ipairs(list) do
    row.profile = row.profile or name
    rows[#rows + 1] = row
  end
end

local NOT_STARTED = {}
local working = setmetatable({}, { __mode = "k" }) -- coroutine -> name of the NAS that it works on

---The NAS that the running task works on, when there are several.
---@return string?
function M.current()
  return working[coroutine.running()]
end

local function has_failed(ctx, name)
  for _, failure in ipairs(ctx.failures) do
    if failure.profile == name then
      return true
    end
  end
  return false
end

---How a command goes over several NASes.
---@class cli.Manner
---@field limit integer how many at once
---@field stop? boolean after a failure nothing new is begun
---@field at_once? fun(failure: cli.Failure): boolean?
---@field patience? number see Context:each_target
---@field lost integer NASes whose first try failed
---@field total integer
---@field gate? fun(): table lets some logins go on at a time

-- fn on one of several NASes, within the time that it has.
local function on(ctx, p, fn, how)
  local function work(nas)
    working[coroutine.running()] = p.name
    return fn(nas, p)
  end
  if (ctx.global.timeout or 0) > 0 then
    return within(ctx, function() return work(connect(ctx, p)) end)
  end
  local late = require "cli.late"
  local seconds = ctx.late and ctx.late[p.name] and late.REMEMBERED or late.PATIENCE
  return late.run(p, {
    seconds = seconds, writes = ctx.spec.def.writes,
    connect = function()
      local _ <close> = how.gate and how.gate() or nil
      return connect(ctx, p)
    end,
  }, work)
end

-- The same on one that did not answer at first, as soon as it does.
local function later(ctx, p, fn, how, err)
  how.lost = how.lost + 1
  local nas = require("cli.late").awaited(p, err, how.patience, function() return how.lost == how.total end)
  ctx.connections[#ctx.connections + 1] = nas
  ctx:note(("%s answers now"):format(p.name))
  working[coroutine.running()] = p.name
  return fn(nas, p)
end

-- What --watch knows for its next round.
local function note_round(ctx, p, err)
  if ctx.rounds then
    ctx.rounds[p.name] = not err and ctx.rounds[p.name] or nil
    ctx.late[p.name] = err and err.category == "timeout" or nil
  end
end

-- Results in the profiles' order: {value=} or {err=}.
local function run_all(ctx, profiles, fn, how)
  local traced = require("errors").traced
  local failed = false
  local function one(p)
    if how.stop and failed then
      return { err = NOT_STARTED }
    end
    local ok, value = xpcall(on, traced, ctx, p, fn, how)
    local told
    if not ok and value.category ~= "cancelled" then
      told = how.at_once and how.at_once { profile = p.name, err = value }
      if how.patience then
        ok, value = xpcall(later, traced, ctx, p, fn, how, value)
      end
    end
    if not ok and value.category == "cancelled" then
      error(value, 0)
    end
    note_round(ctx, p, not ok and value or nil)
    failed = failed or not ok or has_failed(ctx, p.name)
    return ok and { value = value } or { err = value, told = told }
  end
  return require("task").map(profiles, one, { limit = how.limit })
end

-- How the command goes about it. Writes go from one NAS to the next, so that a mistake stops at the first; what goes on until it is
-- interrupted is on all at once, and only its logins take turns.
local function manner_of(ctx, profiles, options)
  local global, writes = ctx.global, ctx.spec.def.writes
  local goes_on = options.patience ~= nil
  return {
    stop = global.fail_fast or (writes and not global.keep_going), at_once = options.at_once,
    patience = (global.timeout or 0) <= 0 and options.patience or nil,
    limit = goes_on and #profiles or (writes and not ctx.given.parallel) and 1 or global.parallel,
    gate = goes_on and require("cli.late").gate(global.parallel) or nil, lost = 0, total = #profiles,
  }
end

local function several(ctx, profiles, fn, options)
  local rows, left = {}, {}
  for i, result in ipairs(run_all(ctx, profiles, fn, manner_of(ctx, profiles, options))) do
    if result.err == NOT_STARTED then
      left[#left + 1] = profiles[i].name
    elseif result.err then
      ctx.failures[#ctx.failures + 1] = { profile = profiles[i].name, err = result.err, told = result.told }
    else
      rows_of(result.value, profiles[i].name, rows)
    end
  end
  if #left > 0 then
    ctx:warn(("not begun after the failure: %s (--keep-going goes on)"):format(table.concat(left, ", ")))
  end
  return rows
end

-- fn on the only NAS. A connection of an earlier round that broke meanwhile is no reason to fail.
local function alone(ctx, p, fn)
  local function work()
    return fn(connect(ctx, p), p)
  end
  if not ctx.rounds or not ctx.rounds[p.name] then
    return within(ctx, work)
  end
  local value, err = try(within, ctx, work)
  if not err then
    return value
  elseif not require("nas.again").broken(err) then
    error(err, 0)
  end
  ctx.rounds[p.name] = nil
  return within(ctx, work)
end

---See Context:each_target.
---@async
function M.each(ctx, fn, options)
  local profiles = M.select(ctx)
  if #profiles == 1 then
    announce(ctx, profiles)
    confirm_protected(ctx, profiles[1])
    local rows = {}
    rows_of(alone(ctx, profiles[1], fn), profiles[1].name, rows)
    return rows
  end
  confirm_several(ctx, profiles)
  announce(ctx, profiles)
  return several(ctx, profiles, fn, options or {})
end

return M
