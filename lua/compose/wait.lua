-- compose wait: until the containers of services stop; ends with the exit code of the last one. POST /containers/{id}/wait.
local cli = require "compose.cli"
local verbs = require "compose.verbs"

local function running(nas, scope)
  local containers = require("compose.observe").list(nas, scope.name)
  if #containers == 0 then verbs.nothing(nas, scope) end
  local list = cli.select(scope, containers, { states = verbs.RUNNING, oneoff = true })
  if #list > 0 then return list end
  Error {
    category = "not_found", code = "service_not_running",
    message = ("nothing of %s runs on %s"):format(table.concat(scope.services, ", "), nas.name), hint = "qnap-docker compose ps -a",
  }
end

return {
  summary = "Block until containers of services stop",
  group = "compose",
  docker = true,
  description = "Ends with the exit code of the container that stopped last.",
  args = { { "service", variadic = true, complete = "compose.services" } },
  uses = { "targets", "compose", "json" },
  examples = { { "compose wait job", "Its exit code is ours" }, { "compose wait job --timeout 10m", "Ten minutes at most" } },
  run = function(ctx)
    local scope, code = verbs.scope(ctx, ctx.args.service), 0
    local records = ctx:each_target(function(nas)
      local list = running(nas, scope)
      return require("task").map(list, function(c)
        code = nas:container(c.id):wait()
        if not ctx.flags.json then ctx:out(('container "%s" exited with status code %d\n'):format(c.id, code)) end
        return { container = c.name, service = c.service, id = c.id, exit_code = code }
      end, { limit = #list })
    end)
    ctx:exit(code)
    if ctx.flags.json then return require("json").array(records) end
  end,
}
