-- -v/--volume, --mount and --tmpfs -> Binds, Volumes, Mounts, Tmpfs (Engine API 1.41, HostConfig).
local problem = require "create.problem"
local units = require "units"

local M = {}

-- A drive of Windows: docker's grammar knows them everywhere, so that "d:/data" is one path, not a volume "d".
local function is_drive(text) return text:find "^%a$" ~= nil or (#text > 1 and utf8.len(text) == 1) end

local function is_path(text) return text:find "^[./~]" ~= nil or text:sub(1, 2) == "\\\\" or is_drive(text:match "^([^:]*):" or "") end

-- The sections between colons, drives kept whole.
local function sections(text)
  local out = problem.split(text, ":")
  local i = 1
  while i < #out do
    if is_drive(out[i]) then
      out[i] = out[i] .. ":" .. table.remove(out, i + 1)
    end
    i = i + 1
  end
  return out
end

---Splits one -v value into its up to three sections.
---@param text string
---@return {source?: string, target: string, mode?: string, bind: boolean}
function M.volume(text)
  local flag = "-v, --volume"
  if text == "" then problem.argument(flag, text, "invalid empty volume spec") end
  if #text <= 2 then return { target = text, bind = false } end
  local parts = sections(text)
  for _, part in ipairs(parts) do
    if part == "" then problem.argument(flag, text, "invalid spec: " .. text .. ": empty section between colons") end
  end
  if #parts > 3 then problem.argument(flag, text, "invalid spec: " .. text .. ": too many colons") end
  if #parts == 1 then return { target = text, bind = false } end
  return { source = parts[1], target = parts[2], mode = parts[3], bind = is_path(parts[1]) }
end

---A bind source as the engine must see it: relative ones (".", "./web") lie under `base`.
---@param source string
---@param base string absolute directory: the profile's data_root, or the working directory for a local engine
---@return string path, boolean expanded
function M.bind_source(source, base)
  if source == "." or source == "./" then return base, true end
  if source:sub(1, 1) ~= "." then return source, false end
  local parts = {}
  for part in (base .. "/" .. source):gmatch "[^/]+" do
    if part == ".." then
      table.remove(parts)
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return "/" .. table.concat(parts, "/"), true
end

local RECURSIVE = { enabled = false, disabled = "NonRecursive", writable = "ReadOnlyNonRecursive", readonly = "ReadOnlyForceRecursive" }

local function options(mount, kind)
  mount[kind] = mount[kind] or {}
  return mount[kind]
end

local function driver(mount)
  local o = options(mount, "VolumeOptions")
  o.DriverConfig = o.DriverConfig or {}
  return o.DriverConfig
end

local function pair_into(t, value)
  local k, v = problem.cut(value, "=")
  t[k] = v or ""
end

-- key -> function(mount, value, bad, base)
local FIELDS = {}

function FIELDS.type(m, v) m.Type = v:lower() end
function FIELDS.source(m, v, _, base) m.Source = M.bind_source(v, base) end
function FIELDS.target(m, v) m.Target = v end
function FIELDS.consistency(m, v) m.Consistency = v:lower() end

FIELDS["bind-propagation"] = function(m, v) options(m, "BindOptions").Propagation = v:lower() end
FIELDS["bind-recursive"] = function(m, v, bad)
  if RECURSIVE[v] == nil then
    bad(('invalid value for bind-recursive: %s (must be "enabled", "disabled", "writable", or "readonly")'):format(v))
  end
  if RECURSIVE[v] then options(m, "BindOptions")[RECURSIVE[v]] = true end
end

FIELDS["volume-subpath"] = function(m, v) options(m, "VolumeOptions").Subpath = v end
FIELDS["volume-label"] = function(m, v)
  local o = options(m, "VolumeOptions")
  o.Labels = o.Labels or {}
  pair_into(o.Labels, v)
end
FIELDS["volume-driver"] = function(m, v) driver(m).Name = v end
FIELDS["volume-opt"] = function(m, v)
  local d = driver(m)
  d.Options = d.Options or {}
  pair_into(d.Options, v)
end

FIELDS["image-subpath"] = function(m, v) options(m, "ImageOptions").Subpath = v end

FIELDS["tmpfs-size"] = function(m, v, bad)
  options(m, "TmpfsOptions").SizeBytes = try(units.size, v) or bad("invalid value for tmpfs-size: " .. v)
end
FIELDS["tmpfs-mode"] = function(m, v, bad)
  if not v:find "^[0-7]+$" then bad("invalid value for tmpfs-mode: " .. v) end
  options(m, "TmpfsOptions").Mode = tonumber(v, 8)
end

FIELDS.src, FIELDS.dst, FIELDS.destination = FIELDS.source, FIELDS.target, FIELDS.target

-- Booleans that may stand alone.
local SWITCHES = {
  readonly = function(m, on) m.ReadOnly = on end,
  ["volume-nocopy"] = function(m, on) options(m, "VolumeOptions").NoCopy = on end,
  ["bind-nonrecursive"] = function(m, on) options(m, "BindOptions").NonRecursive = on end,
  ["bind-create-src"] = function(m, on) options(m, "BindOptions").CreateMountpoint = on end,
}
SWITCHES.ro = SWITCHES.readonly

local FAMILY = { VolumeOptions = "volume", BindOptions = "bind", TmpfsOptions = "tmpfs", ImageOptions = "image" }

local function check(m, bad)
  if m.Target == nil or m.Target == "" then bad "target is required" end
  if m.Type == "" then bad "type is required" end
  for kind, family in pairs(FAMILY) do
    if m[kind] and m.Type ~= family then
      bad(("cannot mix '%s-*' options with mount type '%s'"):format(family, m.Type))
    end
  end
  local b = m.BindOptions or {}
  local function needs(value, what)
    bad(("option 'bind-recursive=%s' requires '%s' to be specified in conjunction"):format(value, what))
  end
  if b.ReadOnlyNonRecursive and not m.ReadOnly then needs("writable", "readonly") end
  if b.ReadOnlyForceRecursive and not m.ReadOnly then needs("readonly", "readonly") end
  if b.ReadOnlyForceRecursive and b.Propagation ~= "rprivate" then needs("readonly", "bind-propagation=rprivate") end
end

---One --mount value.
---@param text string "type=bind,src=/a,dst=/b,ro"
---@param base string for relative bind sources
---@return table mount as HostConfig.Mounts wants it
function M.mount(text, base)
  local function bad(why) problem.argument("--mount", text, why) end
  local m = { Type = "volume" }
  for _, field in ipairs(problem.csv(text, "--mount")) do
    local key, value = problem.cut(field, "=")
    key = key:lower()
    if SWITCHES[key] then
      local on = true
      if value then
        on = problem.boolean(value)
        if on == nil then bad(("invalid value for %s: %s"):format(key, value)) end
      end
      SWITCHES[key](m, on)
    elseif not value then
      bad(("invalid field '%s' must be a key=value pair"):format(field))
    elseif FIELDS[key] then
      FIELDS[key](m, value, bad, base)
    else
      bad(("unexpected key '%s' in '%s'"):format(key, field))
    end
  end
  check(m, bad)
  return m
end

return M
