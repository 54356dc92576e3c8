-- wait: until containers stop; prints their exit codes. POST /containers/{id}/wait.
local function code_of(nas, name)
  local code, problem = nas:container(name):wait()
  if problem and problem ~= "" then
    Error {
      category = "fail", code = "wait_failed", message = ("cannot wait for container '%s' on %s"):format(name, nas.name), why = problem,
    }
  end
  return code
end

-- Records in the containers' order, failures reported behind them.
local function records(ctx, nas)
  local failed, out = {}, {}
  local results = require("task").map(ctx.args.container, function(name)
    local code, err = try(code_of, nas, name)
    return { container = name, exit_code = code, err = err }
  end, { limit = 50 })
  for _, result in ipairs(results) do
    local into = result.err and failed or out
    into[#into + 1] = result.err or result
  end
  require("cli.items").report(ctx, failed)
  return out
end

return {
  summary = "Block until one or more containers stop, then print their exit codes",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers.running" } },
  uses = { "targets", "json" },
  examples = {
    { "wait job", "Its exit code, when it has ended" },
    { "wait job --timeout 10m", "Ten minutes at most" },
    { "wait a b --json", "Both, with their names" },
  },
  run = function(ctx)
    local rows = ctx:each_target(function(nas)
      if ctx.flags.json then return records(ctx, nas) end
      ctx:each_item(ctx.args.container, function(name)
        local code = tostring(code_of(nas, name))
        return ctx.several and ctx:named(nas, name .. " " .. code) or code
      end)
    end)
    if ctx.flags.json then return require("json").array(rows) end
  end,
}
