-- compose top: processes of a project's containers. GET /containers/{id}/top.
local cli = require "compose.cli"
local observe = require "compose.observe"
local processes = require "listing.processes"
local task = require "task"
local ui = require "ui"
local verbs = require "compose.verbs"

-- Lists of the running containers by name. One that ended meanwhile is not missed.
local function lists(nas, scope)
  local containers = observe.list(nas, scope.name)
  local chosen = #containers > 0 and cli.select(scope, containers, { states = { running = true, paused = true }, oneoff = true }) or {}
  table.sort(chosen, function(a, b) return a.name < b.name end)
  local out = {}
  for i, list in ipairs(task.map(chosen, function(c)
    local list, err = try(processes.get, nas, c.name, {})
    if err and err.category ~= "not_found" and err.category ~= "conflict" then error(err, 0) end
    return list or {}
  end, { limit = 8 })) do
    list.service, list.number = chosen[i].service, chosen[i].number
    if list.titles then out[#out + 1] = list end
  end
  return out
end

-- As compose v2 lays it out: every cell of a row is ended by a tab.
local function plain(list)
  local lines = { table.concat(list.titles, "\t") }
  for i, row in ipairs(list.rows) do lines[i + 1] = table.concat(row, "\t") .. "\t" end
  return require("ui.tabwriter").format(table.concat(lines, "\n") .. "\n", 5, 3) .. "\n"
end

return {
  summary = "Display the running processes of a project",
  group = "compose",
  docker = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  uses = { "targets", "json", "compose" },
  pager = true,
  examples = { { "compose top" }, { "compose top web", "Of one service" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, ctx.args.service)
    local all = ctx:each_target(function(nas) return lists(nas, scope) end)
    if ctx.flags.json then return ctx:out(require("json").encode(processes.all(all)) .. "\n") end
    if #all == 0 and #ctx.failures == 0 and ui.is_tty "stderr" then ctx:note(("nothing of project '%s' runs"):format(scope.name)) end
    for _, list in ipairs(all) do
      ctx:out((ctx.several and list.profile .. "/" or "") .. list.container .. "\n")
      ctx:out(ui.is_tty "stdout" and processes.fitted(list) .. "\n" or plain(list))
    end
  end,
}
