-- update of limits and restart policy on one NAS: everything is checked for all containers before the first one is changed.
local resources = require "update.resources"
local limits = require "create.limits"
local task = require "task"
local units = require "units"
local ui = require "ui"

local M = {}

---@class update.Change
---@field name string as it was typed
---@field container table its inspection
---@field resources table what is sent

-- Memory in use without the page cache that the kernel gives back on demand.
local function in_use(nas, id)
  local stats = try(function() return nas:container(id):stats { one_shot = nas:supports "1.41" } end)
  local memory = stats and stats.memory_stats or {}
  local detail = memory.stats or {}
  return memory.usage and memory.usage - (detail.total_inactive_file or detail.inactive_file or 0)
end

local function warn(ctx, nas, change)
  local labels = change.container.Config.Labels or {}
  local project = labels["com.docker.compose.project"]
  if project then
    ctx:warn(("'%s' belongs to the compose project '%s': its next 'up' makes it as the file says"):format(change.name, project))
  end
  local memory, stored = change.resources.Memory, change.container.HostConfig.Memory or 0
  if not memory or not change.container.State.Running or (stored > 0 and memory >= stored) then return end
  local used = in_use(nas, change.container.Id)
  if used and used > memory then
    ctx:warn(("'%s' uses %s now; with %s it may be killed"):format(change.name, units.bytes_size(used), units.bytes_size(memory)))
  end
end

local function plan(ctx, nas, wanted)
  local failed, changes = {}, {}
  local results = task.map(ctx.args.container, function(name)
    local change, err = try(function()
      local container = nas:container(name):inspect()
      return { name = name, container = container, resources = resources.complete(wanted, ctx.flags, container) }
    end)
    return change or { err = err }
  end, { limit = 8 })
  for _, result in ipairs(results) do
    local into = result.err and failed or changes
    into[#into + 1] = result.err or result
  end
  return changes, failed
end

local function show(ctx, nas, changes)
  local rows = {}
  for _, change in ipairs(changes) do
    for _, row in ipairs(resources.changes(change.resources, change.container.HostConfig)) do
      rows[#rows + 1] = { ctx:named(nas, change.name), table.unpack(row) }
    end
  end
  if ctx.flags.dry_run then
    if ctx.flags.exit_code and #rows > 0 then ctx:exit(10) end
    for i, row in ipairs(rows) do rows[i] = ("%s: %s %s -> %s\n"):format(table.unpack(row)) end
    return ctx:out(table.concat(rows))
  end
  if #rows == 0 or not ui.is_tty "stderr" then return end
  local columns = { { header = "CONTAINER" }, { header = "SETTING" }, { header = "BEFORE" }, { header = "AFTER" } }
  ctx:note((require("ui.table").render(columns, rows, { width = ui.width(), style = ui.style "stderr" }):gsub("\n$", "")))
end

-- As docker: the names on stdout, what the engine warns of behind them.
local function send(ctx, nas, changes)
  local warnings, by_name = {}, {}
  for _, change in ipairs(changes) do by_name[change.name] = change end
  ctx:each_item(ctx.args.container, function(name)
    for _, text in ipairs(nas:container(name):update(by_name[name].resources)) do warnings[#warnings + 1] = text end
    return ctx:named(nas, name)
  end, { limit = 1 })
  if #warnings > 0 then ctx:out(table.concat(warnings, "\n") .. "\n") end
end

-- The same as steps of a plan, with what to go back to.
local function add_steps(into, nas, changes)
  for _, change in ipairs(changes) do
    local host, was = change.container.HostConfig, {}
    local rows = resources.changes(change.resources, host)
    for key in pairs(change.resources) do was[key] = host[key] end
    for i, row in ipairs(rows) do rows[i] = ("%s %s -> %s"):format(table.unpack(row)) end
    if #rows > 0 then
      into:add {
        target = nas.name, op = "container.update", verb = "change", danger = 1, items = rows,
        args = { container = change.container.Id, resources = change.resources, was = was },
        object = { kind = "container", name = change.container.Name:gsub("^/", ""), id = change.container.Id },
      }
    end
  end
end

---@async
---@param ctx cli.Context with args.container
---@param nas docker.Nas
---@param into? plan.Plan gets the changes as steps; nothing is changed then
function M.run(ctx, nas, into)
  local wanted = resources.read(ctx.flags, ctx.given)
  if wanted.NanoCpus or wanted.CpuQuota or wanted.CpuPeriod then
    limits.preflight(wanted, nas:info(), {
      best_effort = ctx.flags.best_effort, nas = nas.name, warn = function(text) ctx:warn(text) end,
    })
  end
  if nas:supports "1.42" then wanted.KernelMemory = nil end -- gone from the API
  local changes, failed = plan(ctx, nas, wanted)
  if #failed > 0 then
    require("cli.items").report(ctx, failed)
    if #changes > 0 then ctx:note "nothing was changed: all containers must fit" end
    return
  end
  for _, change in ipairs(changes) do warn(ctx, nas, change) end
  if into then return add_steps(into, nas, changes) end
  show(ctx, nas, changes)
  if not ctx.flags.dry_run then send(ctx, nas, changes) end
end

return M
