-- images: images of one or many NASes. GET /images/json.
local filters = require "listing.filters"
local images = require "listing.images"

local function wants_digest(ctx)
  return ctx.flags.digests or (ctx.given.format and images.names_digest(ctx.flags.format)) or false
end

-- docker has no such column: a terminal shows it, and templates that name it.
local function wants_users(ctx)
  local f = ctx.flags
  if f.used_by or (ctx.given.format and f.format:find(".UsedBy", 1, true)) or f.json then return true end
  return require("ui").is_tty "stdout" and not f.quiet and not ctx.given.format
end

local SORT = {
  size = function(a, b) return a.image.Size > b.image.Size end,
  created = function(a, b) return a.image.Created > b.image.Created end,
  name = function(a, b) return a.repository .. ":" .. a.tag < b.repository .. ":" .. b.tag end,
}

local function query(ctx)
  local wanted = filters.parse(ctx.flags.filter)
  if (ctx.args.repository or "") ~= "" then
    wanted.reference = wanted.reference or {}
    wanted.reference[ctx.args.repository] = true
  end
  if ctx.flags.dangling then wanted.dangling = { ["true"] = true } end
  return { all = ctx.flags.all, filters = wanted }
end

local function rows_of(ctx, nas, request, digests)
  local rows = images.rows(nas:images(request), digests, ctx.flags.digests)
  if wants_users(ctx) then
    local users = require("listing.unused").users(nas)
    for _, row in ipairs(rows) do row.users = users[row.image.Id] or {} end
  end
  if ctx.flags.outdated then require("listing.outdated").fill(nas, rows) end
  return rows
end

local function tree(ctx, request)
  for _, flag in ipairs { "quiet", "no_trunc", "digests", "format" } do
    if ctx.given[flag] then
      Error {
        category = "usage", code = "conflicting_flags", exit_code = 1,
        message = ("--%s is not yet supported with --tree"):format((flag:gsub("_", "-"))), hint = "leave one of them out",
      }
    end
  end
  ctx:each_target(function(nas)
    require("docker.bundles").need(nas, "1.47", "--tree")
    request.manifests = true
    ctx:heading(nas)
    ctx:out(require("listing.tree").render(nas:images(request)))
  end)
end

return {
  summary = "List images",
  group = "images",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "repository", label = "REPOSITORY[:TAG]", optional = true, complete = "images" } },
  flags = {
    { "all", short = "a", help = "Show all images (default hides intermediate ones)" },
    { "digests", help = "Show digests" },
    { "filter", short = "f", type = "list", value = "KEY=VALUE", help = "Keep those that match" },
    { "dangling", help = "Only untagged images, as --filter dangling=true" },
    { "sort", type = "enum", values = { "name", "created", "size" }, value = "KEY", help = "name, created or size" },
    { "tree", help = "Show the platforms of each image (API 1.47)" },
    { "used-by", help = "Add a USED BY column: containers, stopped ones too (a terminal has it anyway)" },
    { "outdated", help = "Add an OUTDATED column: whether the registry has a newer image (asked every 6 hours at most)" },
  },
  uses = { "targets", "output", "watch" },
  columns = images.columns(function(ctx) return ctx.flags.digests end, wants_users),
  quiet = "ID",
  raw = images.raw,
  amend_format = images.amend_format,
  type_name = "*formatter.imageContext",
  json = images.record,
  empty = "no images; 'qnap-docker pull IMAGE' fetches one",
  pager = true,
  examples = {
    { "images", "All images" },
    { "images nginx", "Those of one repository" },
    { "images --outdated --profile '*'", "What could be pulled anew, on every NAS" },
    { "images --format 'table {{.Repository}}\\t{{.Size}}'", "Chosen columns" },
  },
  run = function(ctx)
    local request, digests = query(ctx), wants_digest(ctx)
    if ctx.flags.tree then return tree(ctx, request) end
    return require("cli.watch").list(ctx, function()
      local rows = ctx:each_target(function(nas) return rows_of(ctx, nas, request, digests) end)
      if ctx.flags.sort then table.sort(rows, SORT[ctx.flags.sort]) end
      return rows
    end)
  end,
}
