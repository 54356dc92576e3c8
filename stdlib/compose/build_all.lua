-- compose build: several services beside each other, in the order of their dependencies, here or on another NAS.
-- Dependencies: compose.build, compose.order, compose.tree, task, transfer.relay.
local M = {}

-- Whether the builders' words are printed as they come: they are the result where nobody watches.
local function as_lines(ctx)
  local mode = ctx.global.progress
  return not ctx.flags.quiet and (mode == "plain" or mode == "auto" and not require("ui").is_tty "stdout")
end

-- Lines with the service's name in front; on a terminal the last one, in place.
local function reporter(ctx, names, profile)
  local f = ctx.flags
  if f.quiet then return function() return { log = function() end, done = function() end, fail = function() end } end end
  if not as_lines(ctx) then
    local tree = require("compose.tree").new(ctx:progress(), profile)
    return function(name)
      local line = tree:service(name)
      line:update { state = "building" }
      return {
        log = function(text) line:update { msg = text } end, done = function(msg) line:done(msg) end, fail = function() line:fail() end,
      }
    end
  end
  local width = 0
  for _, name in ipairs(names) do width = math.max(width, #name) end
  return function(name)
    local prefix = name .. (" "):rep(width - #name) .. "  | "
    local function log(text) ctx:out(prefix .. text .. "\n") end
    return { log = log, done = log, fail = function() end }
  end
end

-- What the builder printed last, of one that failed, where it was not shown as it came.
local function quote(ctx, err, name)
  if as_lines(ctx) then return end
  if ctx.display then ctx.display:close() end
  for _, line in ipairs(err.lines or {}) do ctx:note(("  %s | %s"):format(name, require("ui.text").clean(line))) end
end

-- An image that another NAS, or this machine, made goes to the NAS in question.
local function transfer(ctx, from, nas, project, name)
  local service = project.model.services[name]
  local refs = { require("compose.body").image(project, name), table.unpack(service.build.tags or {}) }
  for _, ref in ipairs(refs) do
    require("transfer.relay").copy(ctx, from, nas, require("transfer.registry").parse(ref, false), false)
  end
end

local function builder_of(ctx, nas)
  local on = ctx.flags.on
  if not on then return nas end
  local profile = on == "local" and require("profile").of("local", { host = "local" }) or on
  local from = require("docker").connect(profile, { timeout = ctx.global.timeout })
  ctx.connections[#ctx.connections + 1] = from
  from:ping()
  return from
end

local function options_of(ctx, report)
  local f = ctx.flags
  local ours = { auto = true, classic = true, cli = true }
  return {
    no_cache = f.no_cache, pull = f.pull, args = f.build_arg, memory = f.memory, ssh = f.ssh and { f.ssh } or nil,
    builder = f.builder and (ours[f.builder] and f.builder or "cli") or nil, log = report.log,
  }
end

---Builds services, each as soon as those of them that it depends on are built; what depends on one that failed is left out.
---Failures are reported.
---@async
---@param ctx cli.Context of `compose build`
---@param nas docker.Nas that gets the images
---@param project compose.Project
---@param names string[] what others depend on first
---@return boolean well
function M.run(ctx, nas, project, names)
  local dependencies = require("compose.order").of_model(project.model)
  local task, from = require "task", builder_of(ctx, nas)
  local report_of = reporter(ctx, names, from.name)
  local state, failed = {}, {}
  local function ready(name)
    for other in pairs(dependencies[name] or {}) do
      while state[other] == "waiting" do task.sleep(0.02) end
      if state[other] == "failed" then return false end
    end
    return true
  end
  for _, name in ipairs(names) do state[name] = "waiting" end
  task.map(names, function(name)
    if not ready(name) then
      state[name] = "failed"
      return
    end
    local report = report_of(name)
    local id, err = try(require("compose.build").service, ctx, from, project, name, options_of(ctx, report))
    if id and from ~= nas then err = select(2, try(transfer, ctx, from, nas, project, name)) end
    state[name] = err and "failed" or "built"
    if not err then return report.done(id:sub(8, 19)) end
    report.fail()
    failed[#failed + 1] = { name = name, err = err }
  end, { limit = 4 })
  local errors = {}
  for i, f in ipairs(failed) do
    quote(ctx, f.err, f.name)
    errors[i] = f.err
  end
  require("cli.items").report(ctx, errors)
  return #failed == 0
end

return M
