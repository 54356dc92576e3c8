-- Loose containers -> services of a compose project: what they were asked for, without what the image and the engine added, so that
-- containers made from it are the same. The inverse of compose.body. Pure. Dependencies: recreate.body.
local json = require "json"
local tables = require "compose.tables"
local array = json.array

local M = {}

---A container that is taken in.
---@class compose.Adopted
---@field record table inspect record
---@field image table inspect record of its image

---@class compose.EngineDefaults
---@field runtime? string
---@field cgroup? string
---@field log_driver? string

local function is_set(v)
  if v == nil or json.is_null(v) or v == false or v == 0 or v == "" then return false end
  return type(v) ~= "table" or next(v) ~= nil
end

local function take(v) return is_set(v) and v or nil end
local function words(list) return is_set(list) and array(table.move(list, 1, #list, 1, {})) or nil end

local function duration(ns)
  if not is_set(ns) then return nil end
  for _, unit in ipairs { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } } do
    if ns % unit[1] == 0 then return ("%d%s"):format(ns // unit[1], unit[2]) end
  end
  return ("%dns"):format(ns)
end

local function environment(list)
  local out = {}
  for _, text in ipairs(list or {}) do
    local key, value = text:match "^([^=]*)=(.*)$"
    out[key or text] = value or json.null
  end
  return next(out) and out
end

local function healthcheck(h)
  if not is_set(h) then return nil end
  if (h.Test or {})[1] == "NONE" then return { disable = true } end
  return {
    test = words(h.Test), interval = duration(h.Interval), timeout = duration(h.Timeout), start_period = duration(h.StartPeriod),
    start_interval = duration(h.StartInterval), retries = take(h.Retries),
  }
end

local function labels(map)
  local out = {}
  for key, value in pairs(map or {}) do
    if not key:find "^com%.docker%.compose%." then out[key] = value end
  end
  return next(out) and out
end

local function port(key, b)
  local target, protocol = key:match "^(%d+)/?(%l*)$"
  local ip = is_set(b.HostIp) and (b.HostIp:find ":" and ("[%s]:"):format(b.HostIp) or b.HostIp .. ":") or ""
  local published = is_set(b.HostPort) and b.HostPort .. ":" or (ip ~= "" and ":" or "")
  return ("%s%s%s%s"):format(ip, published, target, protocol ~= "" and protocol ~= "tcp" and "/" .. protocol or "")
end

local function ports(s, exposed, bindings)
  local published, expose = array {}, array {}
  for _, key in ipairs(tables.sorted(bindings)) do
    for _, b in ipairs(is_set(bindings[key]) and bindings[key] or {}) do published[#published + 1] = port(key, b) end
  end
  for _, key in ipairs(tables.sorted(exposed)) do
    if not is_set((bindings or {})[key]) then expose[#expose + 1] = key end
  end
  s.ports, s.expose = words(published), words(expose)
end

local function config(s, c)
  s.command, s.entrypoint, s.environment = c.Cmd and words(c.Cmd), c.Entrypoint and words(c.Entrypoint), environment(c.Env)
  s.hostname, s.domainname, s.user, s.working_dir = take(c.Hostname), take(c.Domainname), take(c.User), take(c.WorkingDir)
  s.tty, s.stdin_open, s.stop_signal = take(c.Tty), take(c.OpenStdin), take(c.StopSignal)
  s.stop_grace_period = c.StopTimeout and not json.is_null(c.StopTimeout) and ("%ds"):format(c.StopTimeout) or nil
  s.healthcheck, s.labels, s.mac_address = healthcheck(c.Healthcheck), labels(c.Labels), take(c.MacAddress)
end

local function is_anonymous(name) return name ~= nil and #name == 64 and name:find "^%x+$" ~= nil end

local function add_bind(out, used, bind, own)
  local source, target = bind:match "^([^:]*):([^:]*)"
  if is_anonymous(source) then
    if not (own or {})[target] then out[#out + 1] = { type = "volume", target = target } end
    return
  end
  if source:sub(1, 1) ~= "/" then used.volumes[source] = { name = source, external = true } end
  out[#out + 1] = bind
end

local function add_mount(out, used, m)
  local v = m.VolumeOptions or {}
  if m.Type == "volume" and m.Source and not is_anonymous(m.Source) then used.volumes[m.Source] = { name = m.Source, external = true } end
  out[#out + 1] = {
    type = m.Type, source = not is_anonymous(m.Source) and take(m.Source) or nil, target = m.Target, read_only = take(m.ReadOnly),
    bind = is_set((m.BindOptions or {}).Propagation) and { propagation = m.BindOptions.Propagation } or nil,
    volume = (v.NoCopy or v.Subpath) and { nocopy = take(v.NoCopy), subpath = take(v.Subpath) } or nil,
    tmpfs = m.TmpfsOptions and { size = take(m.TmpfsOptions.SizeBytes), mode = take(m.TmpfsOptions.Mode) } or nil,
  }
end

local function volumes(s, host, used, image)
  local out, tmpfs = array {}, array {}
  for _, bind in ipairs(is_set(host.Binds) and host.Binds or {}) do add_bind(out, used, bind, image.Volumes) end
  for _, m in ipairs(is_set(host.Mounts) and host.Mounts or {}) do add_mount(out, used, m) end
  for _, path in ipairs(tables.sorted(take(host.Tmpfs))) do
    tmpfs[#tmpfs + 1] = host.Tmpfs[path] ~= "" and ("%s:%s"):format(path, host.Tmpfs[path]) or path
  end
  s.volumes, s.tmpfs = words(out), words(tmpfs)
end

-- The engine gives a container its host name as an alias.
local function endpoint(e, hostname)
  local aliases = array {}
  for _, alias in ipairs(is_set(e.Aliases) and e.Aliases or {}) do
    if alias ~= hostname then aliases[#aliases + 1] = alias end
  end
  local out = { aliases = words(aliases) }
  local ipam = is_set(e.IPAMConfig) and e.IPAMConfig or {}
  out.ipv4_address, out.ipv6_address = take(ipam.IPv4Address), take(ipam.IPv6Address)
  return next(out) and out or json.null
end

-- service:x where that one is taken in, too.
local function namespace(value, names)
  local of = value:match "^container:(.+)$"
  if not of then return value end
  return names[of] and "service:" .. names[of] or value
end

local function networks(s, body, used, names)
  local mode = body.HostConfig.NetworkMode or "default"
  local own = {}
  for name, e in pairs((body.NetworkingConfig or {}).EndpointsConfig or {}) do
    if name ~= "bridge" then
      own[name] = endpoint(e, body.Hostname)
      used.networks[name] = { name = name, external = true }
    end
  end
  if next(own) then
    s.networks = own
  else
    s.network_mode = mode == "default" and "bridge" or namespace(mode, names)
  end
end

local function rates(list)
  local out = array {}
  for i, r in ipairs(is_set(list) and list or {}) do out[i] = { path = r.Path, rate = r.Rate } end
  return words(out)
end

local function block_io(host)
  local b = {
    weight = take(host.BlkioWeight), device_read_bps = rates(host.BlkioDeviceReadBps), device_read_iops = rates(host.BlkioDeviceReadIOps),
    device_write_bps = rates(host.BlkioDeviceWriteBps), device_write_iops = rates(host.BlkioDeviceWriteIOps),
  }
  return next(b) and b
end

local function limits(s, host)
  s.mem_limit, s.mem_reservation = take(host.Memory), take(host.MemoryReservation)
  s.memswap_limit = take(host.MemorySwap) ~= (host.Memory or 0) * 2 and take(host.MemorySwap) or nil
  s.mem_swappiness = math.type(host.MemorySwappiness) == "integer" and host.MemorySwappiness >= 0 and host.MemorySwappiness or nil
  s.cpus = is_set(host.NanoCpus) and host.NanoCpus / 1e9 or nil
  s.cpu_shares, s.cpu_period, s.cpu_quota = take(host.CpuShares), take(host.CpuPeriod), take(host.CpuQuota)
  s.cpuset = take(host.CpusetCpus)
  s.cpu_rt_period, s.cpu_rt_runtime = take(host.CpuRealtimePeriod), take(host.CpuRealtimeRuntime)
  s.pids_limit, s.oom_kill_disable, s.oom_score_adj = take(host.PidsLimit), take(host.OomKillDisable), take(host.OomScoreAdj)
  s.shm_size = host.ShmSize ~= 64 << 20 and take(host.ShmSize) or nil
  s.blkio_config, s.device_cgroup_rules = block_io(host), words(host.DeviceCgroupRules)
  for _, u in ipairs(is_set(host.Ulimits) and host.Ulimits or {}) do
    s.ulimits = s.ulimits or {}
    s.ulimits[u.Name] = { soft = u.Soft, hard = u.Hard }
  end
end

local function devices(s, host)
  local out, requests = array {}, array {}
  for i, d in ipairs(is_set(host.Devices) and host.Devices or {}) do
    out[i] = ("%s:%s:%s"):format(d.PathOnHost, d.PathInContainer, is_set(d.CgroupPermissions) and d.CgroupPermissions or "rwm")
  end
  for i, r in ipairs(is_set(host.DeviceRequests) and host.DeviceRequests or {}) do
    requests[i] = {
      driver = take(r.Driver), count = take(r.Count), device_ids = words(r.DeviceIDs), options = take(r.Options),
      capabilities = words((r.Capabilities or {})[1]),
    }
  end
  s.devices = words(out)
  s.deploy = #requests > 0 and { resources = { reservations = { devices = requests } } } or nil
end

local function security(s, host, record)
  s.privileged, s.read_only = take(host.Privileged), take(host.ReadonlyRootfs)
  s.cap_add, s.cap_drop = words(host.CapAdd), words(host.CapDrop)
  local options = words(host.SecurityOpt) or array {}
  local masked = record.HostConfig.MaskedPaths
  if type(masked) == "table" and not json.is_null(masked) and #masked == 0 then options[#options + 1] = "systempaths=unconfined" end
  s.security_opt, s.group_add, s.sysctls, s.userns_mode = words(options), words(host.GroupAdd), take(host.Sysctls), take(host.UsernsMode)
end

local function hosts(list)
  local out = array {}
  for i, entry in ipairs(is_set(list) and list or {}) do out[i] = entry:gsub(":", "=", 1) end
  return words(out)
end

local function links(list)
  local out = array {}
  for i, link in ipairs(is_set(list) and list or {}) do
    out[i] = ("%s:%s"):format(link:match "^/([^:]*)" or link, link:match "([^/]*)$")
  end
  return words(out)
end

local function volumes_from(list, names)
  local out = array {}
  for i, entry in ipairs(is_set(list) and list or {}) do
    local of, access = entry:match "^([^:]*)(.*)$"
    out[i] = (names[of] or "container:" .. of) .. access
  end
  return words(out)
end

local function restart(policy)
  if not is_set(policy) or not is_set(policy.Name) or policy.Name == "no" then return nil end
  return policy.Name .. (is_set(policy.MaximumRetryCount) and (":%d"):format(policy.MaximumRetryCount) or "")
end

local function logging(log, defaults)
  if not is_set(log) or not is_set(log.Type) or (log.Type == defaults.log_driver and not is_set(log.Config)) then return nil end
  return { driver = log.Type, options = take(log.Config) }
end

local function rest(s, host, names, defaults)
  s.restart, s.logging = restart(host.RestartPolicy), logging(host.LogConfig, defaults)
  s.init, s.annotations, s.storage_opt = take(host.Init), take(host.Annotations), take(host.StorageOpt)
  s.runtime = host.Runtime ~= defaults.runtime and take(host.Runtime) or nil
  s.cgroup, s.cgroup_parent = host.CgroupnsMode ~= defaults.cgroup and take(host.CgroupnsMode) or nil, take(host.CgroupParent)
  s.ipc = is_set(host.IpcMode) and host.IpcMode ~= "private" and namespace(host.IpcMode, names) or nil
  s.pid, s.uts = is_set(host.PidMode) and namespace(host.PidMode, names) or nil, take(host.UTSMode)
  s.dns, s.dns_search, s.dns_opt = words(host.Dns), words(host.DnsSearch), words(host.DnsOptions)
  s.extra_hosts, s.external_links, s.volumes_from = hosts(host.ExtraHosts), links(host.Links), volumes_from(host.VolumesFrom, names)
end

-- What a compose file has no word for.
local LOST = {
  AutoRemove = "--rm", PublishAllPorts = "--publish-all", VolumeDriver = "--volume-driver", KernelMemory = "--kernel-memory",
  CpusetMems = "--cpuset-mems", ContainerIDFile = "--cidfile",
}

local function name_of(record) return (record.Name:gsub("^/", "")) end

---@param list compose.Adopted[]
---@param defaults compose.EngineDefaults
---@return table model services, networks, volumes: a compose file
---@return string[] lost "web: --rm"
function M.model(list, defaults)
  local names, used, services, lost = {}, { networks = {}, volumes = {} }, {}, {}
  for _, a in ipairs(list) do
    local name = name_of(a.record)
    names[name], names[a.record.Id] = name, name
  end
  for _, a in ipairs(list) do
    local record, name = a.record, name_of(a.record)
    local body = require("recreate.body").of(record, a.image, record.Config.Image)
    local s, host = { image = record.Config.Image, container_name = name }, body.HostConfig
    config(s, body)
    ports(s, body.ExposedPorts, host.PortBindings)
    volumes(s, host, used, a.image.Config or {})
    networks(s, body, used, names)
    limits(s, host)
    devices(s, host)
    security(s, host, record)
    rest(s, host, names, defaults)
    services[name] = s
    for key, flag in pairs(LOST) do
      if is_set(record.HostConfig[key]) then lost[#lost + 1] = ("%s: %s"):format(name, flag) end
    end
  end
  table.sort(lost)
  return { services = services, networks = take(used.networks), volumes = take(used.volumes) }, lost
end

return M
