-- Rows of ps: records of GET /containers/json as docker CLI 28 shows them, and what we add on terminals.
local text = require "listing.text"
local ports = require "listing.ports"
local units = require "units"
local json = require "json"

local M = {}

-- A reference without its digest: "nginx:1@sha256:…" -> "nginx:1".
local function without_digest(image) return (image:gsub("@sha256:%x+$", "")) end

local function image(c, view)
  if c.Image == "" then return "<no image>" end
  if view.no_trunc then return c.Image end
  local id = text.short_id(c.ImageID or "")
  if id ~= "" and id == text.short_id(c.Image) then return id end
  return without_digest(c.Image)
end

local function names(c, view)
  local all = {}
  for i, name in ipairs(c.Names or {}) do all[i] = name:gsub("^/", "") end
  if not view.no_trunc then
    for _, name in ipairs(all) do
      if not name:find("/", 1, true) then return name end -- the others are links to it
    end
  end
  return table.concat(all, ",")
end

local function mounts(c, view)
  local out = {}
  for i, m in ipairs(c.Mounts or {}) do
    local name = m.Name ~= nil and m.Name ~= "" and m.Name or m.Source
    out[i] = view.no_trunc and name or text.ellipsis(name, 15)
  end
  return table.concat(out, ",")
end

local function local_volumes(c)
  local n = 0
  for _, m in ipairs(c.Mounts or {}) do
    if m.Driver == "local" then n = n + 1 end
  end
  return tostring(n)
end

local function network_names(c)
  local out = {}
  local settings = c.NetworkSettings
  for name in pairs(type(settings) == "table" and settings.Networks or {}) do out[#out + 1] = name end
  table.sort(out)
  return table.concat(out, ",")
end

local function size(c)
  local own = units.human_size(c.SizeRw or 0, 3)
  if (c.SizeRootFs or 0) > 0 then return ("%s (virtual %s)"):format(own, units.human_size(c.SizeRootFs, 3)) end
  return own
end

local function platform(c)
  local descriptor = c.ImageManifestDescriptor
  local p = type(descriptor) == "table" and descriptor.platform
  if type(p) ~= "table" then return json.null end
  return p.os .. "/" .. p.architecture .. (p.variant and p.variant ~= "" and "/" .. p.variant or "")
end

---The columns of ps, as cli.Column.
---@param wants_size fun(ctx: cli.Context): boolean
---@return cli.Column[]
function M.columns(wants_size)
  return {
    { "ID", header = "CONTAINER ID", priority = 9, get = function(c, v) return v.no_trunc and c.Id or text.short_id(c.Id) end },
    { "Image", priority = 3, middle = true, get = image },
    { "Command", priority = 8, get = function(c, v) return text.quote(v.no_trunc and c.Command or text.ellipsis(c.Command, 20)) end },
    { "RunningFor", header = "CREATED", priority = 7, get = function(c, v) return text.since(c.Created, v) end },
    { "Status", priority = 2, color = "state", get = function(c) return c.Status end },
    { "Ports", priority = 6, get = function(c) return ports.text(c.Ports or {}) end },
    { "Names", priority = 1, middle = true, get = names },
    { "Size", priority = 5, get = size, when = wants_size },
    { "CreatedAt", header = "CREATED AT", hidden = true, get = function(c) return text.timestamp(c.Created) end },
    { "State", hidden = true, get = function(c) return c.State end },
    { "Labels", hidden = true, get = function(c) return text.labels(c.Labels) end },
    { "Mounts", hidden = true, get = mounts },
    { "LocalVolumes", header = "LOCAL VOLUMES", hidden = true, get = local_volumes },
    { "Networks", hidden = true, get = network_names },
    { "Platform", hidden = true, get = platform },
  }
end

---The template of `--format raw`.
---@param flags table
---@return string
function M.raw(flags)
  if flags.quiet then return "container_id: {{.ID}}" end
  return [[
container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
]] .. (flags.size and "size: {{.Size}}\n" or "")
end

---A container without content, on which docker tries a template before it asks for containers.
---@return table
function M.blank() return { Id = "", Names = {}, Image = "", Command = "", Created = 0, Status = "", State = "" } end

local function label(c, key) return (c.Labels or {})[key] end

---@param c table
---@return string? health "healthy", "unhealthy", "starting"; nil without a healthcheck
function M.health(c)
  if type(c.Health) == "table" and c.Health.Status and c.Health.Status ~= "none" then return c.Health.Status end -- API 1.52
  return c.Status:match "%((%a+)%)$" or (c.Status:find("(health: starting)", 1, true) and "starting") or nil
end

---What --json shows: a plain record with stable names.
---@param c table
---@return table
function M.record(c)
  local raw = { no_trunc = true }
  return {
    id = c.Id, name = names(c, {}), names = json.array(c.Names and table.move(c.Names, 1, #c.Names, 1, {}) or {}),
    image = c.Image, image_id = c.ImageID, command = c.Command, created = os.date("!%Y-%m-%dT%H:%M:%SZ", c.Created),
    state = c.State, status = c.Status, health = M.health(c), ports = json.array(c.Ports and table.move(c.Ports, 1, #c.Ports, 1, {}) or {}),
    labels = c.Labels or {}, mounts = mounts(c, raw), networks = network_names(c),
    project = label(c, "com.docker.compose.project"), service = label(c, "com.docker.compose.service"),
    size_rw = c.SizeRw, size_root_fs = c.SizeRootFs,
  }
end

return M
