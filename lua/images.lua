-- images: images of one or many NASes. GET /images/json.
local images = require "listing.images"
local filters = require "listing.filters"

local function wants_digest(ctx)
  return ctx.flags.digests or (ctx.given.format and images.names_digest(ctx.flags.format)) or false
end

local function sorted(rows, by)
  if not by then return rows end
  table.sort(rows, function(a, b)
    if by == "size" then return a.image.Size > b.image.Size end
    if by == "created" then return a.image.Created > b.image.Created end
    return a.repository .. ":" .. a.tag < b.repository .. ":" .. b.tag
  end)
  return rows
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
  },
  uses = { "targets", "output", "watch" },
  columns = images.columns(function(ctx) return ctx.flags.digests end),
  quiet = "ID",
  raw = images.raw,
  amend_format = images.amend_format,
  type_name = "*formatter.imageContext",
  json = images.record,
  empty = "no images; 'qnap-docker pull IMAGE' fetches one",
  examples = {
    { "images", "All images" },
    { "images nginx", "Those of one repository" },
    { "images --format 'table {{.Repository}}\\t{{.Size}}'", "Chosen columns" },
  },
  run = function(ctx)
    local wanted = filters.parse(ctx.flags.filter)
    if (ctx.args.repository or "") ~= "" then
      wanted.reference = wanted.reference or {}
      wanted.reference[ctx.args.repository] = true
    end
    if ctx.flags.dangling then wanted.dangling = { ["true"] = true } end
    local digests = wants_digest(ctx)
    return require("cli.watch").list(ctx, function()
      return sorted(ctx:each_target(function(nas)
        return images.rows(nas:images { all = ctx.flags.all, filters = wanted }, digests, ctx.flags.digests)
      end), ctx.flags.sort)
    end)
  end,
}
