-- login.lua DIR: core.sshlogin against the sshds of ssh_login_test.sh; its own TAP lines on stdout.
local dir = ...
local sshlogin = require "core.sshlogin"

local function start(options)
  options.host, options.user = "127.0.0.1", "root"
  options.port = options.port or 2201
  options.no_agent = true
  return sshlogin.start(options)
end

local function check(name, fn)
  local ok, err = pcall(fn)
  print(ok and "lua ok - " .. name or "lua not ok - " .. name .. ": " .. tostring(err))
end

check("key", function()
  local login <close> = start { known_hosts = { dir .. "/known" }, identity_files = { dir .. "/id_ed25519" } }
  local what, session = login:wait()
  assert(what == "session", what)
  assert(session:info().auth == "publickey")
  assert(session:run("echo hello").stdout == "hello\n")
  session:close()
  assert(not pcall(login.wait, login))
end)

check("questions", function()
  local login <close> = start { known_hosts = { dir .. "/lua_known" } }
  local what, q = login:wait()
  assert(what == "question" and q.kind == "host_key" and q.key_type == "ssh-ed25519" and q.fingerprint:find "^SHA256:")
  login:answer "yes"
  what, q = login:wait()
  assert(what == "question" and q.kind == "password" and q.attempt == 1 and q.echo == false)
  assert(not pcall(login.wait, login), "waits for the answer first")
  login:answer "wrong"
  what, q = login:wait()
  assert(what == "question" and q.attempt == 2)
  login:answer "testpw"
  what, q = login:wait()
  assert(what == "session", what)
  assert(q:info().auth == "password")
  q:close()
end)

check("declined", function()
  local login <close> = start { known_hosts = { dir .. "/known" } }
  login:wait()
  login:answer(nil)
  local _, err = try(login.wait, login)
  assert(err.category == "aborted" and err.code == "declined", err.code)
end)

check("scan", function()
  local login <close> = start { scan = true }
  local what, key = login:wait()
  assert(what == "host_key" and key.type == "ssh-ed25519" and key.fingerprint:find "^SHA256:" and key.blob:find "^AAAA")
end)

check("closed while it asks", function()
  local login <close> = start {}
  local what = login:wait()
  assert(what == "question")
end)
