-- Disk use: GET /system/df as docker CLI 28's `system df` shows it, as a summary and in full.
local containers = require "listing.containers"
local images = require "listing.images"
local text = require "listing.text"
local units = require "units"
local volumes = require "listing.volumes"

local M = {}

local function list_of(df, name) return type(df[name]) == "table" and df[name] or {} end

local function percent(part, whole)
  local shown = units.human_size(part)
  return whole > 0 and ("%s (%d%%)"):format(shown, part * 100 // whole) or shown
end

local function images_row(df)
  local list, size, active, used = list_of(df, "Images"), df.LayersSize or 0, 0, 0
  for _, i in ipairs(list) do
    local count = i.Containers or 0
    if count > 0 then active = active + 1 end
    if count ~= 0 and i.Size ~= -1 and i.SharedSize ~= -1 then used = used + (i.Size or 0) - (i.SharedSize or 0) end
  end
  return { type = "Images", total = #list, active = active, size = size, reclaimable = size - used, ratio = true }
end

local RUNNING = { running = true, paused = true, restarting = true }

local function containers_row(df)
  local row = { type = "Containers", total = 0, active = 0, size = 0, reclaimable = 0, ratio = true }
  for _, c in ipairs(list_of(df, "Containers")) do
    local own = c.SizeRw or 0
    row.total, row.size = row.total + 1, row.size + own
    if RUNNING[c.State] then row.active = row.active + 1 else row.reclaimable = row.reclaimable + own end
  end
  return row
end

local function volumes_row(df)
  local row = { type = "Local Volumes", total = 0, active = 0, size = 0, reclaimable = 0, ratio = true }
  for _, v in ipairs(list_of(df, "Volumes")) do
    local usage = type(v.UsageData) == "table" and v.UsageData or { Size = -1, RefCount = -1 }
    row.total = row.total + 1
    if (usage.RefCount or 0) > 0 then row.active = row.active + 1 end
    if usage.Size ~= -1 then
      row.size = row.size + (usage.Size or 0)
      if (usage.RefCount or 0) == 0 then row.reclaimable = row.reclaimable + (usage.Size or 0) end
    end
  end
  return row
end

---Bytes of the build cache that are its own.
---@param df table
---@return integer
function M.cache_size(df)
  local sum = 0
  for _, c in ipairs(list_of(df, "BuildCache")) do
    if not c.Shared then sum = sum + (c.Size or 0) end
  end
  return sum
end

local function cache_row(df)
  local list, active, busy = list_of(df, "BuildCache"), 0, 0
  for _, c in ipairs(list) do
    if c.InUse then
      active = active + 1
      if not c.Shared then busy = busy + (c.Size or 0) end
    end
  end
  local size = M.cache_size(df)
  return { type = "Build Cache", total = #list, active = active, size = size, reclaimable = size - busy }
end

---The four rows of the summary.
---@param df table GET /system/df
---@return table[]
function M.rows(df) return { images_row(df), containers_row(df), volumes_row(df), cache_row(df) } end

---Rows of several NASes, with their sums behind them.
---@param rows table[]
---@return table[]
function M.with_total(rows)
  local by_type, out = {}, table.move(rows, 1, #rows, 1, {})
  for _, row in ipairs(rows) do
    local sum = by_type[row.type]
    if not sum then
      sum = { type = row.type, profile = "(total)", total = 0, active = 0, size = 0, reclaimable = 0, ratio = row.ratio }
      by_type[row.type] = sum
      out[#out + 1] = sum
    end
    for _, key in ipairs { "total", "active", "size", "reclaimable" } do sum[key] = sum[key] + row[key] end
  end
  return out
end

---@return cli.Column[] of the summary
function M.columns()
  return {
    { "Type", priority = 1, get = function(r) return r.type end },
    { "TotalCount", header = "TOTAL", priority = 4, right = true, get = function(r) return tostring(r.total) end },
    { "Active", priority = 5, right = true, get = function(r) return tostring(r.active) end },
    { "Size", priority = 2, right = true, get = function(r) return units.human_size(r.size) end },
    { "Reclaimable", priority = 3, right = true, get = function(r)
      return r.ratio and percent(r.reclaimable, r.size) or units.human_size(r.reclaimable)
    end },
  }
end

-- --- in full -----------------------------------------------------------------------------------------------------

local function since(time, now)
  if type(time) ~= "string" or time:find "^0001" then return "" end
  return text.ago(units.rfc3339(time), now)
end

local function field(name)
  return function(c) return c[name] end
end

local function yes(name)
  return function(c) return tostring(c[name] == true) end
end

local CACHE = {
  { "ID", header = "CACHE ID", get = function(c, v) return (v.no_trunc and c.ID or text.short_id(c.ID)) .. (c.InUse and "*" or "") end },
  { "Parent", hidden = true, get = function(c, v)
    local parent = type(c.Parents) == "table" and table.concat(c.Parents, ", ") or c.Parent or ""
    return v.no_trunc and parent or text.short_id(parent)
  end },
  { "CacheType", header = "CACHE TYPE", get = field "Type" },
  { "Description", hidden = true, get = field "Description" },
  { "Size", get = function(c) return units.human_size(c.Size or 0, 3) end },
  { "CreatedAt", hidden = true, header = "CREATED", get = field "CreatedAt" },
  { "CreatedSince", header = "CREATED", get = function(c, v) return since(c.CreatedAt, v.now) end },
  { "LastUsedAt", hidden = true, header = "LAST USED", get = field "LastUsedAt" },
  { "LastUsedSince", header = "LAST USED", get = function(c, v) return since(c.LastUsedAt, v.now) end },
  { "UsageCount", header = "USAGE", get = function(c) return tostring(c.UsageCount or 0) end },
  { "InUse", hidden = true, header = "IN USE", get = yes "InUse" },
  { "Shared", get = yes "Shared" },
}

local function last_used(c) return type(c.LastUsedAt) == "string" and c.LastUsedAt or nil end

local function cache_order(a, b)
  local x, y = last_used(a), last_used(b)
  if x == y then return a.ID < b.ID end
  if not x or not y then return not x end
  return x < y
end

-- What absent members are, as in Go's records.
local IMAGE = { Created = 0, Size = 0 }
local CONTAINER = { Names = {}, Image = "", ImageID = "", Command = "", Created = 0, State = "", Status = "" }

local function filled(record, defaults)
  return setmetatable({ SizeRootFs = 0 }, { __index = function(_, key)
    local value = record[key]
    return value == nil and defaults[key] or value
  end })
end

local function image_rows(df)
  local out = {}
  for i, image in ipairs(list_of(df, "Images")) do
    local row = images.rows({ filled(image, IMAGE) }, false, false)[1]
    row.digest = "" -- docker leaves it out here
    out[i] = row
  end
  return out
end

local function container_rows(df)
  local out = {}
  for i, c in ipairs(list_of(df, "Containers")) do
    out[i] = filled(c, CONTAINER) -- without its virtual size
  end
  return out
end

local function never() return false end

---What `system df -v` lists: sections with their title, their name in templates, columns of the table, all columns, records.
---@param df table
---@return {title: string, name: string, shown: string[], columns: cli.Column[], records: table[]}[]
function M.sections(df)
  local cache = table.move(list_of(df, "BuildCache"), 1, #list_of(df, "BuildCache"), 1, {})
  table.sort(cache, cache_order)
  return {
    { title = "Images space usage:", name = "Images", columns = images.columns(never), records = image_rows(df),
      shown = { "Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize", "Containers" } },
    { title = "Containers space usage:", name = "Containers", columns = containers.columns(never), records = container_rows(df),
      shown = { "ID", "Image", "Command", "LocalVolumes", "Size", "RunningFor", "Status", "Names" } },
    { title = "Local Volumes space usage:", name = "Volumes", columns = volumes.columns(never), records = list_of(df, "Volumes"),
      shown = { "Name", "Links", "Size" } },
    { title = ("Build cache usage: %s"):format(units.human_size(M.cache_size(df))), name = "BuildCache", columns = CACHE, records = cache,
      shown = { "ID", "CacheType", "Size", "CreatedSince", "LastUsedSince", "UsageCount", "Shared" } },
  }
end

---The template of `system df -v --format raw`.
---@return string
function M.raw_template()
  local parts = {
    { "Images", "Image", images.raw { digests = true } }, { "Containers", "Container", containers.raw { size = true } },
    { "Volumes", "Volume", volumes.raw {} },
    { "BuildCache", "Build Cache", "build_cache_id: {{.ID}}\nparent_id: {{.Parent}}\nbuild_cache_type: {{.CacheType}}\n"
      .. "description: {{.Description}}\ncreated_at: {{.CreatedAt}}\ncreated_since: {{.CreatedSince}}\nlast_used_at: {{.LastUsedAt}}\n"
      .. "last_used_since: {{.LastUsedSince}}\nusage_count: {{.UsageCount}}\nin_use: {{.InUse}}\nshared: {{.Shared}}\n" },
  }
  local out = {}
  for i, part in ipairs(parts) do
    out[i] = ("{{range .%s}}type: %s\n%s\n{{end -}}"):format(part[1], part[2], part[3]) .. (i < #parts and "\n" or "")
  end
  return table.concat(out)
end

return M
