-- Flags of run and create -> the body of POST /containers/create (Engine API 1.41 and later), as docker CLI 28 sends it.
local problem = require "create.problem"
local ports = require "create.ports"
local mounts = require "create.mounts"
local networks = require "create.networks"
local devices = require "create.devices"
local env = require "create.env"
local limits = require "create.limits"
local address = require "create.address"
local security = require "create.security"
local units = require "units"
local platform = require "create.platform"
local json = require "json"

local M = {}

local function array(list) return json.array(list and { table.unpack(list) } or {}) end
local function some(list) return list and #list > 0 and array(list) or nil end
local function filled(text) return text ~= nil and text ~= "" and text or nil end

local ATTACHABLE = { stdin = true, stdout = true, stderr = true }

-- Which streams the caller wants; detached: none.
local function streams(flags)
  local want = {}
  for _, name in ipairs(flags.attach or {}) do
    if not ATTACHABLE[name:lower()] then
      problem.argument("-a, --attach", name, "valid streams are STDIN, STDOUT and STDERR")
    end
    want[name:lower()] = true
  end
  if #(flags.attach or {}) == 0 then want.stdout, want.stderr = true, true end
  if flags.interactive then want.stdin = true end
  if flags.detach then
    if #(flags.attach or {}) > 0 then problem.conflict("cannot specify both --attach and --detach", nil, 1) end
    want = {}
  end
  return want
end

local function nanoseconds(flags, key)
  local text = flags[key]
  if text == nil then return nil end
  local flag = "--" .. key:gsub("_", "-")
  local ns, err = try(units.duration_ns, text)
  if not ns then problem.argument(flag, text, err.why or err.message, "for example 30s or 1m30s") end
  if ns < 0 then Error { category = "usage", code = "bad_flag_value", message = flag .. " cannot be negative" } end
  return ns
end

local function healthcheck(flags)
  local h = {
    Interval = nanoseconds(flags, "health_interval"), Timeout = nanoseconds(flags, "health_timeout"),
    StartPeriod = nanoseconds(flags, "health_start_period"), StartInterval = nanoseconds(flags, "health_start_interval"),
    Retries = flags.health_retries,
  }
  local has = filled(flags.health_cmd)
  for _, v in pairs(h) do has = has or v ~= 0 end
  if flags.no_healthcheck then
    if has then problem.conflict "--no-healthcheck conflicts with --health-* options" end
    return { Test = json.array { "NONE" } }
  end
  if not has then return nil end
  if h.Retries and h.Retries < 0 then
    Error { category = "usage", code = "bad_flag_value", message = "--health-retries cannot be negative" }
  end
  if filled(flags.health_cmd) then h.Test = json.array { "CMD-SHELL", flags.health_cmd } end
  return h
end

-----restart, of update too.
---@param text? string "on-failure:3"
---@return {Name: string, MaximumRetryCount: integer}
function M.restart_policy(text)
  if text == nil then text = "no" end
  local name, count = problem.cut(text, ":")
  if name == "" and count then problem.argument("--restart", text, "invalid restart policy format: no policy provided before colon") end
  local n = 0
  if count and count ~= "" then
    n = count:find "^[+-]?%d+$" and math.tointeger(tonumber(count))
    if not n then problem.argument("--restart", text, "invalid restart policy format: maximum retry count must be an integer") end
  end
  return { Name = name, MaximumRetryCount = n }
end

local function log_config(flags)
  local options = {}
  for _, text in ipairs(flags.log_opt or {}) do
    local k, v = problem.cut(text, "=")
    options[k] = v or ""
  end
  if flags.log_driver == "none" and next(options) then
    Error { category = "usage", code = "bad_flag_value", message = "invalid logging opts for driver none" }
  end
  return { Type = flags.log_driver or "", Config = options }
end

---@param list? string[] HOST:IP or HOST=IP
---@return string[]? HOST:IP
---@raise usage
function M.add_hosts(list)
  local out = {}
  for i, text in ipairs(list or {}) do
    local name, ip = problem.cut(text, "=")
    if not ip then name, ip = problem.cut(text, ":") end
    if not ip or name == "" then problem.argument("--add-host", text, 'bad format for add-host: "' .. text .. '"') end
    ip = ip:match "^%[(.*)%]$" or ip
    if ip ~= "host-gateway" and not address.ip(ip) then
      problem.argument("--add-host", text, 'invalid IP address in add-host: "' .. ip .. '"')
    end
    out[i] = name .. ":" .. ip
  end
  return some(out)
end

local function addresses(list, flag)
  local out = {}
  for i, text in ipairs(list or {}) do
    out[i] = address.ip(text:match "^%s*(.-)%s*$") or problem.argument(flag, text, "IP address is not correctly formatted: " .. text)
  end
  return array(out)
end

local function search_domains(list)
  local out = {}
  for i, text in ipairs(list or {}) do
    out[i] = address.search_domain(text) or problem.argument("--dns-search", text, text .. " is not a valid domain")
  end
  return array(out)
end

local function links(list)
  for _, text in ipairs(list or {}) do
    if text == "" then problem.argument("--link", text, "empty string specified for links") end
    if #problem.split(text, ":") > 2 then problem.argument("--link", text, "bad format for links: " .. text) end
  end
  return some(list)
end

local function pairs_of(list, flag)
  local out = {}
  for _, text in ipairs(list or {}) do
    local k, v = problem.cut(text, "=")
    if not v then problem.argument(flag, text, "invalid storage option") end
    out[k] = v
  end
  return next(out) and out or nil
end

local function apply_ports(flags, config, host)
  local bindings, exposed = {}, {}
  for _, text in ipairs(flags.publish or {}) do ports.publish(text, bindings, exposed) end
  for _, text in ipairs(flags.expose or {}) do ports.expose(text, exposed) end
  host.PortBindings = bindings
  host.PublishAllPorts = flags.publish_all or false
  if next(exposed) then config.ExposedPorts = exposed end
end

local function apply_volumes(flags, config, host, context)
  local binds, seen, anonymous, list, tmpfs = {}, {}, {}, {}, {}
  for _, text in ipairs(flags.volume or {}) do
    local v = mounts.volume(text)
    if not v.source then
      anonymous[text] = {}
    elseif not seen[text] then
      seen[text] = true
      local source, expanded = v.source, false
      if v.bind then source, expanded = mounts.bind_source(v.source, context.base) end
      if expanded then context.note(("%s -> %s"):format(v.source, source)) end
      binds[#binds + 1] = source .. text:sub(#v.source + 1)
    end
  end
  for i, text in ipairs(flags.mount or {}) do list[i] = mounts.mount(text, context.base) end
  for _, text in ipairs(flags.tmpfs or {}) do
    local path, options = problem.cut(text, ":")
    tmpfs[path] = options or ""
  end
  host.Binds, host.Mounts = some(binds), some(list)
  if next(tmpfs) then host.Tmpfs = tmpfs end
  if next(anonymous) then config.Volumes = anonymous end
  host.VolumeDriver = filled(flags.volume_driver)
  host.VolumesFrom = some(flags.volumes_from)
end

local function apply_devices(flags, host)
  local plain, cdi, requests = {}, {}, {}
  for _, text in ipairs(flags.device or {}) do
    if devices.is_cdi(text) then cdi[#cdi + 1] = text else plain[#plain + 1] = devices.device(text) end
  end
  for i, text in ipairs(flags.gpus or {}) do requests[i] = devices.gpus(text) end
  if #cdi > 0 then requests[#requests + 1] = { Driver = "cdi", DeviceIDs = array(cdi) } end
  host.Devices = array(plain)
  host.DeviceRequests = some(requests)
  for _, rule in ipairs(flags.device_cgroup_rule or {}) do devices.cgroup_rule(rule) end
  host.DeviceCgroupRules = some(flags.device_cgroup_rule)
  host.Ulimits = some(devices.ulimits(flags.ulimit))
end

local function container_config(flags, given, image, command, want)
  local config = {
    Hostname = filled(flags.hostname), Domainname = filled(flags.domainname), User = filled(flags.user),
    AttachStdin = want.stdin or false, AttachStdout = want.stdout or false, AttachStderr = want.stderr or false,
    Tty = flags.tty, OpenStdin = flags.interactive, StdinOnce = flags.interactive and want.stdin or false,
    Env = env.environment(flags.env_file, flags.env), Image = image, WorkingDir = filled(flags.workdir),
    Labels = env.labels(flags.label_file, flags.label), StopSignal = filled(flags.stop_signal), StopTimeout = flags.stop_timeout,
    Healthcheck = healthcheck(flags),
  }
  config.Env = some(config.Env)
  if #command > 0 then config.Cmd = array(command) end
  if given.entrypoint then config.Entrypoint = json.array { flags.entrypoint } end
  return config
end

local function host_config(flags, given)
  local host = {
    AutoRemove = flags.rm, Privileged = flags.privileged, ReadonlyRootfs = flags.read_only,
    RestartPolicy = M.restart_policy(flags.restart), LogConfig = log_config(flags),
    Dns = addresses(flags.dns, "--dns"), DnsOptions = array(flags.dns_option), DnsSearch = search_domains(flags.dns_search),
    ExtraHosts = M.add_hosts(flags.add_host), Links = links(flags.link), CapAdd = security.capabilities(flags.cap_add),
    CapDrop = security.capabilities(flags.cap_drop),
    GroupAdd = some(flags.group_add), CgroupParent = filled(flags.cgroup_parent), Sysctls = security.sysctls(flags.sysctl),
    StorageOpt = pairs_of(flags.storage_opt, "--storage-opt"), Runtime = filled(flags.runtime), Isolation = filled(flags.isolation),
    OomScoreAdj = flags.oom_score_adj, ContainerIDFile = filled(flags.cidfile),
  }
  if given.init then host.Init = flags.init end
  if next(flags.annotation or {}) then host.Annotations = flags.annotation end
  if flags.shm_size then
    host.ShmSize = try(units.size, flags.shm_size)
      or problem.argument("--shm-size", flags.shm_size, "invalid size: '" .. flags.shm_size .. "'")
  end
  security.namespaces(flags, host)
  security.options(flags.security_opt, host)
  if host.RestartPolicy.Name ~= "no" and host.RestartPolicy.Name ~= "" and flags.rm then
    problem.conflict "cannot specify both --restart and --rm"
  end
  return host
end

---@class create.Request
---@field body table of POST /containers/create
---@field name? string
---@field platform? string
---@field networks string[] all of them, the first is the main one
---@field logins? table<string, docker.Auth> by registry, for the container (create.api_socket)

---Builds the request. Raises usage errors; asks nothing of the network.
---@param flags table parsed flags of run or create
---@param given table<string, boolean>
---@param image string
---@param command string[]
---@param context {base: string, note: fun(text: string)} base: where relative bind sources lie
---@return create.Request
function M.build(flags, given, image, command, context)
  require("transfer.trust").check(flags, image)
  if flags.pull and flags.pull ~= "always" and flags.pull ~= "missing" and flags.pull ~= "never" and flags.pull ~= "" then
    problem.argument("--pull", flags.pull, 'must be one of "always", "missing" or "never"')
  end
  if image == "" then
    Error { category = "usage", code = "bad_reference", message = "invalid reference format", why = "the image's name is empty" }
  end
  local config = container_config(flags, given, image, command, streams(flags))
  local host = host_config(flags, given)
  apply_ports(flags, config, host)
  apply_volumes(flags, config, host, context)
  apply_devices(flags, host)
  limits.apply(flags, given, host)
  local mode, endpoints, order = networks.build(flags)
  host.NetworkMode = mode
  config.HostConfig = host
  config.NetworkingConfig = { EndpointsConfig = endpoints }
  local wanted = filled(flags.platform) and platform.parse(flags.platform) or nil
  return { body = config, name = filled(flags.name), platform = wanted, networks = order }
end

return M
