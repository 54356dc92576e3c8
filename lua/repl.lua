-- repl: Lua at a NAS, typed or from a pipe.
local function without_nas(ctx)
  local profiles, err = try(require("cli.targets").select, ctx)
  if profiles and #profiles == 1 then return profiles[1] end
  if profiles then return ctx:target() end -- says that one is wanted
  if ctx.given.profile or ctx.typed.profile or err.code ~= "no_profile" and err.code ~= "no_default" then error(err, 0) end
  return nil, err
end

-- A chunk's own mistake is told with the place in it and the way there, not as a bug of the program.
local function tell(style)
  return function(err)
    local output = require "cli.output"
    if type(err) == "table" and err.category == "cancelled" then return output.err "interrupted\n" end
    output.err(require("repl.failure").text(err, style))
  end
end

---@type cli.Command
return {
  summary = "Type Lua at a NAS",
  group = "automation",
  description = "`nas` is Docker on the NAS; it connects at the first question. Every value is shown and kept as _1, _2 and so on. Tab "
    .. "completes fields, methods and the names of what the NAS has; :help lists the commands. Ctrl-C stops a chunk and keeps the session. "
    .. "Where stdin is no terminal it is run chunk by chunk, without a prompt, and the first failure ends it. On a protected NAS changes "
    .. "are only shown until ':dry off'.",
  args = { { "script", optional = true, complete = "files", help = "Run this file first; without a terminal only it" } },
  uses = { "target" },
  examples = {
    { "repl --profile nas1", "A prompt for nas1" },
    { "repl --profile nas1 report.lua", "Run a file there, then ask" },
    { "repl <<< 'nas:containers { all = true }'", "One chunk" },
  },
  run = function(ctx)
    local profile, no_profile = without_nas(ctx)
    local ui = require "ui"
    local interactive = ui.is_tty "stdin" and ui.is_tty "stdout"
    local session = require("repl.session").new {
      interactive = interactive, profile = profile, no_profile = no_profile, out = function(text) ctx:out(text) end,
      tell = tell(ui.style "stderr"), style = ui.style "stdout",
    }
    local loop, script = require "repl.loop", ctx.args.script
    local function load_script() require("repl.commands").load_file(session, script) end
    if not interactive then
      local _ <close> = defer(function() session:disconnect() end)
      require("repl.failure").raising(script and load_script or function() loop.piped(session, ui.read_line) end)
      return
    end
    loop.interactive(session, script and function()
      local ok, err = session:run(load_script)
      if not ok then session.tell(err) end
    end)
  end,
}
