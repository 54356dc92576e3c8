-- system df: what images, containers, volumes and build cache take. GET /system/df.
local use = require "listing.use"

-- What --json shows of one NAS.
local function record(row)
  return { profile = row.profile, type = row.type, total = row.total, active = row.active, size = row.size, reclaimable = row.reclaimable }
end

local function verbose(ctx)
  local wanted = ctx.given.format and ctx.flags.format or ""
  if wanted ~= "" and wanted ~= "json" and wanted ~= "table" and wanted ~= "raw" then require("cli.format").compile(wanted) end
  local now = os.time()
  local parts = ctx:each_target(function(nas) return { { text = require("cli.disk_use").text(nas:df(), wanted, now) } } end)
  for i, part in ipairs(parts) do
    if ctx.several then ctx:out(("%s%s:\n\n"):format(i > 1 and "\n" or "", part.profile)) end
    ctx:out(part.text)
  end
end

local function show_disks(ctx, disks)
  local format, render = require "cli.format", require "cli.render"
  local columns = require("nas.disks").columns()
  ctx:out("\n" .. format.plain_table(ctx.several and table.move(columns, 1, #columns, 2, {
    { "Profile", get = function(d) return d.profile end },
  }) or columns, disks, render.view(ctx)))
end

-- What the word means is not plain, and the number may be the largest.
local function explain_cache(ctx, rows)
  if not require("ui").is_tty "stdout" or ctx.given.format or ctx.flags.json or ctx.flags.quiet then return end
  for _, row in ipairs(rows) do
    if row.type == "Build Cache" and row.size > 0 then
      return ctx:note "build cache: what builds keep to be faster, in no image; 'builder prune' frees it"
    end
  end
end

local function summary(ctx)
  local found, disks = {}, {}
  local rows = ctx:each_target(function(nas)
    local rows = use.rows(nas:df())
    found[nas.name] = ctx.flags.disks and require("nas.disks").list(nas) or nil
    return rows
  end)
  explain_cache(ctx, rows)
  for _, name in ipairs(ctx.asked) do
    for _, disk in ipairs(found[name] or {}) do
      disk.profile = name
      disks[#disks + 1] = disk
    end
  end
  if ctx.flags.json and ctx.flags.disks then
    return require("json").encode { use = require("json").array(rows), disks = require("json").array(disks) } .. "\n"
  elseif not ctx.flags.disks or ctx.flags.json or ctx.given.format then
    return ctx.several and not ctx.flags.json and not ctx.given.format and use.with_total(rows) or rows
  end
  require("cli.render").list(ctx, ctx.several and use.with_total(rows) or rows)
  show_disks(ctx, disks)
end

return {
  summary = "Show how much of the disks Docker takes",
  group = "system",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  description = "RECLAIMABLE is what 'system prune' could free. The engine counts every file, which takes minutes on a full NAS.",
  flags = {
    { "verbose", short = "v", help = "Every image, container, volume and cache entry" },
    { "disks", help = "The free space of the NAS's volumes, too" },
  },
  uses = { "targets", "output", "watch" },
  columns = use.columns(),
  quiet = "Type",
  raw = "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n",
  type_name = "*formatter.diskUsageImagesContext",
  json = record,
  pager = true,
  examples = {
    { "system df" },
    { "system df -v", "Every object" },
    { "system df --disks --profile '*'", "With the volumes of every NAS" },
  },
  run = function(ctx)
    if ctx.flags.verbose and not ctx.flags.json then return verbose(ctx) end
    return require("cli.watch").list(ctx, function() return summary(ctx) end)
  end,
}
