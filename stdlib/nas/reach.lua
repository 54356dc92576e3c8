-- How the checklist gets at a NAS: a login of its own, a shell script there, the engine behind the same session.
-- Dependencies: ssh, core.sshlogin, core.known_hosts, docker, proc.
local M = {}

---@class nas.Session
---@field info {host_key?: string, host_key_type?: string, auth?: string, user?: string, server_version?: string}
local Session = {}
Session.__index = Session

local LIMIT = 30 -- seconds for the script

---Runs the script there. Its output, whatever its exit code.
---@async
---@param script string without single quotes
---@return string
function Session:sh(script)
  local result = self.ssh:run("sh -c '" .. script .. "'", { timeout = LIMIT })
  return result.stdout
end

function Session:close()
  if self.ssh then
    self.ssh:close()
  end
end

local Here = setmetatable({}, { __index = Session })
Here.__index = Here

function Here:sh(script) -- luacheck: ignore self
  return require("proc").run({ argv = { "sh", "-c", script }, timeout = LIMIT }).stdout
end

---The NAS behind an SSH session that is somebody else's: it is not closed here.
---@param ssh ssh.Session
---@return nas.Session
function M.over(ssh)
  return setmetatable({ ssh = ssh, info = {}, close = function() end }, Session)
end

---This machine.
---@return nas.Session
function M.here()
  return setmetatable({ info = {} }, Here)
end

---What the files say about the NAS's host key.
---@param p profile.Profile
---@return core.KnownKey[]
function M.known_keys(p)
  local out = {}
  for _, key in ipairs(require("ssh").known_keys(p)) do
    if key.marker ~= "cert-authority" then
      out[#out + 1] = key
    end
  end
  return out
end

local PREFERRED = { "ssh-ed25519", "ecdsa-sha2-nistp256" } -- ssh asks for them first, too

-- What libssh2 cannot check (an RSA key on 1.10), ssh's own tool can show.
local function keyscan(settings, err)
  local r = settings.host:sub(1, 1) ~= "-" and try(require("proc").run, {
    argv = { "ssh-keyscan", "-T", "10", "-p", tostring(settings.port), settings.host }, timeout = LIMIT, max_output = 1 << 16,
  })
  local found, first = {}, nil
  for line in (r and r.stdout or ""):gmatch "[^\n]+" do
    local kind, blob = line:match "^[^#%s]%S*%s+(%S+)%s+(%S+)"
    if kind then
      first = first or kind
      found[kind] = blob
    end
  end
  local kind = found[PREFERRED[1]] and PREFERRED[1] or found[PREFERRED[2]] and PREFERRED[2] or first
  if not kind then
    error(err, 0)
  end
  return { type = kind, fingerprint = require("core.known_hosts").fingerprint(found[kind]), blob = found[kind] }
end

---The host key that the NAS shows now. Nobody is logged in, and nothing is trusted.
---@async
---@param p profile.Profile
---@param options {timeout?: number}
---@return {type: string, fingerprint: string, blob: string}
function M.host_key(p, options)
  local s = require("ssh.settings").of(p)
  if s.needs_openssh then
    local key, err = try(require("ssh.openssh").host_key, s, options.timeout)
    if err then
      err.profile = p.name
      error(err, 0)
    end
    key.fingerprint = require("core.known_hosts").fingerprint(key.blob)
    return key
  end
  local login <close> = require("core.sshlogin").start {
    host = s.host, alias = s.alias, host_key_alias = s.host_key_alias, profile = p.name, port = s.port, user = s.user,
    known_hosts = s.known_hosts, legacy_crypto = s.legacy_crypto,
    no_prompt = true, scan = true, connect_timeout = s.connect_timeout, login_timeout = options.timeout,
  }
  local what, key = try(login.wait, login)
  if what then
    return key
  elseif key.code == "rsa_needs_openssh" or key.code == "no_common_algorithm" then
    return keyscan(s, key)
  end
  key.profile = p.name
  error(key, 0)
end

---Writes a host key into our own known_hosts.
---@param p profile.Profile
---@param key {type: string, fingerprint: string, blob: string}
---@param replace boolean in the place of the host's other keys
function M.trust_key(p, key, replace)
  local s = require("ssh.settings").of(p)
  local core = require "core.known_hosts"
  local write = replace and core.replace or core.append
  write(s.known_hosts[1], s.known_name, s.known_port, key.type, key.blob)
end

-- ssh itself never asks about a new key, so it is asked about here: whether the key that the NAS shows is the one that the
-- caller or the user accepts.
local function accepted(key, p, options)
  if options.accept_host_key then
    return options.accept_host_key == key.fingerprint
  elseif not require("ui").can_ask() then
    return false
  end
  local text = ("%s shows this host key for the first time:\n%s key fingerprint is %s\ntrust this key and go on?"):format(
    p.host, key.type, key.fingerprint)
  return require("ui").confirm(text, { default = false, flag = "--accept-host-key" })
end

-- After ssh refused an unknown key: the session, once the key was accepted; else the error, which says what was shown.
local function with_new_key(p, options, err)
  local key = try(M.host_key, p, options)
  if key and accepted(key, p, options) then
    M.trust_key(p, key, false)
    return require("ssh").connect(p, options)
  elseif key then
    err.why = ("it shows %s %s"):format(key.type, key.fingerprint)
    err.hint = ("compare it with the NAS, then: qnap-docker profile trust %s --fingerprint %s"):format(p.name, key.fingerprint)
  end
  error(err, 0)
end

---Logs in. Raises what went wrong, with the codes of ssh.
---@async
---@param p profile.Profile
---@param options table timeout, password, accept_host_key, interactive
---@return nas.Session
function M.login(p, options)
  options = setmetatable({ alone = true }, { __index = options }) -- what is looked at is the login itself
  local ssh, err = try(require("ssh").connect, p, options)
  if not ssh and err.code == "host_key_unknown" and not (err.why or ""):find "SHA256:" then
    ssh = with_new_key(p, options, err)
  elseif not ssh then
    error(err, 0)
  end
  return setmetatable({ ssh = ssh, info = ssh:info() }, Session)
end

---The engine, through the session that is there.
---@async
---@param p profile.Profile
---@param session nas.Session
---@param options table
---@return docker.Nas
function M.engine(p, session, options)
  return require("docker").connect(p, { timeout = options.timeout, session = session.ssh })
end

return M
