-- compose adopt: a compose file from loose containers; with --apply they become the project's.
local function taken(record)
  local project = (record.Config.Labels or {})["com.docker.compose.project"]
  if not project then return end
  Error {
    category = "conflict", code = "in_project", message = ("container '%s' is of project '%s'"):format(record.Name:sub(2), project),
    why = "only loose containers can be taken into a project", hint = "qnap-docker compose ls",
  }
end

local function inspected(reader, names)
  return require("task").map(names, function(name)
    local record = reader:container(name):inspect()
    taken(record)
    return { record = record, image = reader:image(record.Image):inspect() }
  end)
end

local function default_name(path)
  local fs = require "fs"
  return require("compose").project_name(fs.basename(fs.dirname(fs.join(require("sys").cwd(), path))))
end

local function check_path(ctx, path)
  if ctx.flags.dry_run or not require("fs").exists(path) then return end
  Error {
    category = "conflict", code = "file_exists", message = path .. " is there already", why = "it is not overwritten",
    hint = "-o FILE names another one",
  }
end

-- What the environment file beside it says already.
local function known(path)
  local fs = require "fs"
  local env = fs.join(fs.dirname(path), ".env")
  if not fs.exists(env) then return {} end
  local temp <close> = fs.temp_dir()
  fs.write(temp.path .. "/compose.yaml", "services: {}\n")
  return require("compose").load({ cwd = temp.path, env_files = { fs.join(require("sys").cwd(), env) }, environment = {} }).environment
end

-- The files are what a person is shown, and can refuse.
local function show(ctx, path, files)
  local output = require "cli.output"
  output.err(("# %s\n%s"):format(path, files.text))
  if #files.env > 0 then output.err(("# .env beside it gets %d secret%s\n"):format(#files.env, #files.env == 1 and "" or "s")) end
  ctx:confirm { level = 2, question = ("Write %s?"):format(path) }
end

return {
  summary = "Make a compose project of loose containers",
  group = "compose",
  writes = true,
  asks = true,
  description = "Writes a compose file with what the containers were asked for, without what their images and the engine add: containers "
    .. "made from it are the same. Values whose names speak of secrets go to .env beside it, which only its owner can read. Their networks "
    .. "and named volumes become external ones. With --apply the containers are made anew as the project's; the old ones come back when "
    .. "the new ones do not work.",
  args = { { "container", variadic = true, complete = "containers" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = {
    { "output", short = "o", type = "string", value = "FILE", default = "compose.yaml", complete = "files",
      help = "The file to write; - for standard output, then without .env" },
    { "apply", help = "Make the containers anew, as the project's" },
    { "wait-timeout", type = "duration", value = "DURATION", default = "120s", plain_seconds = true,
      help = "How long to wait for a service" },
  },
  examples = {
    { "compose adopt web db", "compose.yaml in the current directory; the project is called like it" },
    { "compose adopt web db -p shop -o shop/compose.yaml --apply", "And they are the project's from now on" },
    { "compose adopt web -o -", "Only see it" },
  },
  run = function(ctx)
    local path, adopting = ctx.flags.output, require "compose.adopting"
    local here = path == "-"
    if not here then check_path(ctx, path) end
    local nas = ctx:target()
    local reader = require("plan").reader(nas)
    local list = inspected(reader, ctx.args.container)
    local model, lost = require("compose.adopt").model(list, adopting.defaults(reader))
    model.name = ctx.flags.project_name or not here and default_name(path) or nil
    for _, what in ipairs(lost) do ctx:warn(what .. " has no word in a compose file") end
    local files = require("compose.adopt_file").of(model, here and {} or known(path))
    for _, line in ipairs(adopting.differences(reader, list, files)) do ctx:warn(line) end
    if here or ((ctx.flags.dry_run or ctx.global.dry_run) and not ctx.flags.apply) then return ctx:out(files.text) end
    if ctx.flags.apply then return adopting.apply(ctx, nas, list, path, files, show) end
    if require("ui").can_ask() then show(ctx, path, files) end
    require("compose.adopt_file").write(path, files)
    ctx:note(("%s is written%s; 'compose adopt --apply' would make the containers the project's"):format(path,
      #files.env > 0 and ", secrets stand in .env" or ""))
  end,
}
