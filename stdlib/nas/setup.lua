-- What `init` decides: the profile's name and keys from what was typed, what was answered last time and what was found.
local profile = require "profile"
local probe = require "nas.probe"

local M = {}

---Splits what people type for a host: "admin@nas1.local:2222".
---@param text string
---@return {host: string, user?: string, port?: string}
function M.address(text)
  if text == "local" or text:find "://" then
    return { host = text }
  end
  local user, rest = text:match "^([^@]+)@(.+)$"
  rest = rest or text
  local host, port = rest:match "^%[([^%]]+)%]:?(%d*)$"
  if not host then
    host, port = rest:match "^([^:]+):(%d+)$"
  end
  return { host = host or rest, user = user, port = port ~= "" and port or nil }
end

---A name for the profile of a host: its first label, "local", or "nas" for a bare address.
---@param host string
---@return string
function M.name(host)
  if host == "local" or host:find "^unix://" then
    return "local"
  elseif host:find "^[%d.]+$" or host:find ":" then
    return "nas"
  end
  local label = host:lower():match "^([%w][%w_-]*)"
  return label and #label <= 64 and label or "nas"
end

---The keys that a profile of `init` begins with; later ones win: what a failed try remembered, the existing profile, the flags.
---@param address {host: string, user?: string, port?: string}
---@param flags table<string, any> user, port, key, agent, no_agent, volume
---@param earlier table keys of the existing profile or of the last try
---@return table keys
function M.keys(address, flags, earlier)
  local core = require "core.profile"
  local keys = {}
  for k, v in pairs(earlier) do
    keys[k] = v
  end
  local function put(key, text)
    if text then
      keys[key] = core.parse_value(key, text)
    end
  end
  put("host", address.host)
  put("user", flags.user or address.user)
  put("port", flags.port or address.port)
  put("ssh_key_path", flags.key)
  put("primary_volume", flags.volume)
  put("engine", flags.engine)
  if flags.no_agent then
    keys.identity_agent = "none"
  elseif flags.agent and keys.identity_agent == "none" then
    keys.identity_agent = nil
  end
  return keys
end

-- The share for containers where it lies elsewhere than usual.
local function data_root(facts, keys)
  local share = facts.container_share
  if not share or keys.data_root or not share:find "^/share/[%w_. /-]+$" or share:find "%.%." then
    return nil
  end
  local usual = keys.primary_volume and ("/share/%s/Container"):format(keys.primary_volume)
  return share ~= usual and share or nil
end

---Adds what the NAS told: volume, data directory, engine, and the restart policy that suits a NAS.
---@param keys table
---@param report nas.Report
---@param p profile.Profile with the engine that was chosen
---@return table keys
function M.complete(keys, report, p)
  local facts = report.facts
  if p.engine == "system" then
    keys.engine = "system"
  end
  if not facts.qnap then
    return keys
  end
  keys.primary_volume = keys.primary_volume or probe.primary_volume(facts)
  keys.data_root = keys.data_root or data_root(facts, keys)
  keys.defaults = keys.defaults or { restart = "unless-stopped" }
  return keys
end

---What a later command need not find out again.
---@param report nas.Report
---@return profile.State
function M.state(report)
  local facts, engine = report.facts, report.engine
  return {
    verified = true, last_seen = os.time(), engine_version = engine.version, api_version = engine.api, route = engine.route,
    docker_path = facts.docker[1],
    facts = {
      system = probe.system(facts), arch = facts.arch, page_size = facts.page_size, sudo = facts.sudo, hero = facts.hero,
      system_engine = facts.sockets["/var/run/system-docker.sock"] and true or nil,
    },
  }
end

---Why the profile cannot be written, nil when it can: what an engine does not need may fail.
---@param report nas.Report
---@return Error?
function M.blocker(report)
  for _, step in ipairs(report.steps) do
    if step.id == "api" and step.status == "ok" then
      return nil
    end
  end
  return report.err
end

---Advice that fits where there is no profile yet.
---@param err Error
---@param host string as typed
function M.advise(err, host)
  local fingerprint = (err.hint or ""):match "SHA256:[%w+/]+"
  if err.code == "host_key_unknown" and fingerprint then
    err.hint = ("compare it with the NAS, then: qnap-docker init %s --accept-host-key %s"):format(host, fingerprint)
  end
end

---Writes the profile: a new one, or the changes of an existing one.
---@async
---@param name string
---@param keys table
---@param options? {lock_wait?: number}
function M.write(name, keys, options)
  if not profile.exists(name) then
    return profile.add(name, keys, options)
  end
  local changes = {}
  for key, value in pairs(keys) do
    if type(value) == "table" and #value == 0 then
      for inner, v in pairs(value) do
        changes[key .. "." .. inner] = v
      end
    else
      changes[key] = value
    end
  end
  profile.update(name, changes, options)
end

return M
