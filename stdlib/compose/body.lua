-- A service of a canonical project -> what the engine is asked to create (Engine API, ContainerCreate, NetworkCreate,
-- VolumeCreate), with the names, labels and aliases that compose v2 gives. Pure: asks no engine.
-- Dependencies: json, units, compose.list, compose.resources, create.security.
local array = require("json").array
local list = require "compose.list"
local units = require "units"
local tables = require "compose.tables"

local M = {}

local LABEL = "com.docker.compose."

---What a body cannot know by itself.
---@class compose.Facts
---@field version string what stands in the label com.docker.compose.version
---@field api string "1.41": the engine's
---@field hash string config hash of the service
---@field image_id? string of the image that the service's reference names on the NAS
---@field containers? table<string, string> service -> id of its first container, for network_mode: service:x and its like
---@field names? table<string, string> service -> name of its first container, for links
---@field networks? table<string, string> key -> id of an external network
---@field labels? table<string, string> more labels
---@field among? table<string, any> services that are brought up with it (default: all); no other is named as a dependency
---@field anonymous? table<string, string> path in the container -> anonymous volume of the container before it

local function is_null(v)
  return v == nil or require("json").is_null(v)
end

local function seconds(text) -- whole ones, as compose v2 counts them
  return text and math.floor(units.duration(text)) or nil
end

local function nanoseconds(text)
  return text and math.floor(units.duration(text) * 1e9 + 0.5) or nil
end

---The name of a container of a service.
---@param project compose.Project
---@param service string
---@param number integer from 1
---@return string
function M.container_name(project, service, number)
  local fixed = project.model.services[service].container_name
  return fixed or ("%s-%s-%d"):format(project.name, service, number)
end

---The reference of a service's image; of one that is only built, the name compose v2 gives it.
---@param project compose.Project
---@param service string
---@return string
function M.image(project, service)
  return project.model.services[service].image or ("%s-%s"):format(project.name, service)
end

-- NAME=value; a name without one alone, which takes the image's value away.
local function env(variables)
  local out = {}
  for _, name in ipairs(tables.sorted(variables)) do
    local v = variables[name]
    out[#out + 1] = is_null(v) and name or ("%s=%s"):format(name, v)
  end
  return list(out)
end

-- db:service_healthy:false,... of services that are part of it.
local function dependencies(service, among)
  local out = {}
  for _, name in ipairs(tables.sorted(service.depends_on)) do
    local d = service.depends_on[name]
    if among[name] then out[#out + 1] = ("%s:%s:%s"):format(name, d.condition, tostring(d.restart or false)) end
  end
  return table.concat(out, ",")
end

---The labels of a container.
---@param project compose.Project
---@param name string service
---@param number integer
---@param facts compose.Facts
---@param oneoff? boolean
---@return table<string, string>
function M.labels(project, name, number, facts, oneoff)
  local service = project.model.services[name]
  local labels = tables.copy(service.labels)
  local ours = {
    project = project.name, service = name, ["container-number"] = ("%d"):format(number), oneoff = oneoff and "True" or "False",
    ["config-hash"] = facts.hash, image = facts.image_id, version = facts.version,
    depends_on = dependencies(service, facts.among or project.model.services),
    ["project.working_dir"] = project.directory, ["project.config_files"] = table.concat(project.files, ","),
  }
  if project.named_env_files then
    ours["project.environment_file"] = table.concat(project.env_files, ",")
  end
  for key, value in pairs(ours) do
    labels[LABEL .. key] = value
  end
  for key, value in pairs(facts.labels or {}) do
    labels[key] = value
  end
  return labels
end

local function healthcheck(service)
  local h = service.healthcheck
  if not h then
    return nil
  end
  local test = h.disable and { "NONE" } or h.test
  return {
    Test = list(test), Interval = nanoseconds(h.interval), Timeout = nanoseconds(h.timeout),
    StartPeriod = nanoseconds(h.start_period), StartInterval = nanoseconds(h.start_interval), Retries = h.retries,
  }
end

-- Exposed ports as they are written, published ones with their bindings.
local function ports(service)
  local exposed, bindings = {}, {}
  for _, port in ipairs(service.expose or {}) do
    exposed[port] = {}
  end
  for _, p in ipairs(service.ports or {}) do
    local key = ("%d/%s"):format(p.target, p.protocol)
    exposed[key] = {}
    bindings[key] = bindings[key] or array {}
    table.insert(bindings[key], { HostIp = p.host_ip or "", HostPort = p.published or "" })
  end
  return next(exposed) and exposed, next(bindings) and bindings
end

-- restart, unless deploy says otherwise.
local function restart_policy(service)
  local policy = service.deploy and service.deploy.restart_policy
  if policy then
    local names = { any = "always", none = "no" }
    local condition = policy.condition or "any"
    return { Name = names[condition] or condition, MaximumRetryCount = policy.max_attempts or 0 }
  end
  local name, count = (service.restart or ""):match "^([^:]*):?(.*)$"
  return { Name = name, MaximumRetryCount = tonumber(count) or 0 }
end

-- host=address -> host:address.
local function extra_hosts(service)
  local out = {}
  for i, entry in ipairs(service.extra_hosts or {}) do
    out[i] = entry:gsub("=", ":", 1)
  end
  return list(out)
end

-- service:x means the first container of x.
local function namespace(value, facts)
  local of = value and value:match "^service:(.+)$"
  return of and "container:" .. (facts.containers and facts.containers[of] or of) or value
end

---A security option as the engine takes it: a seccomp profile goes by its text.
---@param option string
---@param directory string of the project
---@return string
function M.security_option(option, directory)
  local profile = option:match "^seccomp[=:](.+)$"
  if not profile or profile == "unconfined" then
    return option
  end
  return require("create.security").seccomp(profile:find "^/" and profile or directory .. "/" .. profile)
end

-- systempaths=unconfined is no option of the engine's: it means that no path is masked.
local function security(service, host, directory)
  local options = {}
  for _, option in ipairs(service.security_opt or {}) do
    if option == "systempaths=unconfined" then
      host.MaskedPaths, host.ReadonlyPaths = array {}, array {}
    else
      options[#options + 1] = M.security_option(option, directory)
    end
  end
  host.SecurityOpt = list(options)
  host.CapAdd, host.CapDrop = list(service.cap_add), list(service.cap_drop)
  host.Privileged, host.ReadonlyRootfs = service.privileged, service.read_only
  host.GroupAdd, host.Sysctls = list(service.group_add), service.sysctls
  host.UsernsMode = service.userns_mode
end

-- service[:ro] and container:name[:ro]; the access mode is lost, as with compose v2.
local function volumes_from(service, facts)
  local out = {}
  for i, entry in ipairs(service.volumes_from or {}) do
    local container = entry:match "^container:([^:]+)"
    local of = entry:match "^([^:]+)"
    out[i] = container or facts.containers and facts.containers[of] or of
  end
  return list(out)
end

local function host_config(service, facts, directory)
  local host = {
    VolumesFrom = volumes_from(service, facts),
    RestartPolicy = restart_policy(service),
    Init = service.init, Runtime = service.runtime, Isolation = service.isolation,
    Annotations = service.annotations, StorageOpt = service.storage_opt,
    CgroupParent = service.cgroup_parent, CgroupnsMode = service.cgroup,
    IpcMode = namespace(service.ipc, facts), PidMode = namespace(service.pid, facts), UTSMode = service.uts,
    Dns = list(service.dns), DnsSearch = list(service.dns_search), DnsOptions = list(service.dns_opt), ExtraHosts = extra_hosts(service),
    LogConfig = service.logging and { Type = service.logging.driver or "", Config = service.logging.options },
  }
  require("compose.resources").apply(service, host)
  security(service, host, directory)
  return host
end

-- A list that is there and empty counts: it takes the image's away.
local function words(value)
  return not is_null(value) and array(tables.copy(value)) or nil
end

---The body of POST /containers/create, without networks and mounts.
---@param project compose.Project
---@param name string service
---@param number integer
---@param facts compose.Facts
---@return table body
function M.container(project, name, number, facts)
  local service = project.model.services[name]
  local exposed, bindings = ports(service)
  local host = host_config(service, facts, project.directory)
  host.PortBindings = bindings
  return {
    Image = M.image(project, name), AttachStdout = true, AttachStderr = true,
    Cmd = words(service.command), Entrypoint = words(service.entrypoint), Env = env(service.environment),
    Hostname = service.hostname, Domainname = service.domainname, User = service.user, WorkingDir = service.working_dir,
    Tty = service.tty, OpenStdin = service.stdin_open, StopSignal = service.stop_signal, StopTimeout = seconds(service.stop_grace_period),
    Healthcheck = healthcheck(service), ExposedPorts = exposed, Labels = M.labels(project, name, number, facts), HostConfig = host,
  }
end

-- Anonymous volumes go over to the next container.
local function inherit(mounts, anonymous)
  for _, m in ipairs(mounts or {}) do
    if m.Type == "volume" and not m.Source and anonymous[m.Target] then
      m.Source, anonymous[m.Target] = anonymous[m.Target], nil
    end
  end
  local out = mounts or {}
  for target, name in pairs(anonymous) do -- volumes that only the image names
    out[#out + 1] = { Type = "volume", Source = name, Target = target }
  end
  table.sort(out, function(a, b) return a.Target < b.Target end)
  return list(out)
end

---All that the engine is asked to create for one container.
---@param project compose.Project
---@param name string service
---@param number integer
---@param facts compose.Facts
---@return table body
---@return {network: string, endpoint: table}[] connects networks to join after the container was made
function M.complete(project, name, number, facts)
  local body = M.container(project, name, number, facts)
  local host = body.HostConfig
  host.Binds, host.Mounts, host.Tmpfs = require("compose.mounts").of(project, project.model.services[name])
  if facts.anonymous then
    host.Mounts = inherit(host.Mounts, tables.copy(facts.anonymous))
  end
  local container = M.container_name(project, name, number)
  return body, require("compose.networks").apply(project, name, container, facts, body)
end

return M
