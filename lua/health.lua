-- health: what health checks say. GET /containers/{id}/json.
local facts = require "health.facts"
local task = require "task"

local PAUSE = 0.5 -- seconds between two questions of --wait

local function documents(ctx, nas)
  local names = ctx.args.container
  if #names == 0 then
    names = {}
    for i, c in ipairs(nas:containers { all = true }) do names[i] = c.Id end
  end
  local list = task.map(names, function(name)
    local c, err = try(function() return nas:container(name):inspect() end)
    if err and (#ctx.args.container > 0 or err.category ~= "not_found") then error(err, 0) end
    return c or false
  end, { limit = 8 })
  local out = {}
  for _, c in ipairs(list) do out[#out + 1] = c or nil end
  return out
end

local function pending(ctx, list)
  for _, c in ipairs(list) do
    local status = facts.of(c).status
    if status == "starting" or (#ctx.args.container > 0 and status == "unhealthy") then return true end
  end
end

-- Until nothing is starting any more; what was named must become healthy in that time.
local function settled(ctx, nas)
  local stop = require("sys").now() + (ctx.flags.wait or 0)
  local list = documents(ctx, nas)
  while ctx.flags.wait and pending(ctx, list) and require("sys").now() < stop do
    task.sleep(PAUSE)
    list = documents(ctx, nas)
  end
  return list
end

local function is_bad(ctx, fact)
  return fact.bad or (fact.status == "starting" and (ctx.flags.strict or ctx.flags.wait ~= nil))
end

-- The check itself, now, as the engine would run it.
local function run_now(ctx, nas, list)
  for _, c in ipairs(list) do
    local command = require("health.detail").command(c)
    if not command then
      ctx:note(("%s has no health check"):format((c.Name:gsub("^/", ""))))
    elseif c.State.Running then
      local done = nas:container(c.Id):exec({ cmd = command, user = c.Config.User }):run()
      local output, code = done.stdout .. done.stderr, done.code
      ctx:out(("%s  exit %d  %s\n"):format(c.Name:gsub("^/", ""), code, require("ui.text").clean(output:match "^%s*([^\r\n]*)")))
      if code ~= 0 then ctx:exit(8) end
    end
  end
end

local function rows(ctx, list)
  local out, without = {}, 0
  for _, c in ipairs(list) do
    local fact = facts.of(c)
    if is_bad(ctx, fact) then ctx:exit(8) end
    if fact.status == "none" then without = without + 1 end
    if not ctx.flags.unhealthy or is_bad(ctx, fact) then out[#out + 1] = fact end
  end
  if without > 0 and not ctx.flags.watch and not ctx.flags.unhealthy then
    ctx:note(("%d without a check, of which nothing is known; 'qnap-docker health NAME' proposes one for known images"):format(without))
  end
  return out
end

local function look(ctx)
  return ctx:each_target(function(nas)
    local list = settled(ctx, nas)
    if ctx.flags.run then return run_now(ctx, nas, list) end
    if #ctx.args.container == 0 or ctx.flags.json or ctx.given.format or ctx.flags.watch then return rows(ctx, list) end
    for i, c in ipairs(list) do
      if is_bad(ctx, facts.of(c)) then ctx:exit(8) end
      ctx:out((i > 1 and "\n" or "") .. require("health.detail").text(c, os.time()))
    end
  end)
end

return {
  summary = "Show what health checks say",
  group = "containers",
  description = "Ends with 8 when a container is unhealthy or ended unexpectedly. One that is starting counts as good, unless --strict.",
  args = { { "container", variadic = true, optional = true, complete = "containers" } },
  flags = {
    { "unhealthy", help = "Only those that are not well" },
    { "strict", help = "One that is still starting counts as not well" },
    { "wait", type = "duration", value = "DURATION", plain_seconds = true, help = "Wait until they are healthy, so long at most" },
    { "run", help = "Run the checks now" },
    { "watch", type = "duration", value = "INTERVAL", optional_value = "2s", plain_seconds = true,
      help = "Show again every INTERVAL (2s) until interrupted" },
  },
  uses = { "targets", "output" },
  columns = {
    { "Name", priority = 1, middle = true },
    { "Status", priority = 2, color = "state" },
    { "Since", priority = 3, get = function(f, v) return facts.since(f.since, v) end },
    { "FailStreak", header = "FAIL STREAK", priority = 5, get = function(f) return f.streak end },
    { "LastCheck", header = "LAST CHECK", priority = 6, get = function(f, v) return facts.since(f.last_check, v) end },
    { "LastOutput", header = "LAST OUTPUT", priority = 4, max = 60, get = function(f) return f.output end },
    { "Restarts", priority = 7 },
  },
  quiet = "Name",
  empty = function(ctx) return ctx.flags.unhealthy and "all are well" or "no containers" end,
  pager = true,
  examples = {
    { "health", "Every container" },
    { "health --unhealthy --all-profiles", "What is not well, on every NAS" },
    { "health web --wait 60s", "Wait until one is healthy" },
  },
  run = function(ctx)
    if ctx.flags.watch then
      return require("cli.watch").run(ctx, ctx.flags.watch, function() return look(ctx) end)
    end
    local shown = look(ctx)
    if ctx.flags.run or (#ctx.args.container > 0 and not ctx.flags.json and not ctx.given.format) then return nil end
    return shown
  end,
}
