-- A project -> the same project beside itself, to be tried before it takes over: other names, networks of its own, no port of the NAS.
-- Pure. Dependencies: compose.body.
local M = {}

M.SUFFIX = "-green"
M.LABEL = "qnap-docker.trial-of" -- of all that is made for it: the project

local function copy(value) return require("plan.secrets").copy(value) end

local function mark(object, project)
  object.labels = object.labels or {}
  object.labels[M.LABEL] = project.name
end

-- Only networks of its own; one that had none of these gets the default one.
local function own_networks(model, service)
  local mode = service.network_mode
  if mode == "none" or (mode or ""):find "^service:" then return end
  service.network_mode, service.external_links, service.mac_address = nil, nil, nil
  local networks = {}
  for key, value in pairs(service.networks or {}) do
    if not model.networks[key].external then
      local v = copy(value)
      if type(v) == "table" and not require("json").is_null(v) then
        v.ipv4_address, v.ipv6_address, v.mac_address, v.link_local_ips = nil, nil, nil, nil
      end
      networks[key] = v
    end
  end
  if not next(networks) then networks.default = {} end
  service.networks = networks
end

local LOCAL_ONLY = { macvlan = true, ipvlan = true } -- drivers whose networks are parts of the NAS's own

local function rename_networks(project, model, name)
  for key, n in pairs(model.networks) do
    if n.external then
      model.networks[key] = nil
    else
      n.name, n.ipam = ("%s_%s"):format(name, key), nil
      if LOCAL_ONLY[n.driver or ""] then n.driver, n.driver_opts = nil, nil end
    end
  end
  model.networks.default = model.networks.default or { name = name .. "_default" }
  for _, n in pairs(model.networks) do mark(n, project) end
end

---@param project compose.Project
---@param volumes table<string, table> by name: what the NAS has; those are shared, the others are made for it alone
---@return compose.Project
function M.of(project, volumes)
  local out = copy(project)
  out.name = project.name .. M.SUFFIX
  local model = out.model
  model.name, model.networks = out.name, model.networks or {}
  for name, service in pairs(model.services) do
    mark(service, project)
    service.image = require("compose.body").image(project, name)
    own_networks(model, service)
    service.container_name, service.ports, service.restart, service.scale = nil, nil, "no", nil
    if service.deploy then service.deploy.replicas, service.deploy.restart_policy, service.deploy.update_config = nil, nil, nil end
  end
  rename_networks(project, model, out.name)
  for key, v in pairs(model.volumes or {}) do
    if volumes[v.name] then
      model.volumes[key] = { name = v.name, external = true, driver_opts = v.driver_opts }
    elseif not v.external then
      v.name = ("%s_%s"):format(out.name, key)
      mark(v, project)
    end
  end
  return out
end

local NO_DATA = { "^/dev/", "^/dev$", "^/proc/", "^/sys/", "^/run/", "^/var/run/", "^/tmp/%.X11" }

local function is_data(path)
  for _, pattern in ipairs(NO_DATA) do
    if path:find(pattern) then return false end
  end
  return true
end

---Data that both would write to.
---@param project compose.Project
---@param volumes table<string, table> by name: what the NAS has
---@return string[] "volume data of service 'db'", ordered
function M.shared(project, volumes)
  local out = {}
  for name, service in pairs(project.model.services) do
    for _, v in ipairs(service.volumes or {}) do
      local declared = v.type == "volume" and v.source and (project.model.volumes or {})[v.source]
      if not v.read_only and declared and volumes[declared.name] then
        out[#out + 1] = ("volume %s of service '%s'"):format(v.source, name)
      elseif not v.read_only and v.type == "bind" and is_data(v.source) then
        out[#out + 1] = ("directory %s of service '%s'"):format(v.source, name)
      end
    end
  end
  table.sort(out)
  return out
end

---@class compose.Verify
---@field service string
---@field command string[]

---What decides whether green is good, beside the healthchecks: x-qnap.verify.
---@param project compose.Project
---@return compose.Verify[]
---@raise config "bad_verify"
function M.checks(project)
  local function bad(why)
    Error {
      category = "config", code = "bad_verify", message = "x-qnap.verify is not understood", why = why,
      hint = 'x-qnap: {verify: [{service: web, command: ["wget", "-qO-", "localhost"]}]}',
    }
  end
  local x, out = project.model["x-qnap"], {}
  local list = type(x) == "table" and x.verify or {}
  if type(list) ~= "table" then bad "it is no list" end
  for i, item in ipairs(list) do
    if type(item) ~= "table" then bad(("entry %d is no map of service and command"):format(i)) end
    local command = item.command
    if not project.model.services[item.service or ""] then
      bad(("entry %d: there is no service '%s'"):format(i, tostring(item.service)))
    elseif type(command) == "string" and command ~= "" then
      command = { "sh", "-c", command }
    elseif type(command) ~= "table" or type(command[1]) ~= "string" then
      bad(("entry %d has no command"):format(i))
    end
    out[i] = { service = item.service, command = require("json").array(copy(command)) }
  end
  return out
end

return M
