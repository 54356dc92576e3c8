-- compose images: the images that a project's containers run. GET /containers/json, GET /images/json.
local cli = require "compose.cli"
local observe = require "compose.observe"
local text = require "listing.text"
local verbs = require "compose.verbs"

local function by_id(images)
  local out = {}
  for _, image in ipairs(images) do out[image.Id] = image end
  return out
end

-- "" where it has no name: docker's "<none>".
local function name_of(image)
  local tag = type(image.RepoTags) == "table" and image.RepoTags[1]
  if not tag or tag:find "<none>" then return "", "" end
  local ref = require("docker.reference").parse(tag)
  return ref.familiar, ref.tag or ""
end

local function rows(nas, scope)
  local containers, images = table.unpack(require("task").all {
    function() return observe.list(nas, scope.name) end,
    function() return by_id(nas:images {}) end,
  })
  local out = {}
  for i, c in ipairs(#containers > 0 and cli.select(scope, containers, { oneoff = true }) or {}) do
    local image = images[c.image_id] or {}
    local repository, tag = name_of(image)
    out[i] = {
      container = c.name, service = c.service, id = c.image_id, repository = repository, tag = tag, size = math.tointeger(image.Size) or 0,
    }
  end
  table.sort(out, function(a, b) return a.container < b.container end)
  return out
end

-- compose v2's form: one array, members in its order.
local function document(list)
  local encode, out = require("json").encode, {}
  for i, r in ipairs(list) do
    out[i] = ('{"ID":%s,"ContainerName":%s,"Repository":%s,"Tag":%s,"Size":%d}'):format(
      encode(r.id), encode(r.container), encode(r.repository), encode(r.tag), r.size)
  end
  return ("[%s]\n"):format(table.concat(out, ","))
end

local function ids(list)
  local out, seen = {}, {}
  for _, r in ipairs(list) do
    if not seen[r.id] then out[#out + 1] = r.id:gsub("^sha256:", "") .. "\n" end
    seen[r.id] = true
  end
  return table.concat(out)
end

local function or_none(value) return value ~= "" and value or "<none>" end

return {
  summary = "List the images that a project's containers run",
  group = "compose",
  docker = true,
  args = { { "service", variadic = true, optional = true, complete = "compose.services" } },
  flags = {
    { "format", type = "enum", values = { "table", "json" }, value = "table|json", default = "table", help = "Form of the output" },
    { "quiet", short = "q", help = "Only ids" },
  },
  uses = { "targets", "output", "compose" },
  columns = {
    { "Container", priority = 1, middle = true, get = function(r) return r.container end },
    { "Repository", priority = 2, middle = true, get = function(r) return or_none(r.repository) end },
    { "Tag", priority = 3, get = function(r) return or_none(r.tag) end },
    { "ID", header = "IMAGE ID", priority = 5, get = function(r, v) return v.no_trunc and r.id or text.short_id(r.id) end },
    { "Size", priority = 4, get = function(r) return require("units").human_size(r.size, 3) end },
  },
  min_width = 20,
  empty = "no containers; 'compose up' makes them",
  pager = true,
  examples = { { "compose images" }, { "compose images -q", "Only ids, each once" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, ctx.args.service)
    local list = ctx:each_target(function(nas) return rows(nas, scope) end)
    if ctx.flags.quiet then return ids(list) end
    if ctx.flags.format == "json" and not ctx.flags.json then return document(list) end
    return list
  end,
}
