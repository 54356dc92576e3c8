-- diff: what a container changed in its file system. GET /containers/{id}/changes.
local KINDS = { [0] = "C", "A", "D" }
local WORDS = { C = "changed", A = "added", D = "deleted" }

return {
  summary = "Inspect changes to files or directories on a container's filesystem",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" } },
  uses = { "targets", "json" },
  description = "C: changed, A: added, D: deleted. Volumes and bind mounts are not looked at.",
  pager = true,
  examples = { { "diff web", "Paths it added, changed or deleted since it was created" } },
  run = function(ctx)
    if ctx.args.container == "" then
      Error {
        category = "usage", code = "empty_name", message = "Container name cannot be empty", exit_code = 1, hint = "qnap-docker ps -a",
      }
    end
    local rows = ctx:each_target(function(nas)
      local out = {}
      for i, change in ipairs(nas:container(ctx.args.container):changes()) do
        out[i] = { kind = KINDS[change.Kind] or "?", path = change.Path }
      end
      return out
    end)
    if ctx.flags.json then
      for _, row in ipairs(rows) do row.kind = WORDS[row.kind] or row.kind end
      return require("json").array(rows)
    end
    local clean = require("ui").is_tty "stdout" and require("ui.text").clean or function(text) return text end
    local lines = {}
    for i, row in ipairs(rows) do
      lines[i] = (ctx.several and row.profile .. ": " or "") .. row.kind .. " " .. clean(row.path) .. "\n"
    end
    ctx:out(table.concat(lines))
  end,
}
