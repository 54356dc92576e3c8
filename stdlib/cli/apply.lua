-- ctx:apply(plan): shows, saves, asks and does what a plan says, as the flags want it.
local output = require "cli.output"

local M = {}

---Docker on a NAS of the command line: one connection each, closed when the command ends.
---@param ctx cli.Context
---@return fun(target: string, anew?: boolean): docker.Nas
function M.nas_of(ctx)
  local open = {}
  for _, nas in ipairs(ctx.connections) do
    open[nas.name] = nas
  end
  return function(target, anew)
    if not open[target] or anew then
      local p = require("profile").get(target, { engine = ctx.global.engine })
      open[target] = require("docker").connect(p, { timeout = ctx.global.timeout })
      ctx.connections[#ctx.connections + 1] = open[target]
    end
    return open[target]
  end
end

local function any_protected(plan, nas_of)
  for _, target in ipairs(plan:targets()) do
    local nas = nas_of(target)
    if nas.profile and nas.profile.protected then
      return true
    end
  end
  return false
end

local function question(plan, nas_of)
  local targets = plan:targets()
  local asked = plan.confirm or {}
  local level = math.max(asked.level or 0, plan:danger(), #targets > 1 and 2 or 0)
  local names = {}
  for _, step in ipairs(plan.steps) do
    if step.danger == level then
      names[#names + 1] = step.object.name
    end
  end
  return {
    level = level, protected = level == 1 and any_protected(plan, nas_of) or nil, force = plan.confirm and plan.confirm.force,
    question = asked.question or ("%s on %s?"):format(require("plan.show").summary(plan):gsub("^Plan: ", ""), table.concat(targets, ", ")),
    name = asked.name or #names == 1 and names[1] or targets[1],
  }
end

local function document(plan)
  local json = require "json"
  return json.encode(json.decode(require("core.log").redact(json.encode(plan:document()))), { indent = 2 }) .. "\n"
end

-- --dry-run, --plan-out, --exit-code: whether nothing more is to be done.
local function only_shown(ctx, plan, nas_of)
  local flags = ctx.flags
  if not flags.dry_run and not ctx.global.dry_run and not flags.plan_out then
    return false
  end
  plan:seal(nas_of)
  if flags.plan_out then
    plan:save(flags.plan_out)
    ctx:note(("saved; 'qnap-docker apply %s' does it"):format(flags.plan_out))
  end
  ctx:out(flags.json and document(plan) or require("plan.show").text(plan))
  if flags.exit_code then
    ctx:exit(#plan.steps > 0 and 10 or 0)
  end
  return true
end

---Shows what will be done where a person reads, and asks.
local function ask(ctx, plan, nas_of)
  local asked = question(plan, nas_of)
  if asked.level >= 2 or asked.protected or require("ui").is_tty "stderr" then
    output.err(require("plan.show").text(plan))
  end
  ctx:confirm(asked)
end

---Does what the plan says, after the questions that it needs; with --dry-run or --plan-out only shows it.
---@async
---@param ctx cli.Context
---@param plan plan.Plan
---@param options? {asked?: boolean, quiet?: boolean, visible?: boolean, on_done?: fun(step: plan.Step, result: table)} asked: the
--- command has asked already
---@return plan.Run? nil when it was only shown, or there was nothing to do
function M.apply(ctx, plan, options)
  options = options or {}
  local nas_of = M.nas_of(ctx)
  if only_shown(ctx, plan, nas_of) or #plan.steps == 0 then
    return nil
  end
  if not options.asked then
    ask(ctx, plan, nas_of)
  end
  local visible = not options.quiet and (options.visible or require("ui").is_tty "stderr" or ctx.global.progress ~= "auto")
  return plan:apply { nas_of = nas_of, progress = visible and ctx:progress() or nil, on_done = options.on_done,
    lock_wait = ctx.global.lock_wait }
end

return M
