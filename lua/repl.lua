---@type cli.Command
return {
  summary = "Type Lua at a NAS",
  group = "automation",
  args = { { "script", optional = true, complete = "files", help = "Run this file first" } },
  uses = { "target" },
  run = function(ctx)
    local session = require("repl.session").new {
      interactive = true, out = function(text) ctx:out(text) end, style = require("ui").style "stdout",
    }
    function session.prompt() return "nas> " end
    function session.tell(_, err) io.stderr:write(require("cli.render_error").text(err)) end
    require("repl.loop").interactive(session)
  end,
}
