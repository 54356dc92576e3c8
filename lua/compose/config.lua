-- compose config: the project in canonical form. No NAS is asked, but for the digests of images.
local listed = require "compose.listed"

-- What the files refer to: read once more, with the references as they are written.
local function show_variables(ctx)
  local project = require("compose.cli").load(ctx, { services = ctx.args.service, no_interpolate = true, no_consistency = true })
  local rows = require("compose.variables").of(project.model)
  for i, v in ipairs(rows) do
    rows[i] = { v.name, tostring(v.required), v.default or "", v.instead or "" }
  end
  local columns = { { header = "NAME" }, { header = "REQUIRED" }, { header = "DEFAULT VALUE" }, { header = "ALTERNATE VALUE" } }
  local ui = require "ui"
  ctx:out(require("ui.table").render(columns, rows, { width = ui.is_tty "stdout" and ui.width() or math.huge, style = ui.style "stdout" }))
end

local function explain(ctx, name)
  local project = require("compose.cli").load(ctx, { services = ctx.args.service, no_consistency = true })
  local value, where = require("compose.variables").origin(project, name, require("core.sys").environ())
  local shown = value and require("create.env").is_secret(name) and "********" or value
  ctx:out(value and ("%s=%s\nfrom %s\n"):format(name, shown, where) or ("%s is set by %s\n"):format(name, where))
end

-- -q, and nothing that looks into the project.
local function only_check(ctx)
  for flag in pairs(listed.lists) do
    if ctx.flags[flag] then return false end
  end
  return ctx.flags.quiet and not ctx.given.hash and not ctx.flags.resolve_image_digests
end

-- A terminal shows no secrets, unless it is told to.
local function shown_model(ctx, project)
  local redact = ctx.flags.redact
  if not ctx.given.redact then
    redact = require("ui").is_tty "stdout" and not ctx.flags.output
  end
  return redact and require("compose").redacted(project.model) or project.model
end

return {
  summary = "Show a compose project in canonical form",
  group = "compose",
  docker = true,
  description = "Loads, merges and checks the compose files and prints what they come to. Works offline; only --resolve-image-digests "
    .. "asks a NAS.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services",
    help = "Only these services and what they depend on" } },
  uses = { "compose", "target" },
  flags = {
    { "format", type = "enum", values = { "yaml", "json" }, value = "yaml|json", default = "yaml", help = "Form of the output" },
    { "quiet", short = "q", help = "Check the files, print nothing" },
    { "output", short = "o", type = "string", value = "FILE", complete = "files", help = "Write to FILE instead" },
    { "services", help = "Print the names of the services" },
    { "volumes", help = "Print the names of the volumes" },
    { "networks", help = "Print the names of the networks" },
    { "profiles", help = "Print the service profiles" },
    { "images", help = "Print the images" },
    { "environment", help = "Print what variables are looked up in" },
    { "hash", type = "string", value = "SERVICE|*", help = "Print the config hashes of the services (comma between them)" },
    { "variables", help = "Print the variables that the files refer to" },
    { "explain", type = "string", value = "NAME", help = "Say where a variable takes its value from" },
    { "redact", help = "Blank values whose names speak of secrets (default on a terminal; --redact=false shows them)" },
    { "resolve-image-digests", help = "Pin images to the digests that their registries have now (asks a NAS's engine)" },
    { "no-interpolate", help = "Leave variables as they are written" },
    { "no-normalize", help = "Leave out what is implied (default network, names)" },
    { "no-path-resolution", help = "Leave relative paths as they are" },
    { "no-consistency", help = "Do not check that what is named is declared" },
    { "no-env-resolution", help = "Leave env_file as it is" },
  },
  examples = {
    { "compose config" },
    { "compose -f compose.yaml -f compose.prod.yaml config -q", "Whether the files are right" },
    { "compose config --services", "The services' names" },
    { "compose config --resolve-image-digests -o pinned.yaml", "The same project, its images nailed down" },
  },
  run = function(ctx)
    if ctx.flags.variables then
      return show_variables(ctx)
    elseif ctx.flags.explain then
      return explain(ctx, ctx.flags.explain)
    end
    local project = require("compose.cli").load(ctx, {
      services = ctx.args.service, no_interpolate = ctx.flags.no_interpolate, no_normalize = ctx.flags.no_normalize,
      no_path_resolution = ctx.flags.no_path_resolution, no_consistency = ctx.flags.no_consistency,
      no_env_resolution = ctx.flags.no_env_resolution, keep_all = ctx.flags.no_normalize,
      check = only_check(ctx),
    })
    if only_check(ctx) then return end
    if ctx.given.hash then return ctx:out(listed.hashes(project, ctx.flags.hash)) end
    for flag, list in pairs(listed.lists) do
      if ctx.flags[flag] then
        local lines = list(project)
        return #lines > 0 and ctx:out(table.concat(lines, "\n") .. "\n") or nil
      end
    end
    if ctx.flags.resolve_image_digests then require("compose.digests").pin(ctx:target(), project.model) end
    if ctx.flags.quiet then return end
    local text = require("compose").text(shown_model(ctx, project), ctx.flags.format, { escape = not ctx.flags.no_interpolate })
    if ctx.flags.output then
      require("fs").write(ctx.flags.output, text)
    else
      ctx:out(text)
    end
  end,
}
