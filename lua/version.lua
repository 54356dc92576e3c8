-- version: of this program and its libraries, and of the engine that a profile leads to. GET /version.
local about = require "cli.about"
local version = require "cli.version"

-- Where no NAS is set up, and none was named, the program's own part is all there is.
local function no_nas(ctx, err) return err.code == "no_profile" and not ctx.given.profile and not ctx.given.all_profiles end

local function servers(ctx)
  if ctx.flags.client then return {} end
  local list, err = try(ctx.each_target, ctx, function(nas)
    return { { server = require("listing.version").complete(nas:version()), profile = nas.name, api = nas:api() } }
  end)
  return list or {}, err
end

local function rendered(ctx, row)
  local listing, record = require "listing.version", version.record()
  local client = listing.client { program = record.program, context = row.profile, api = row.api, arch = about.arch() }
  if (ctx.flags.format or "") == "" then return listing.text(client, row.server, record) end
  local document = require("json").encode { Client = client, Server = row.server or require("json").null }
  return require("ui.tabwriter").format(about.render(ctx.flags.format, document, "system.versionInfo"), 20, 1)
end

local function json_record(rows)
  local record = version.record()
  for i, row in ipairs(rows) do
    record.servers = record.servers or require("json").array {}
    record.servers[i] = { profile = row.profile, version = row.server }
  end
  return record
end

---@type cli.Command
return {
  summary = "Show the version",
  group = "help",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  description = "The version of the program and of the libraries it runs with, directories whose Lua files replace built-in ones, and "
    .. "the version of the Docker Engine where a NAS is set up.",
  flags = { { "client", help = "Only the program's own part: nothing is asked of a NAS" } },
  uses = { "targets", "format" },
  examples = {
    { "version" }, { "version --client", "Without asking a NAS" }, { "version --format '{{.Server.Version}}'", "The engine's alone" },
    { "version --json" },
  },
  run = function(ctx)
    local source = ctx.flags.format or ""
    if source ~= "" and source ~= "json" then require("cli.format").compile(source) end
    local rows, err = servers(ctx)
    if err and not no_nas(ctx, err) and ctx.flags.json then error(err, 0) end
    if ctx.flags.json then return json_record(rows) end
    if #rows == 0 and not (err and source:find(".Server", 1, true)) then rows = { {} } end
    for _, row in ipairs(rows) do ctx:out(rendered(ctx, row)) end
    if err and not no_nas(ctx, err) then error(err, 0) end
  end,
}
