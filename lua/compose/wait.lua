-- compose wait: until the containers of services stop; ends with the exit code of the last one. POST /containers/{id}/wait.
local cli = require "compose.cli"
local verbs = require "compose.verbs"

local function running(nas, scope)
  local containers = require("compose.observe").list(nas, scope.name)
  if #containers == 0 then verbs.nothing(nas, scope) end
  local list = cli.select(scope, containers, { states = verbs.RUNNING, oneoff = true })
  if #list > 0 then return list end
  Error {
    category = "conflict", code = "not_running",
    message = ("nothing of %s runs on %s"):format(table.concat(scope.services, ", "), nas.name), hint = "qnap-docker compose ps -a",
  }
end

local function first(list, one)
  local waiting = {}
  for i, c in ipairs(list) do
    waiting[i] = function() return one(c) end
  end
  return require("task").race(waiting)
end

local function down(ctx, nas, scope)
  local run = ctx:apply(require("compose.down").plan(nas, { name = scope.name, project = scope.project, services = {} }, {}, ctx.spec.name))
  local errors = {}
  for i, failure in ipairs(run and run.failed or {}) do errors[i] = failure.err end
  require("cli.items").report(ctx, errors)
end

return {
  summary = "Block until containers of services stop",
  group = "compose",
  docker = true,
  description = "Ends with the exit code of the container that stopped last.",
  args = { { "service", variadic = true, complete = "compose.services" } },
  flags = { { "down-project", help = "Take the project down when the first container has stopped; its exit code is ours" } },
  uses = { "targets", "compose", "json" },
  examples = { { "compose wait job", "Its exit code is ours" }, { "compose wait job --timeout 10m", "Ten minutes at most" } },
  run = function(ctx)
    local scope, code = verbs.scope(ctx, ctx.args.service), 0
    local records = ctx:each_target(function(nas)
      local list = running(nas, scope)
      local function one(c)
        local ended = nas:container(c.id):wait()
        if not ctx.flags.json then ctx:out(('container "%s" exited with status code %d\n'):format(c.id, ended)) end
        code = ended
        return { container = c.name, service = c.service, id = c.id, exit_code = ended }
      end
      if not ctx.flags.down_project then return require("task").map(list, one, { limit = #list }) end
      local record = first(list, one)
      down(ctx, nas, scope)
      return record
    end)
    if not ctx.code then ctx:exit(code) end -- what could not be taken down counts more
    if ctx.flags.json then return require("json").array(records) end
  end,
}
