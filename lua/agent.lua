-- agent: the process that keeps the connections to the NASes open between commands.
local VERBS = { status = true, stop = true }

local function bad_verb(verb)
  Error {
    category = "usage", code = "bad_argument", message = ("agent has no '%s'"):format(verb), why = "status and stop are known",
    hint = "qnap-docker agent status",
  }
end

local function off()
  Error {
    category = "conflict", code = "agent_off", message = "there is no connection holder here",
    why = os.getenv "QNAP_DOCKER_AGENT" == "0" and "QNAP_DOCKER_AGENT is 0" or "the path of its socket would be too long",
    hint = "unset QNAP_DOCKER_AGENT, or choose a shorter QNAP_DOCKER_HOME",
  }
end

local function seconds(n) return require("units").human_duration(n) end

---@type cli.Command
return {
  summary = "Show or end the process that keeps connections open",
  group = "set-up",
  description = "The first command starts it; it ends by itself when nobody used it for ten minutes. Later commands need no login: they "
    .. "get a channel of a connection that is there. It keeps no passwords. QNAP_DOCKER_AGENT=0: every command connects by itself.",
  args = { { "verb", optional = true, complete = "agent_verbs", help = "status (default) or stop" } },
  flags = {
    { "foreground", help = "Hold connections in this process, until Ctrl-C" },
    { "idle", type = "duration", value = "DURATION", default = "10m", help = "With --foreground: end when nobody used it for so long" },
    { "alone", hidden = true, help = "With --foreground: say on stdout that it listens, and let go of the terminal" },
  },
  uses = { "output" },
  columns = {
    { "NAS", get = function(c) return c.who end },
    { "State", color = "state", get = function(c) return c.state end },
    { "Sessions", right = true, get = function(c) return tostring(c.sessions) end },
    { "In use", right = true, get = function(c) return tostring(c.channels) end },
    { "Ready", right = true, get = function(c) return tostring(c.ready) end },
    { "Login", priority = 4, get = function(c) return c.auth end },
    { "Idle", priority = 3, get = function(c) return seconds(c.idle) end },
  },
  quiet = "NAS",
  json = function(c) return c end,
  empty = "no connections",
  examples = {
    { "agent", "What it holds" }, { "agent stop", "Close all connections" }, { "agent --foreground --idle 8h", "For a session's length" },
  },
  run = function(ctx)
    local verb = ctx.args.verb or "status"
    if not VERBS[verb] then bad_verb(verb) end
    local holder = require "ssh.holder"
    local path = holder.path() or off()
    if ctx.flags.foreground then
      return holder.serve(path, ctx.flags.idle, not ctx.flags.alone and function()
        ctx:note(("holding connections at %s"):format(path))
      end or nil)
    end
    local status = holder.ask(path, verb)
    if verb == "stop" then
      return ctx:note(status and "stopped" or "it does not run")
    elseif not status then
      ctx:note "it does not run"
      return {}
    end
    ctx:note(("process %d, up %s, ends after %s without use"):format(status.pid, seconds(status.up), seconds(status.idle)))
    return status.connections
  end,
}
