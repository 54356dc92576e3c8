-- The user's own ssh as the transport: for what libssh2 cannot do (RSA keys on libssh2 1.10 against OpenSSH 8.8 and later,
-- jump hosts, hardware keys, GSSAPI). One ssh process a stream; a control socket of ours makes all but the first cheap.
-- Dependencies: core.ssh, proc, profile.
local M = {}

---@class ssh.OpenSsh
---@field settings ssh.Settings
---@field transport "openssh"
local Session = {}
Session.__index = Session

local function quoted(path) return '"' .. path .. '"' end

local function known_hosts(settings)
  local out = {}
  for i, file in ipairs(settings.known_hosts) do out[i] = quoted(file) end
  return table.concat(out, " ")
end

-- What the host's key is checked by. A pinned fingerprint stands alone: a command that ssh asks for keys (KnownHostsCommand, OpenSSH
-- 8.5) knows the shown one exactly when it is that.
local function host_key_options(settings)
  local pin = settings.pinned_key
  if not pin then return { "StrictHostKeyChecking=yes", "UserKnownHostsFile=" .. known_hosts(settings) } end
  pin = pin:gsub("^SHA256:", ""):gsub("=*$", "")
  if not pin:find "^[%w+/]+$" then -- it becomes a word of a command
    Error { category = "config", code = "bad_fingerprint", message = ("'%s' is no fingerprint of a host key"):format(settings.pinned_key) }
  end
  local out = {
    "StrictHostKeyChecking=yes", "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null", "VerifyHostKeyDNS=no",
    ([[KnownHostsCommand=/bin/sh -c 'test "$1" = "$2" && echo "$3 $4 $5"; :' sh SHA256:%s %%f %%H %%t %%K]]):format(pin),
  }
  if settings.host_key_types then out[#out + 1] = "HostKeyAlgorithms=" .. settings.host_key_types end
  return out
end

-- A connection that is kept serves only those who mean the same account and would have trusted the same key: FNV-1a over all of
-- that (shorter than ssh's %C: a socket's path has room for 107 bytes).
local function control_path(run, settings, checks, way)
  local hash = 0xcbf29ce484222325
  local all = table.concat({ settings.alias, settings.port, settings.user, way or "", table.unpack(checks) }, "\0")
  for i = 1, #all do hash = (hash ~ all:byte(i)) * 0x100000001b3 end
  return ("ControlPath=%s/cm-%016x"):format(run:gsub("%%", "%%%%"), hash)
end

local function keepalive()
  local seconds = math.tointeger(tonumber(os.getenv "QNAP_DOCKER_KEEPALIVE"))
  return "ServerAliveInterval=" .. (seconds and seconds > 0 and seconds <= 3600 and seconds or 15)
end

-- How ssh reaches the host through another one: by a second ssh, with all that is said of that one (-J would take it from
-- ~/.ssh/config alone). ssh replaces %h and %p and gives the line to a shell.
local function proxy_command(settings)
  local words = {}
  for i, word in ipairs(M.argv(settings.jump)) do words[i] = require("ssh").quote(word):gsub("%%", "%%%%") end
  table.insert(words, 2, "-W '[%h]:%p'")
  return table.concat(words, " ")
end

local function options_of(settings)
  local run = require("profile").paths().run
  require("fs").mkdir(run, { parents = true })
  local o = host_key_options(settings)
  local way = settings.jump and proxy_command(settings)
  local shared = { control_path(run, settings, o, way), "ControlMaster=auto", "ControlPersist=60" }
  if settings.alone then shared = { "ControlPath=none", "ControlMaster=no", "Compression=no" } end
  table.move(shared, 1, #shared, #o + 1, o)
  for _, option in ipairs {
    "BatchMode=yes", keepalive(), "ServerAliveCountMax=3", "ForwardAgent=no",
    ("ConnectTimeout=%d"):format(math.ceil(settings.connect_timeout)),
  } do
    o[#o + 1] = option
  end
  if way then o[#o + 1] = "ProxyCommand=" .. way end
  if settings.ciphers then o[#o + 1] = "Ciphers=" .. settings.ciphers end
  if settings.no_agent then o[#o + 1] = "IdentityAgent=none" end
  if settings.agent_socket then o[#o + 1] = "IdentityAgent=" .. quoted(settings.agent_socket) end
  local argv = { "ssh", "-T" }
  for _, option in ipairs(o) do
    argv[#argv + 1] = "-o"
    argv[#argv + 1] = option
  end
  return argv
end

---The words that call ssh. The host stands behind "--" and never begins with a dash: no profile value becomes an option of ssh.
---@param settings ssh.Settings
---@param command? string finished POSIX sh command line
---@return string[]
function M.argv(settings, command)
  if settings.alias:sub(1, 1) == "-" or settings.user:sub(1, 1) == "-" then
    Error { category = "config", code = "bad_host", message = ("'%s' is no host to connect to"):format(settings.alias) }
  end
  local argv = options_of(settings)
  for _, words in ipairs {
    { "-p", tostring(settings.port) }, { "-l", settings.user }, settings.key_given and { "-i", settings.identity_files[1] } or {},
    { "--", settings.alias, command },
  } do
    table.move(words, 1, #words, #argv + 1, argv)
  end
  return argv
end

---The ciphers that ssh would offer, by all that is said of that host.
---@async
---@param settings ssh.Settings
---@return string[]? nil: there is no ssh to call, or none that tells
function M.ciphers(settings)
  local argv = M.argv(settings)
  table.insert(argv, 2, "-G")
  local result = try(function() return require("proc").run { argv = argv, timeout = 10 } end)
  local line = result and result.code == 0 and ("\n" .. result.stdout):match "\nciphers ([^\n]+)"
  if not line then return nil end
  local out = {}
  for name in line:gmatch "[^,]+" do out[#out + 1] = name end
  return out
end

---Whether there is an ssh to call.
---@async
---@return boolean
function M.available()
  local result = try(function() return require("proc").run { argv = { "ssh", "-V" }, timeout = 10 } end)
  return result ~= nil and result.code == 0
end

local function what(settings) return "ssh to " .. settings.alias end

-- ssh's own words, sorted into our categories.
local function failure(settings, text)
  local category, code, hint = "connect", "unreachable", nil
  if text:find "[Pp]ermission denied" then
    category, code, hint = "auth", "auth_key_rejected", ("try it by hand: ssh -l %s %s"):format(settings.user, settings.alias)
  elseif text:find "REMOTE HOST IDENTIFICATION HAS CHANGED" then
    category, code, hint = "auth", "host_key_changed", ("if you know why: qnap-docker profile trust %s --replace"):format(settings.profile)
  elseif text:find "[Hh]ost key verification failed" or text:find "No .* host key is known" then
    category, code, hint = "auth", "host_key_unknown", "qnap-docker profile trust " .. settings.profile
  elseif text:find "timed out" then
    category, code = "timeout", "timeout"
  end
  if not settings.known_profile and code:find "^host_key" then
    hint = ("see to it by hand, with ssh: ssh -l %s -p %d %s"):format(settings.user, settings.port, settings.alias)
  end
  local last = text:match "([^\r\n]+)[\r\n]*$" or "ssh ended without a word"
  if settings.pinned_key and code == "host_key_unknown" then
    code, hint = "host_key_changed", ("when you know why: qnap-docker profile trust %s --replace"):format(settings.profile)
    last = "it does not show the key that the profile pins: a firmware reset, another device at this address, or an attack"
  end
  Error { category = category, code = code, message = ("cannot log in to %s with ssh"):format(settings.alias), why = last, hint = hint }
end

-- A fingerprint does not tell the type of its key, and ssh accepts one type in a connection: all are tried.
local TYPES = { false, "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521", "rsa-sha2-512,rsa-sha2-256" }

local log_in

-- What a failure over a jump was about, when it was the host on the way; that one's types of key are settled by this, too.
local function blame_way(settings, timeout)
  if not settings.jump then return end
  local result = log_in(settings.jump, timeout)
  local text = result.stderr
  for _, words in ipairs { "ermission denied", "ost key", "IDENTIFICATION", "ssh: ", "timed out" } do
    if result.code ~= 0 and text:find(words) then failure(settings.jump, text) end
  end
end

function log_in(settings, timeout)
  local result
  if settings.jump and settings.jump.pinned_key then blame_way(settings, timeout) end
  for _, types in ipairs(settings.pinned_key and TYPES or { false }) do
    settings.host_key_types = types or nil
    result = require("proc").run { argv = M.argv(settings, "true"), timeout = timeout, max_output = 1 << 20 }
    if result.code == 0 or not result.stderr:find "ost key" then break end
  end
  return result
end

---Logs in once, so that what is wrong is known now; the control socket keeps the connection (not with settings.alone: every command
---has a connection of its own then).
---@async
---@param settings ssh.Settings
---@param options ssh.LoginOptions
---@return ssh.OpenSsh
function M.connect(settings, options)
  local self = setmetatable({ settings = settings, transport = "openssh" }, Session)
  local result = log_in(settings, options.timeout or 60)
  if result.code ~= 0 then
    blame_way(settings, options.timeout or 60)
    failure(settings, result.stderr)
  end
  return self
end

local ADRIFT = { -- nobody is logged in, nothing is trusted, no connection is shared
  "BatchMode=yes", "ControlMaster=no", "ControlPath=none", "StrictHostKeyChecking=accept-new", "GlobalKnownHostsFile=/dev/null",
  "HashKnownHosts=no", "UpdateHostKeys=no", "PreferredAuthentications=none",
}

---The host key that a host shows now, where it can only be reached with ssh itself.
---@async
---@param settings ssh.Settings
---@param timeout? number
---@return {type: string, blob: string}
---@raise connect
---@raise auth
function M.host_key(settings, timeout)
  local fs = require "fs"
  local dir <close> = fs.temp_dir()
  local file = fs.join(dir.path, "shown")
  local argv = { "ssh", "-T", "-p", tostring(settings.port), "-l", settings.user }
  for _, option in ipairs(ADRIFT) do table.move({ "-o", option }, 1, 2, #argv + 1, argv) end
  table.move({ "-o", "UserKnownHostsFile=" .. quoted(file), "-o", ("ConnectTimeout=%d"):format(math.ceil(settings.connect_timeout)) },
    1, 4, #argv + 1, argv)
  if settings.jump then table.move({ "-o", "ProxyCommand=" .. proxy_command(settings) }, 1, 2, #argv + 1, argv) end
  table.move({ "--", settings.alias, "true" }, 1, 3, #argv + 1, argv)
  local result = require("proc").run { argv = argv, timeout = timeout or 60, max_output = 1 << 20 }
  local kind, blob = (try(fs.read, file, 65536) or ""):match "^%S+%s+(%S+)%s+(%S+)"
  if kind then return { type = kind, blob = blob } end
  blame_way(settings, timeout or 60)
  failure(settings, result.stderr)
end

---@async
---@param command string finished POSIX sh command line
---@param options? {stdin?: string, timeout?: number, max_output?: integer}
---@return {status: integer, signal?: string, stdout: string, stderr: string}
function Session:run(command, options)
  options = options or {}
  local r = require("proc").run {
    argv = M.argv(self.settings, command), stdin = options.stdin, timeout = options.timeout or 60, max_output = options.max_output,
  }
  return { status = r.code, signal = r.signal, stdout = r.stdout, stderr = r.stderr }
end

---Starts a command that is talked to while it runs.
---@param command string finished POSIX sh command line
---@return core.proc.Process
function Session:spawn(command)
  local stdio = { stdin = "pipe", stdout = "pipe", stderr = "pipe" }
  return require("proc").spawn { argv = M.argv(self.settings, command), stdio = stdio }
end

---@param command string
---@return userdata dialer
function Session:exec_dialer(command)
  return require("core.ssh").process_dialer { argv = M.argv(self.settings, command), what = what(self.settings) }
end

function Session:info() return { transport = "openssh", user = self.settings.user, auth = "ssh" } end -- luacheck: ignore self

function Session:close() end -- the control socket goes by itself after a minute

return M
