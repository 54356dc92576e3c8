-- What a container was asked for, read back from what it is: its inspect record without what the image, the engine and
-- the moment added. Engine API 1.41, ContainerInspect and ContainerCreate.
local copy = require("plan.secrets").copy

local M = {}

local function same(a, b)
  local json = require "json"
  return a ~= nil and b ~= nil and json.encode(a) == json.encode(b)
end

-- Members of a list or a map that the image has, too.
local function without_list(list, image)
  local theirs, out = {}, require("json").array {}
  for _, item in ipairs(image or {}) do
    theirs[item] = true
  end
  for _, item in ipairs(list or {}) do
    if not theirs[item] then
      out[#out + 1] = item
    end
  end
  return out
end

local function without_map(map, image)
  local out = {}
  for key, value in pairs(map or {}) do
    if not same(value, (image or {})[key]) then
      out[key] = value
    end
  end
  return out
end

-- Volumes that have no name of the user's stay with the container: the new one mounts the same.
local function keep_anonymous(record, host)
  local known = {}
  for _, bind in ipairs(host.Binds or {}) do
    known[bind:match "^[^:]*:([^:]*)" or ""] = true
  end
  for _, mount in ipairs(host.Mounts or {}) do
    known[mount.Target] = true
  end
  local binds = host.Binds or require("json").array {}
  for _, m in ipairs(record.Mounts or {}) do
    if m.Type == "volume" and m.Name and not known[m.Destination] and #(host.VolumesFrom or {}) == 0 then
      binds[#binds + 1] = ("%s:%s%s"):format(m.Name, m.Destination, m.RW == false and ":ro" or "")
    end
  end
  host.Binds = #binds > 0 and binds or nil
end

local function aliases_of(endpoint, id)
  local out = require("json").array {}
  for _, alias in ipairs(endpoint.Aliases or {}) do
    if alias ~= id:sub(1, 12) then
      out[#out + 1] = alias
    end
  end
  return #out > 0 and out or nil
end

local function endpoints(record)
  local mode = record.HostConfig.NetworkMode or "default"
  if mode == "host" or mode == "none" or mode:find "^container:" then
    return nil
  end
  local out = {}
  for name, e in pairs(record.NetworkSettings.Networks or {}) do
    out[name] = {
      IPAMConfig = e.IPAMConfig, Links = e.Links, DriverOpts = e.DriverOpts, GwPriority = e.GwPriority ~= 0 and e.GwPriority or nil,
      Aliases = name ~= "bridge" and aliases_of(e, record.Id) or nil,
    }
  end
  return { EndpointsConfig = out }
end

local OWN_LABELS = { "qnap-docker.journal", "qnap-docker.step", "qnap-docker.rollback", "qnap-docker.rollback-older" }

-- What came from the image goes with it: an entrypoint of the user's own keeps the command beside it.
local function subtract(config, image)
  local own_entrypoint = config.Entrypoint and not same(config.Entrypoint, image.Entrypoint)
  if not own_entrypoint then
    config.Entrypoint = nil
    if same(config.Cmd, image.Cmd) then
      config.Cmd = nil
    end
  end
  for _, key in ipairs { "WorkingDir", "User", "StopSignal", "Healthcheck", "Shell" } do
    if same(config[key], image[key]) or config[key] == "" then
      config[key] = nil
    end
  end
  config.Env = without_list(config.Env, image.Env)
  for _, key in ipairs { "Labels", "Volumes", "ExposedPorts" } do
    config[key] = without_map(config[key], image[key])
  end
  config.OnBuild = nil
end

---The request for a container like this one, of another image.
---@param record table inspect record of the container
---@param image table inspect record of the image it runs
---@param ref string the image of the new one
---@return table body
function M.of(record, image, ref)
  local body, host = copy(record.Config), copy(record.HostConfig)
  subtract(body, image.Config or {})
  for _, label in ipairs(OWN_LABELS) do
    body.Labels[label] = nil
  end
  body.Image = ref
  if body.Hostname == record.Id:sub(1, 12) or host.NetworkMode == "host" or (host.NetworkMode or ""):find "^container:" then
    body.Hostname = nil
  end
  keep_anonymous(record, host)
  host.ContainerIDFile = nil
  if host.MemorySwappiness == -1 then
    host.MemorySwappiness = nil
  end
  body.HostConfig, body.NetworkingConfig = host, endpoints(record)
  return body
end

return M
