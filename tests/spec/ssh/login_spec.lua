local sshlogin = require "core.sshlogin"
local task = require "task"

-- A login that nobody will answer: port 1 of this machine.
local function start(fields)
  local options = { host = "127.0.0.1", port = 1, user = "me", no_agent = true }
  for k, v in pairs(fields or {}) do
    options[k] = v
  end
  return sshlogin.start(options)
end

describe("core.sshlogin", function()
  it("raises why a login failed", function()
    local login <close> = start { profile = "prod" }
    local _, err = try(login.wait, login)
    h.eq({ err.category, err.code }, { "connect", "refused" })
    _, err = try(login.wait, login)
    h.eq(err.code, "refused", "told again")
  end)

  it("checks its options", function()
    for field, bad in pairs { host = "", port = 99999, user = "", identity_files = "x", known_hosts = { 1 }, connect_timeout = -1 } do
      local ok, err = pcall(start, { [field] = bad })
      h.eq(ok, false, field)
      h.contains(tostring(err), field == "connect_timeout" and "second" or field)
    end
  end)

  it("is closed whatever it does", function()
    local login = start()
    login:close()
    login:close()
    local ok, err = pcall(login.wait, login)
    h.eq({ ok, err.code }, { false, "cancelled" })
    ok, err = pcall(login.answer, login, "x")
    h.eq(ok, false)
    h.contains(tostring(err), "no question was asked")
    start() -- left to the collector
    collectgarbage()
  end)

  it("stops with its task", function()
    local login <close> = start { host = "no-such-host.invalid" }
    local _, err = try(task.deadline, 0.001, function()
      login:wait()
      task.sleep(1)
    end)
    h.ok(err.code == "timeout" or err.code == "resolve_failed", err.code)
  end)

  it("names a key file that is missing", function()
    local login <close> = start { identity_files = { "/nonexistent/id" }, known_hosts = { "/" } }
    local _, err = try(login.wait, login)
    h.eq({ err.category, err.code }, { "config", "known_hosts_unreadable" })
  end)
end)
