-- compose ps: containers of a project, of some of its services, or of all projects. GET /containers/json.
local cli = require "compose.cli"
local declared = require "compose.declared"
local rows = require "compose.rows"
local verbs = require "compose.verbs"

local function wanted_states(ctx)
  local f, states = ctx.flags, {}
  local filter = f.filter or ""
  local key, value = filter:match "^([^=]*)=(.*)$"
  if filter ~= "" and key ~= "status" then
    Error {
      category = "usage", code = "bad_filter", message = key and ("unknown filter %s"):format(key) or ("no filter: %s"):format(filter),
      why = "compose ps knows one: --filter status=STATE", exit_code = 1,
    }
  end
  for _, state in ipairs(f.status) do states[state] = true end
  if value then states[value] = true end
  if next(states) then return states, true end
  return not f.all and verbs.RUNNING or nil, f.all
end

-- "project shop, revision 7; 2 services changed in the file…" above the table, where a person reads.
local function header(ctx, nas, scope, containers)
  local f = ctx.flags
  if not scope or not require("ui").is_tty "stdout" or f.quiet or f.services or f.json or f.format or f.watch then return end
  local stored = try(require("compose.store").read, nas, scope.name)
  local revision = stored and stored.revision > 0 and (", revision %d"):format(stored.revision) or ""
  local changed = scope.project and declared.note(scope.project, containers)
  ctx:note(("project %s%s%s"):format(ctx:named(nas, scope.name), revision, changed and "; " .. changed or ""))
end

local function check(ctx, nas, scope, containers)
  local problems = declared.problems(scope or { name = "" }, containers)
  for _, line in ipairs(problems) do ctx:note(ctx:named(nas, line)) end
  if #problems > 0 then ctx:exit(8) end
end

local function of_nas(ctx, nas, scope, words)
  local states, oneoff = wanted_states(ctx)
  local containers
  scope, containers = require("compose.words").meant(ctx, nas, scope, words)
  if ctx.flags.check then check(ctx, nas, scope, containers) end
  header(ctx, nas, scope, containers)
  local orphans = scope and scope.project and declared.orphans(scope.project, containers) or {}
  local out = {}
  for _, c in ipairs(cli.select(scope or { name = "", services = {} }, containers, { states = states, oneoff = oneoff })) do
    c.orphan = orphans[c.service] or nil
    if ctx.flags.orphans or not c.orphan then out[#out + 1] = c end
  end
  table.sort(out, function(a, b)
    if not scope and a.project ~= b.project then return a.project < b.project end
    return a.name < b.name
  end)
  return out
end

local function services(list)
  local out, seen = {}, {}
  for _, c in ipairs(list) do
    if not seen[c.service] then out[#out + 1] = c.service end
    seen[c.service] = true
  end
  return table.concat(out, "\n") .. "\n"
end

-- Without files and without a name all projects are shown.
local function current(ctx, words)
  local scope, err = try(verbs.scope, ctx, words)
  if scope or (err.code == "no_compose_file" and #ctx.flags.file == 0) then return scope end
  error(err, 0)
end

local function list(ctx)
  local words = ctx.args.service
  local scope = current(ctx, words)
  ctx.several_projects = not scope and #words == 0
  local found = ctx:each_target(function(nas) return of_nas(ctx, nas, scope, words) end)
  if ctx.flags.quiet then
    for _, c in ipairs(found) do ctx:out(c.id .. "\n") end
  elseif ctx.flags.services then
    ctx:out(services(found))
  else
    return found
  end
end

return {
  summary = "List the containers of a project",
  group = "compose",
  docker = true,
  description = "A word is a service of the project whose files are here, or that -p names; else a project. Without any of these the "
    .. "containers of all projects are listed.",
  args = { { "service", variadic = true, optional = true, label = "PROJECT|SERVICE", complete = "compose.services" } },
  flags = {
    { "all", short = "a", help = "Show all containers: stopped ones, and those of 'compose run'" },
    { "services", help = "Print the names of the services" },
    { "status", type = "list", value = "STATE", complete = { "paused", "restarting", "removing", "running", "dead", "created", "exited" },
      help = "Only those in this state (repeatable): paused, restarting, removing, running, dead, created, exited" },
    { "filter", type = "string", value = "KEY=VALUE", complete = { "status=" }, help = "Only those that match: status=STATE" },
    { "orphans", default = true, help = "Include services that no file declares (--orphans=false leaves them out)" },
    { "check", help = "Say what is not as declared, and exit with 8 where something is" },
    { "quiet", short = "q", help = "Only ids" },
  },
  uses = { "targets", "output", "watch", "compose" },
  columns = rows.columns(),
  raw = require("listing.containers").raw,
  type_name = "*formatter.ContainerContext",
  methods = function(c) return { Label = c.labels } end,
  json = rows.record,
  empty = function(ctx)
    return ctx.flags.all and "no containers; 'qnap-docker compose ls -a' shows what projects there are"
      or "no running containers; -a shows stopped ones, 'compose up' starts a project"
  end,
  pager = true,
  examples = {
    { "compose ps", "Those of the project here" }, { "compose ps -a shop", "All of another project" },
    { "compose ps --check", "Whether everything is as the files say" }, { "compose ps --profile '*'", "On every NAS" },
  },
  run = function(ctx)
    return require("cli.watch").list(ctx, function() return list(ctx) end)
  end,
}
