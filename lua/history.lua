-- history: the layers of an image. GET /images/{name}/history.
local text = require "listing.text"
local units = require "units"

local function created_at(layer) return os.date("%Y-%m-%dT%H:%M:%S", layer.Created) .. text.zone(layer.Created) end

local function since(layer, view)
  if not view.flags.human then return created_at(layer) end
  return layer.Created <= 0 and "N/A" or text.since(layer.Created, view)
end

local function human(ctx) return ctx.flags.human end

return {
  summary = "Show the history of an image",
  group = "images",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", complete = "images" } },
  flags = {
    { "human", short = "H", default = true, help = "Print sizes and dates in human readable format" },
    { "platform", type = "string", value = "OS/ARCH", help = "Of this variant of the image" },
  },
  uses = { "targets", "output" },
  columns = {
    { "ID", header = "IMAGE", priority = 5, get = function(l, v) return v.no_trunc and l.Id or text.short_id(l.Id) end },
    { "CreatedSince", header = "CREATED", priority = 3, when = human, get = since },
    { "CreatedAt", header = "CREATED AT", when = function(ctx) return not human(ctx) end, get = created_at },
    { "CreatedBy", header = "CREATED BY", priority = 1, get = function(l, v)
      local by = (l.CreatedBy or ""):gsub("\t", " ")
      return v.no_trunc and by or text.ellipsis(by, 45)
    end },
    { "Size", priority = 2, right = true, get = function(l, v)
      return v.flags.human and units.human_size(l.Size, 3) or ("%d"):format(l.Size)
    end },
    { "Comment", priority = 4, get = function(l) return l.Comment end },
  },
  quiet = "ID",
  type_name = "*formatter.historyContext",
  json = function(l)
    return {
      id = l.Id, created = os.date("!%Y-%m-%dT%H:%M:%SZ", l.Created), created_by = l.CreatedBy, size = l.Size, comment = l.Comment,
      tags = l.Tags,
    }
  end,
  pager = true,
  examples = {
    { "history app", "Its layers, the newest first" },
    { "history --no-trunc --format '{{.CreatedBy}}' app", "What made them" },
  },
  run = function(ctx)
    return ctx:each_target(function(nas)
      local platform = ctx.flags.platform
      require("docker.bundles").need_platform(nas, platform, "1.48")
      local layers = nas:image(ctx.args.image):history { platform = platform }
      for _, layer in ipairs(layers) do
        layer.Created, layer.Size, layer.Id = layer.Created or 0, layer.Size or 0, layer.Id or "<missing>"
      end
      return layers
    end)
  end,
}
