-- inspect: the engine's own description of objects of any kind, in docker's order of looking them up.

local KINDS = {
  { "container", function(nas, name, size) return nas:container(name):inspect { size = size, raw = true } end },
  { "image", function(nas, name, _, platform) return nas:image(name):inspect { raw = true, platform = platform } end },
  { "network", function(nas, name) return nas:network(name):inspect { raw = true } end },
  { "volume", function(nas, name) return nas:volume(name):inspect { raw = true } end },
}
local TYPES = '"config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"'
local SWARM = { config = true, node = true, plugin = true, secret = true, service = true, task = true }

local function check_type(kind)
  if kind == "" then
    Error { category = "usage", code = "bad_type", message = "type is empty", why = "must be one of " .. TYPES, exit_code = 1 }
  end
  for _, k in ipairs(KINDS) do
    if k[1] == kind then return end
  end
  if SWARM[kind] then return end
  Error {
    category = "usage", code = "bad_type", message = ('unknown type: "%s"'):format(kind), why = "must be one of " .. TYPES, exit_code = 1,
  }
end

local function absent(err)
  if err.code == "ambiguous_id" then return false end
  return err.category == "not_found" or (err.category == "usage" and err.engine_status == 400)
end

-- Names that the NAS has and that resemble it.
local function near(nas, name)
  local names = {}
  for _, c in ipairs(nas:containers { all = true }) do names[#names + 1] = ((c.Names or {})[1] or ""):gsub("^/", "") end
  for _, image in ipairs(nas:images {}) do table.move(image.RepoTags or {}, 1, #(image.RepoTags or {}), #names + 1, names) end
  for _, v in ipairs((nas:volumes())) do names[#names + 1] = v.Name end
  for _, n in ipairs(nas:networks()) do names[#names + 1] = n.Name end
  local suggest = require "cli.suggest"
  local found = suggest.near(name, names)
  return #found > 0 and ("did you mean %s?"):format(suggest.either(found)) or nil
end

local function find(ctx, nas, name)
  local kind = ctx.flags.type
  local last
  for _, k in ipairs(KINDS) do
    if not kind or k[1] == kind then
      local found, err = try(k[2], nas, name, ctx.flags.size, ctx.flags.platform)
      if found then return { text = found, kind = k[1] } end
      if not absent(err) then error(err, 0) end
      last = err
    end
  end
  if SWARM[kind] then
    Error {
      category = "unsupported", code = "no_swarm", message = ("cannot inspect '%s'"):format(name), profile = nas.name,
      why = ("objects of type '%s' belong to swarm mode or to plugins, which are not managed here"):format(kind),
    }
  end
  if kind then error(last, 0) end
  Error {
    category = "not_found", code = "no_such_object", message = "no such object: " .. name, profile = nas.name,
    hint = try(near, nas, name) or "qnap-docker ps -a lists containers, images lists images",
  }
end

return {
  summary = "Show low-level information about objects",
  description = "A terminal shows what is usually looked for, in groups, and masks what looks like a secret. --json, --format and a\n"
    .. "pipe give the engine's own document.",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "name", variadic = true, label = "NAME|ID", complete = "objects" } },
  flags = {
    { "type", type = "string", value = "KIND", help = "Only objects of this kind",
      complete = { "container", "image", "network", "volume" } },
    { "size", short = "s", help = "Add sizes, of containers" },
    { "platform", type = "string", value = "OS/ARCH", help = "Of an image: this variant (API 1.49)" },
    { "show-secrets", help = "Do not mask values that look like secrets, on a terminal" },
  },
  uses = { "targets", "format" },
  pager = true,
  examples = {
    { "inspect web", "A container: state, mounts, networks, limits" },
    { "inspect --json web", "Everything that the engine says of it" },
    { "inspect -f '{{.State.Status}}' web db", "One field each" },
    { "inspect --type volume data", "A volume of that name" },
  },
  run = function(ctx)
    if ctx.flags.type then check_type(ctx.flags.type) end
    local format = ctx.flags.format
    if format and format ~= "" and format ~= "json" then require("cli.format").compile(format) end
    local inspecting = require "cli.inspecting"
    inspecting.show(ctx, ctx:each_target(function(nas)
      require("docker.bundles").need_platform(nas, ctx.flags.platform, "1.49")
      return inspecting.find(ctx.args.name, function(name) return find(ctx, nas, name) end)
    end))
  end,
}
