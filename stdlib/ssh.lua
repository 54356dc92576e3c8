-- SSH to a NAS: `session = ssh.connect(profile)`, then session:run("uname -a"), session:dialer(profile).
-- libssh2 where it can, the user's own ssh where it must be. Dependencies: ssh.settings, ssh.login, ssh.openssh, ssh.ladder.
local M = {}

---A live login.
---@class ssh.Session
---@field raw userdata|ssh.OpenSsh
---@field transport "libssh2"|"openssh"
---@field settings ssh.Settings
---@field held? boolean the connection holder has it
local Session = {}
Session.__index = Session

---Runs a command. It is a finished POSIX sh line: put words into it with ssh.quote.
---@async
---@param command string
---@param options? {stdin?: string, timeout?: number, max_output?: integer}
---@return {status: integer, signal?: string, stdout: string, stderr: string}
function Session:run(command, options) return self.raw:run(command, options) end

---Commands will follow: each of them costs one round trip, not two.
function Session:prepare()
  if self.raw.prepare then self.raw:prepare() end
end

---What was negotiated: server_version, host_key, host_key_type, kex, cipher, mac, auth, user, transport.
---@return table
function Session:info()
  local info = self.raw:info()
  info.transport, info.user = self.transport, self.settings.user
  return info
end

---@param path string socket on the NAS
---@return userdata dialer
function Session:socket_dialer(path) return self.raw:socket_dialer(path) end

---@param command string
---@param expect? string what its output must begin with
---@return userdata dialer
function Session:exec_dialer(command, expect) return self.raw:exec_dialer(command, expect) end

---The way to the engine of a profile that worked last time, or the best one.
---@param p profile.Profile
---@return userdata dialer
---@return string rung
function Session:dialer(p) return require("ssh.ladder").first(self, p) end

---Another way, after `rung` failed with `err`. Raises when there is none.
---@async
---@param p profile.Profile
---@param rung string
---@param err table
---@return userdata dialer
---@return string rung
function Session:other_dialer(p, rung, err) return require("ssh.ladder").search(self, p, rung, err) end

function Session:close() self.raw:close() end
Session.__close = Session.close

local function wrap(raw, transport, settings) return setmetatable({ raw = raw, transport = transport, settings = settings }, Session) end

-- What only ssh can do; the user is told once per command why it is used.
local NEEDS_OPENSSH = { rsa_needs_openssh = true, fido_needs_openssh = true, no_common_algorithm = true }

local function through_openssh(p, settings, options, why)
  local openssh = require "ssh.openssh"
  if why and p.transport == "auto" then require("notices").note(("%s: using ssh itself (%s)"):format(p.name, why)) end
  if not openssh.available() then
    Error {
      category = "unsupported", code = "no_openssh",
      message = ("%s can only be reached with ssh itself, and there is none here"):format(p.name),
      why = why, hint = "install the OpenSSH client",
    }
  end
  return wrap(openssh.connect(settings, options), "openssh", settings)
end

-- ssh itself, because of `err`. It never asks; so where it is refused (an RSA key that the NAS does not know) or is not there, the
-- other keys and the questions of libssh2 are the last way.
local function instead(p, settings, options, err)
  local session, refused = try(through_openssh, p, settings, options, err.why or err.message)
  if session then return session end
  if err.code ~= "no_common_algorithm" and (refused.code == "auth_key_rejected" or refused.code == "no_openssh") then
    local raw, last = try(require("ssh.login").login, settings, setmetatable({ libssh2_only = true }, { __index = options }))
    if raw then return wrap(raw, "libssh2", settings) end
    if last.code ~= "auth_no_method" then refused = last end
  end
  refused.profile = p.name
  error(refused, 0)
end

-- Through the connection holder, where there is one.
local function log_in(settings, options)
  local held = not options.alone and require("ssh.holder").login(settings, options)
  local session = wrap(held or require("ssh.login").login(settings, options), "libssh2", settings)
  session.held = held and true or false
  return session
end

---Logs in.
---@async
---@param p profile.Profile
---@param options? ssh.LoginOptions
---@return ssh.Session
---@raise auth
---@raise connect
---@raise timeout
function M.connect(p, options)
  options = options or {}
  local settings = require("ssh.settings").of(p)
  if p.transport == "openssh" or (p.transport == "auto" and settings.needs_openssh) then
    return through_openssh(p, settings, options, not p.jump and settings.needs_openssh or nil) -- who wrote a jump knows it
  end
  local raw, err = try(log_in, settings, options)
  if raw then return raw end
  if p.transport == "auto" and NEEDS_OPENSSH[err.code] then return instead(p, settings, options, err) end
  err.profile = p.name
  error(err, 0)
end

---One word for a POSIX shell.
---@param word string
---@return string
function M.quote(word) return require("core.ssh").quote(word) end

---Host keys that are known for a profile's NAS.
---@param p profile.Profile
---@return core.KnownKey[]
function M.known_keys(p)
  local s = require("ssh.settings").of(p)
  return (require("core.known_hosts").lookup(s.known_hosts, s.known_name, s.known_port))
end

return M
