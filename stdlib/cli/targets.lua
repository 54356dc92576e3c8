-- Which NASes a command works on, and the work on each at the same time.
-- Selection: --profile (names, globs, a,b, group:NAME, label:KEY=VALUE, !NAME), QNAP_DOCKER_PROFILE, .qnap-docker.yaml, default_profile.
local output = require "cli.output"

local M = {}

---The profiles that are meant, ready for use. Raises when there is none.
---@param ctx cli.Context
---@return profile.Profile[]
function M.select(ctx)
  local profile = require "profile"
  local names, _, origin = profile.resolve(ctx.global.profile, { all = ctx.global.all_profiles })
  local out = {}
  ctx.origin = origin
  ctx.asked, ctx.several = names, #names > 1
  for i, name in ipairs(names) do
    out[i] = profile.get(name, { engine = ctx.global.engine })
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

-- Connections stay open until the command has ended: what it returns may be a stream.
local function connect(ctx, p)
  local nas = require("docker").connect(p, { timeout = ctx.global.timeout })
  ctx.connections[#ctx.connections + 1] = nas
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
  if require("errors").is(err) and err.category == "timeout" and err.message:find "^task%." then -- no request ran: it only waited
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

-- Results in the profiles' order: {value=} or {err=}. After a failure nothing new is begun when `stop` says so.
local function run_all(ctx, profiles, fn, how)
  local task = require "task"
  local failed = false
  return task.map(profiles, function(p)
    if how.stop and failed then
      return { err = NOT_STARTED }
    end
    local ok, value = xpcall(within, require("errors").traced, ctx, function()
      working[coroutine.running()] = p.name
      return fn(connect(ctx, p), p)
    end)
    if ok then
      failed = failed or has_failed(ctx, p.name)
      return { value = value }
    end
    if value.category == "cancelled" then
      error(value, 0)
    end
    failed = true
    return { err = value, told = how.at_once and how.at_once { profile = p.name, err = value } }
  end, { limit = how.limit })
end

local function several(ctx, profiles, fn, at_once)
  local global, writes = ctx.global, ctx.spec.def.writes
  local stop = global.fail_fast or (writes and not global.keep_going)
  -- Writes go from one NAS to the next, so that a mistake stops at the first.
  local limit = (writes and not ctx.given.parallel) and 1 or global.parallel
  local rows, left = {}, {}
  for i, result in ipairs(run_all(ctx, profiles, fn, { stop = stop, limit = limit, at_once = at_once })) do
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

---See Context:each_target.
---@async
function M.each(ctx, fn, at_once)
  local profiles = M.select(ctx)
  if #profiles == 1 then
    announce(ctx, profiles)
    confirm_protected(ctx, profiles[1])
    local rows = {}
    rows_of(within(ctx, function()
      return fn(connect(ctx, profiles[1]), profiles[1])
    end), profiles[1].name, rows)
    return rows
  end
  confirm_several(ctx, profiles)
  announce(ctx, profiles)
  return several(ctx, profiles, fn, at_once)
end

return M
