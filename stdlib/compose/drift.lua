-- What a container differs in from what its service says now: for people, and where no hash tells. Pure.
-- Only what is asked for is compared; what the engine fills in by itself counts as not asked for.
local json = require "json"

local M = {}

---@class compose.Difference
---@field what string "image", "env PORT", "memory"
---@field key? string of HostConfig: the engine can change it while the container runs

-- What may be changed by POST /containers/{id}/update.
local IN_PLACE = {
  Memory = "memory", MemorySwap = "swap", MemoryReservation = "memory reservation", NanoCpus = "cpus", CpuShares = "cpu shares",
  CpusetCpus = "cpuset", CpusetMems = "cpuset mems", CpuPeriod = "cpu period", CpuQuota = "cpu quota", RestartPolicy = "restart",
  PidsLimit = "pids limit", BlkioWeight = "blkio weight",
}

-- What the engine sets where nothing was asked for: its value then says nothing.
local ENGINES_OWN = {
  ShmSize = true, IpcMode = true, CgroupnsMode = true, LogConfig = true, MaskedPaths = true, ReadonlyPaths = true, ConsoleSize = true,
  Runtime = true, OomKillDisable = true, MemorySwap = true, MemorySwappiness = true, PidsLimit = true, Isolation = true,
    ContainerIDFile = true,
  CgroupParent = true, AutoRemove = true, SecurityOpt = true,
    Annotations = true,
}

local CONFIG = {
  Cmd = "command", Entrypoint = "entrypoint", User = "user", WorkingDir = "working_dir", Tty = "tty", OpenStdin = "stdin_open",
  Domainname = "domainname", StopSignal = "stop_signal", StopTimeout = "stop_grace_period", Healthcheck = "healthcheck",
}

local function absent(v)
  return v == nil or json.is_null(v) or v == false or v == 0 or v == "" or (type(v) == "table" and next(v) == nil)
end

-- The same for every order of lists and members; empty members count as absent.
local function canonical(v)
  if type(v) ~= "table" then return math.type(v) == "float" and math.tointeger(v) or v end
  local out, list = {}, {}
  for key, item in pairs(v) do
    if not absent(item) then
      if math.type(key) == "integer" then list[#list + 1] = canonical(item) else out[key] = canonical(item) end
    end
  end
  table.sort(list, function(a, b) return json.encode(a) < json.encode(b) end)
  table.move(list, 1, #list, 1, out)
  return out
end

local function same(a, b)
  if absent(a) and absent(b) then return true end
  if absent(a) ~= absent(b) then return false end
  return json.encode(canonical(a)) == json.encode(canonical(b))
end

local function ordered_same(a, b)
  return json.encode(a) == json.encode(b)
end

local function words(list)
  local out = {}
  for _, text in ipairs(type(list) == "table" and list or {}) do
    local key, value = text:match "^([^=]*)=?(.*)$"
    out[key] = text:find("=", 1, true) and value or false
  end
  return out
end

local function environment(add, wanted, got, images)
  local w, g, i = words(wanted), words(got), words(images)
  for key, value in pairs(w) do
    if value and g[key] ~= value or (value == false and g[key]) then add("env " .. key) end
  end
  for key, value in pairs(g) do
    if w[key] == nil and i[key] ~= value then add("env " .. key) end
  end
end

local OURS = { "^com%.docker%.compose%.", "^qnap%-docker%.config%-%l+$", "^qnap%-docker%.journal$", "^qnap%-docker%.step$",
  "^qnap%-docker%.blue%-until$" }

local function is_ours(key)
  for _, pattern in ipairs(OURS) do
    if key:find(pattern) then return true end
  end
  return false
end

local function labels(add, wanted, got, images)
  for key, value in pairs(wanted or {}) do
    if not is_ours(key) and got[key] ~= value then add(key == M.CONTENTS and "contents of files" or "label " .. key) end
  end
  for key, value in pairs(got) do
    if not is_ours(key) and (wanted or {})[key] == nil and (images or {})[key] ~= value then add("label " .. key) end
  end
end

M.CONTENTS = "qnap-docker.contents" -- label: digest of the files, secrets and configs that it was given

local function config(add, body, c, image)
  for key, name in pairs(CONFIG) do
    local wanted, got = body[key], c[key]
    if wanted == nil then wanted = image[key] end
    if key == "Cmd" and body.Cmd == nil and not absent(body.Entrypoint) then wanted = nil end -- another entrypoint takes the image's away
    local equal = (key == "Cmd" or key == "Entrypoint") and (absent(wanted) and absent(got) or ordered_same(wanted, got))
      or same(wanted, got)
    if not equal then add(name) end
  end
  if body.Hostname and body.Hostname ~= c.Hostname then add "hostname" end
end

-- "" is what was asked for, "no" what some engines make of it.
local function restart_policy(p)
  p = p or {}
  return { Name = absent(p.Name) and "no" or p.Name, MaximumRetryCount = p.MaximumRetryCount }
end

-- The engine adds options of its own.
local function log_config(wanted, got)
  local options = {}
  for key in pairs(wanted.Config or {}) do options[key] = ((got or {}).Config or {})[key] end
  return { Type = absent(wanted.Type) and (got or {}).Type or wanted.Type, Config = wanted.Config }, { Type = (got or {}).Type,
    Config = options }
end

-- Compared by their meaning below, or not at all: they name containers, which change.
local ELSEWHERE = { Binds = true, Mounts = true, VolumesFrom = true, NetworkMode = true, Links = true }

local function host_config(add, host, got)
  local keys = {}
  for _, from in ipairs { host, got } do
    for key in pairs(from) do keys[key] = true end
  end
  for key in pairs(keys) do
    local value = got[key]
    local name = IN_PLACE[key] or key:gsub("(%l)(%u)", "%1 %2"):lower()
    local wanted = host[key]
    local skip = absent(wanted) and ENGINES_OWN[key]
    if key == "RestartPolicy" then
      wanted, value = restart_policy(wanted), restart_policy(value)
    elseif key == "LogConfig" and not skip then
      wanted, value = log_config(wanted, value)
    end
    if not skip and not ELSEWHERE[key] and not same(wanted, value) then
      add(name, IN_PLACE[key] and (not absent(wanted) or key == "RestartPolicy") and key or nil) -- a limit cannot be taken away
    end
  end
end

-- Files of a revision are compared by their digest (M.CONTENTS), not by which revision they were sent with.
local function unpinned(path) return (path:gsub("(/%.qnap%-docker/projects/[^/]+)/rev%-%d+/", "%1/current/")) end

local PROPAGATION = { private = true, rprivate = true, shared = true, rshared = true, slave = true, rslave = true }

-- source:target[:options], as the mount that it is.
local function of_bind(bind)
  local source, target, options = bind:match "^([^:]*):([^:]*):?(.*)$"
  if not source then return { Target = bind } end
  local m = { Type = source:sub(1, 1) == "/" and "bind" or "volume", Source = source, Target = target }
  for word in options:gmatch "[^,]+" do
    if word == "ro" then
      m.ReadOnly = true
    elseif word == "nocopy" then
      m.VolumeOptions = { NoCopy = true }
    elseif PROPAGATION[word] then
      m.BindOptions = { Propagation = word }
    elseif word ~= "rw" then
      m[word] = true
    end
  end
  return m
end

-- What is mounted, whichever form it was asked for in. An anonymous volume has the name that the engine gave it, or none yet; those
-- of the container before went over to this one.
local function by_target(host)
  local out = {}
  local function take(m)
    if m.Type == "volume" and #(m.Source or "") == 64 then m.Source, m.inherited = nil, true end
    if m.Source then m.Source = unpinned(m.Source) end
    out[m.Target] = m
  end
  for _, bind in ipairs(type(host.Binds) == "table" and host.Binds or {}) do take(of_bind(bind)) end
  for _, m in ipairs(type(host.Mounts) == "table" and host.Mounts or {}) do
    local copy = {}
    for key, value in pairs(m) do copy[key] = value end
    take(copy)
  end
  return out
end

-- Paths at which a container has a volume, anonymous or not.
local function volumes_of(record)
  local out = {}
  for _, m in ipairs(record.Mounts or {}) do out[m.Destination] = m.Type == "volume" or nil end
  return out
end

local function mounts(add, host, record)
  local wanted, has, there = by_target(host), by_target(record.HostConfig), volumes_of(record)
  local equal = true
  for target, m in pairs(has) do
    equal = equal and (wanted[target] ~= nil or m.inherited == true)
    m.inherited = nil
  end
  for target, m in pairs(wanted) do
    m.inherited = nil
    local anonymous = m.Type == "volume" and not m.Source and not has[target]
    equal = equal and (anonymous and there[target] or same(m, has[target]))
  end
  if not equal then add "volumes" end
end

local function networks(add, body, connects, settings)
  local wanted = {}
  for name in pairs(((body.NetworkingConfig or {}).EndpointsConfig) or {}) do wanted[name] = true end
  for _, c in ipairs(connects or {}) do wanted[c.network] = true end
  if not next(wanted) then return end
  for name, endpoint in pairs(settings or {}) do
    if wanted[name] or wanted[endpoint.NetworkID] then
      wanted[name], wanted[endpoint.NetworkID or ""] = nil, nil
    else
      add("network " .. name)
    end
  end
  for name in pairs(wanted) do add("network " .. name) end
end

---@param body table the engine's, wanted
---@param connects? {network: string}[]
---@param record table inspect record of the container
---@param image? table inspect record of its image
---@return compose.Difference[] sorted; empty: nothing that can be seen
function M.of(body, connects, record, image)
  local out = {}
  local function add(what, key) out[#out + 1] = { what = what, key = key } end
  local ic = image and image.Config or {}
  local c = record.Config
  if body.Image ~= c.Image then add "image" end
  environment(add, body.Env, c.Env, ic.Env)
  labels(add, body.Labels, c.Labels or {}, ic.Labels)
  config(add, body, c, ic)
  host_config(add, body.HostConfig, record.HostConfig)
  mounts(add, body.HostConfig, record)
  networks(add, body, connects, record.NetworkSettings and record.NetworkSettings.Networks)
  table.sort(out, function(a, b) return a.what < b.what end)
  return out
end

---In words: "env PORT, image".
---@param differences compose.Difference[]
---@return string[]
function M.words(differences)
  local out = {}
  for i, d in ipairs(differences) do out[i] = d.what end
  return out
end

---What to send to the engine when all differences can be mended while the container runs; nil otherwise.
---@param differences compose.Difference[]
---@param host table HostConfig that is wanted
---@param record table inspect record
---@return table? resources
---@return table? was the same members as they are
function M.in_place(differences, host, record)
  local resources, was = {}, {}
  for _, d in ipairs(differences) do
    if not d.key then return nil end
    resources[d.key] = d.key == "RestartPolicy" and restart_policy(host[d.key]) or host[d.key]
    was[d.key] = record.HostConfig[d.key]
  end
  if resources.Memory or resources.MemorySwap then -- the engine takes them together only
    resources.Memory = resources.Memory or host.Memory
    resources.MemorySwap = resources.MemorySwap or 2 * resources.Memory
    was.Memory, was.MemorySwap = record.HostConfig.Memory, record.HostConfig.MemorySwap
  end
  return next(resources) and resources, was
end

return M
