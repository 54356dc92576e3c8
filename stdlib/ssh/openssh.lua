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

local function options_of(settings)
  local run = require("profile").paths().run
  require("fs").mkdir(run, { parents = true })
  local control = run .. "/cm-%C"
  local o = {
    "BatchMode=yes", "ControlMaster=auto", "ControlPath=" .. control, "ControlPersist=60", "ServerAliveInterval=15",
    "ServerAliveCountMax=3", "StrictHostKeyChecking=yes", "ForwardAgent=no", "UserKnownHostsFile=" .. known_hosts(settings),
    ("ConnectTimeout=%d"):format(math.ceil(settings.connect_timeout)),
  }
  local argv = { "ssh", "-T" }
  for _, option in ipairs(o) do
    argv[#argv + 1] = "-o"
    argv[#argv + 1] = option
  end
  return argv
end

-- The host stands behind "--" and never begins with a dash: no profile value becomes an option of ssh.
local function argv_of(settings, command)
  if settings.alias:sub(1, 1) == "-" or settings.user:sub(1, 1) == "-" then
    Error { category = "config", code = "bad_host", message = ("'%s' is no host to connect to"):format(settings.alias) }
  end
  local argv = options_of(settings)
  for _, words in ipairs {
    { "-p", tostring(settings.port) }, { "-l", settings.user }, settings.jump and { "-J", settings.jump } or {},
    settings.key_given and { "-i", settings.identity_files[1] } or {}, { "--", settings.alias, command },
  } do
    table.move(words, 1, #words, #argv + 1, argv)
  end
  return argv
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
  local last = text:match "([^\r\n]+)[\r\n]*$" or "ssh ended without a word"
  Error { category = category, code = code, message = ("cannot log in to %s with ssh"):format(settings.alias), why = last, hint = hint }
end

---Logs in once, so that what is wrong is known now; the control socket keeps the connection.
---@async
---@param settings ssh.Settings
---@param options ssh.LoginOptions
---@return ssh.OpenSsh
function M.connect(settings, options)
  local self = setmetatable({ settings = settings, transport = "openssh" }, Session)
  local result = require("proc").run {
    argv = argv_of(settings, "true"), timeout = options.timeout or 60, max_output = 1 << 20,
  }
  if result.code ~= 0 then failure(settings, result.stderr) end
  return self
end

---@async
---@param command string finished POSIX sh command line
---@param options? {stdin?: string, timeout?: number, max_output?: integer}
---@return {status: integer, signal?: string, stdout: string, stderr: string}
function Session:run(command, options)
  options = options or {}
  local r = require("proc").run {
    argv = argv_of(self.settings, command), stdin = options.stdin, timeout = options.timeout or 60, max_output = options.max_output,
  }
  return { status = r.code, signal = r.signal, stdout = r.stdout, stderr = r.stderr }
end

---@param command string
---@return userdata dialer
function Session:exec_dialer(command)
  return require("core.ssh").process_dialer { argv = argv_of(self.settings, command), what = what(self.settings) }
end

function Session:info() return { transport = "openssh", user = self.settings.user, auth = "ssh" } end -- luacheck: ignore self

function Session:close() end -- the control socket goes by itself after a minute

return M
