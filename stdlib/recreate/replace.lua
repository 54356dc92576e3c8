-- run --replace and create --replace: a new container under the name of one that is there.
local container = require "create.container"
local recreate = require "recreate"

local M = {}

local MONITOR = 1 -- seconds in which a container that cannot live usually ends

local function check(nas, old, name)
  if not old.HostConfig.AutoRemove or not old.State.Running then
    return
  end
  Error {
    category = "conflict", code = "auto_remove", message = nas:cannot(("replace container '%s'"):format(name)), profile = nas.name,
    why = "it was started with --rm: once stopped it is gone, and could not come back", hint = "qnap-docker stop " .. name,
  }
end

local function plan_of(ctx, nas, request, old, options)
  local name = request.name
  local plan = require("plan").new { command = ("%s --replace --name %s"):format(ctx.spec.name, name) }
  local created = recreate.steps(plan, {
    target = nas.name, old = old, name = name, body = request.body, platform = request.platform, start = options.start,
    prove = options.prove, monitor = MONITOR, may_end = true,
  })
  return plan, created
end

---Prints what --replace would do (--dry-run): its plan, which is not begun.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param request create.Request
---@param old? table inspect record of the container that has the name
---@param options {pull: string, start: boolean}
function M.show(ctx, nas, request, old, options)
  local plan = require("plan").new { command = ctx.spec.name }
  local image = request.body.Image
  if options.pull == "always" or (options.pull == "missing" and not nas:image(image):exists()) then
    plan:add { target = nas.name, op = "image.pull", verb = "pull", object = { kind = "image", name = image }, danger = 0 }
  end
  if old then
    check(nas, old, request.name)
    local whole = plan_of(ctx, nas, request, old, { start = options.start, prove = false })
    table.move(whole.steps, 1, #whole.steps, #plan.steps + 1, plan.steps)
  else
    plan:add {
      target = nas.name, op = "container.create", verb = "create", object = { kind = "container", name = request.name }, after = image,
    }
  end
  ctx:out(require("plan.show").text(plan))
end

---Begins the replacement: the new container is created and has the name, the old one is stopped beside it.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param request create.Request
---@param old table inspect record
---@param options {pull: string, quiet?: boolean, cidfile?: string, start: boolean, prove: boolean}
---@return string id
---@return {failed: (fun(): boolean), done: fun()} guard failed: the old one comes back; done: the new one started
function M.begin(ctx, nas, request, old, options)
  local name = request.name
  check(nas, old, name)
  container.prepare(nas, request, { pull = options.pull, quiet = options.quiet, ctx = ctx })
  local plan, created = plan_of(ctx, nas, request, old, options)
  local pause
  for _, step in ipairs(plan.steps) do
    pause = pause or ((step.op == "container.start" or step.op == "container.remove") and step.id) or nil
  end
  local run, err = try(plan.apply, plan, { nas_of = function() return nas end, pause_at = pause })
  if err then error(recreate.explain(err, name), 0) end
  local made = run.results[created.id]
  container.warn(made, request.body)
  return made.id, {
    failed = function()
      run:take_back()
      return false
    end,
    done = function()
      local _, problem = try(run.go_on, run)
      if problem then error(recreate.explain(problem, name), 0) end
    end,
  }
end

return M
