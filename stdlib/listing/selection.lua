-- Which containers a verb works on: named ones, those of a project, or all; several unnamed ones are confirmed first.
local M = {}

---The flags that choose several containers.
---@return cli.Flag[]
function M.flags()
  return {
    { "all", help = "All of them" },
    { "project", type = "string", value = "NAME", help = "Those of a compose project" },
  }
end

---The flags of verbs that stop containers.
---@param until_what string what --wait waits for
---@return cli.Flag[]
function M.stop_flags(until_what)
  return {
    { "signal", short = "s", type = "string", value = "SIGNAL", help = "Signal to send to the container" },
    { "timeout", short = "t", type = "int", value = "SECONDS", alias = { "time" }, deprecated = { time = "use --timeout instead" },
      help = "Seconds to wait before it is killed; -1: for ever" },
    M.flags()[1],
    M.flags()[2],
    { "wait", help = "Wait until they are " .. until_what },
  }
end

local function matching(nas, options, project)
  local filters = { status = options.states }
  if project then filters.label = { "com.docker.compose.project=" .. project } end
  local names = {}
  for i, c in ipairs(nas:containers { all = true, filters = filters }) do names[i] = c.Names[1]:gsub("^/", "") end
  table.sort(names)
  return names
end

---@async
---@param ctx cli.Context with args.container and the flags --all and --project
---@param nas docker.Nas
---@param options {verb: string, states: string[]}
---@return string[] names
function M.names(ctx, nas, options)
  local given, all, project = ctx.args.container, ctx.flags.all, ctx.flags.project
  if #given > 0 and (all or project) then
    Error { category = "usage", code = "conflicting_flags", message = "name containers, or give --all or --project; not both" }
  end
  if #given > 0 then return given end
  if not all and not project then
    Error {
      category = "usage", code = "missing_argument", message = ("'%s' needs at least one container"):format(options.verb),
      exit_code = 1,
      hint = ("qnap-docker %s CONTAINER [CONTAINER...]\nor --all, or --project NAME"):format(options.verb),
    }
  end
  local names = matching(nas, options, project)
  if #names == 0 then
    Error {
      category = "not_found", code = "no_containers", message = ("nothing to %s on %s"):format(options.verb, nas.name),
      hint = "qnap-docker ps -a",
    }
  end
  if all then
    ctx:confirm { level = 2, verb = options.verb, items = names, question = ("%s %d containers?"):format(options.verb, #names) }
  end
  return names
end

---The signal of stop and restart. Engines before API 1.42 know only the container's own: docker leaves it out, and we say so.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@return string?
function M.signal(ctx, nas)
  local signal = ctx.flags.signal
  if not signal or signal == "" or nas:supports "1.42" then return signal end
  if not ctx.signal_told then ctx:warn(("--signal is left out: the engine of %s is older than API 1.42"):format(nas.name)) end
  ctx.signal_told = true
end

---Runs fn(nas, name) for every container that is meant, on every NAS that is meant, and prints the names it returns as docker does.
---@async
---@param ctx cli.Context
---@param options {verb: string, states: string[]}
---@param fn fun(nas: docker.Nas, name: string): string?
function M.each(ctx, options, fn)
  ctx:each_target(function(nas)
    ctx:each_item(M.names(ctx, nas, options), function(name)
      local shown = fn(nas, name)
      return shown and ctx:named(nas, shown)
    end)
  end)
end

return M
