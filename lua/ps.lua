-- ps: containers of one or many NASes. GET /containers/json.
local containers = require "listing.containers"
local filters = require "listing.filters"

local columns = containers.columns(function(ctx) return ctx.flags.size end)
table.insert(columns, 6, {
  "Health", ours = true, when = function(ctx) return ctx.flags.health end, color = "state",
  get = function(c) return containers.health(c) or "none" end,
})

local function project(c) return (c.Labels or {})["com.docker.compose.project"] end

-- docker has no such column: a terminal shows it, when there are projects.
columns[#columns + 1] = {
  "Project", ours = true, priority = 10, get = function(c) return project(c) or "" end,
  when = function(ctx) return ctx.has_projects and require("ui").is_tty "stdout" end,
}

-- Tries a template of the user's on a container without content, as docker does: a mistake ends here, and whether the
-- size makes a difference is known before the engine is asked.
local function template_wants_size(ctx)
  local source = ctx.given.format and ctx.flags.format or ""
  if source == "" then return false end
  local format = require "cli.format"
  local function with_size(size)
    return format.one(ctx.spec.def, columns, require("cli.render").view(ctx), source, containers.blank(), { Size = size })
  end
  return with_size "0B" ~= with_size "" and not ctx.flags.quiet and not ctx.given.size
end

local function query(ctx)
  local flags = ctx.flags
  local limit = flags.last
  if flags.latest and not ctx.given.last then limit = 1 end
  local wanted = filters.parse(flags.filter)
  if flags.project then
    wanted.label = wanted.label or {}
    wanted.label["com.docker.compose.project=" .. flags.project] = true
  end
  local size = template_wants_size(ctx) or flags.size
  return { all = flags.all, limit = limit > 0 and limit or nil, filters = wanted, size = size }
end

local SORT = {
  name = function(c) return c.Names[1] or "" end,
  created = function(c) return -c.Created end,
  image = function(c) return c.Image end,
  status = function(c) return c.State end,
  size = function(c) return -(c.SizeRw or 0) end,
}

local function sorted(list, by)
  local key = SORT[by]
  if key then table.sort(list, function(a, b) return key(a) < key(b) end) end
  return list
end

local function list(ctx, request)
  local rows = ctx:each_target(function(nas)
    return sorted(nas:containers(request), ctx.flags.sort)
  end)
  ctx.has_projects = false
  for _, c in ipairs(rows) do ctx.has_projects = ctx.has_projects or project(c) ~= nil end
  return rows
end

return {
  summary = "List containers",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  flags = {
    { "all", short = "a", help = "Show all containers (default: only running ones)" },
    { "filter", short = "f", type = "list", value = "KEY=VALUE", help = "Keep those that match", complete = "docker.filters" },
    { "last", short = "n", type = "int", value = "N", default = -1, help = "Show the N last created containers, in any state" },
    { "latest", short = "l", help = "Show the last created container, in any state" },
    { "size", short = "s", help = "Show sizes (slow on large containers)" },
    { "health", help = "Add a HEALTH column" },
    { "project", type = "string", value = "NAME", help = "Keep those of a compose project" },
    { "sort", type = "enum", values = { "name", "created", "image", "status", "size" }, value = "KEY",
      help = "name, created, image, status or size" },
  },
  uses = { "targets", "output", "watch" },
  columns = columns,
  quiet = "ID",
  raw = containers.raw,
  quiet_wins = true,
  type_name = "*formatter.ContainerContext",
  methods = function(c) return { Label = c.Labels or {} } end,
  json = containers.record,
  empty = function(ctx)
    return ctx.flags.all and "no containers" or "no running containers; -a shows stopped ones, 'qnap-docker run IMAGE' starts one"
  end,
  pager = true,
  examples = {
    { "ps", "Running containers" },
    { "ps -a --filter status=exited", "Stopped ones" },
    { "ps --profile '*'", "On every NAS" },
    { "ps --format '{{.Names}}: {{.Status}}'", "Chosen fields" },
  },
  run = function(ctx)
    local request = query(ctx)
    return require("cli.watch").list(ctx, function() return list(ctx, request) end)
  end,
}
