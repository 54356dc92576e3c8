-- compose lock status: who changes a project on a NAS now.
return {
  summary = "Show who is changing a project",
  group = "compose",
  args = { { "project", optional = true, complete = "compose.projects", help = "Its name, where there is no file" } },
  uses = { "compose", "targets", "output" },
  columns = {
    { "Project", get = function(l) return l.project end },
    { "State", color = "state", get = function(l) return l.state end },
    { "User", get = function(l) return l.user end },
    { "Host", get = function(l) return l.host end },
    { "Process", right = true, get = function(l) return tostring(l.pid) end },
    { "Since", priority = 3, get = function(l, view) return l.time > 0 and require("listing.text").since(l.time, view) or "" end },
    { "Command", priority = 4, get = function(l) return l.command end },
  },
  quiet = "Project",
  json = function(l)
    return {
      project = l.project, state = l.state, user = l.user, host = l.host, pid = l.pid, command = l.command,
      since = l.time > 0 and os.date("!%Y-%m-%dT%H:%M:%SZ", l.time) or nil,
    }
  end,
  empty = "nobody",
  examples = { { "compose lock status", "Of the project here" }, { "compose lock status shop --json" } },
  run = function(ctx)
    local name = ctx.args.project and require("compose").project_name(ctx.args.project) or require("compose.cli").scope(ctx).name
    return ctx:each_target(function(nas)
      local holder = require("compose.store").read(nas, name).lock
      if not holder then return {} end
      holder.project, holder.state = name, require("compose.lock").is_stale(holder) and "left behind" or "held"
      return { holder }
    end)
  end,
}
