-- core.ssh over a real sshd of its own: commands, streams, files, ends.
local core = require "core.ssh"
local fs = require "fs"
local proc = require "proc"
local sys = require "sys"
local task = require "task"

local SSHD = "/usr/sbin/sshd"

local function write(path, ...)
  fs.write(path, table.concat({ ... }, "\n") .. "\n", { mode = tonumber("600", 8) })
end

-- A private sshd. Returns where it listens, and the process.
local function start_sshd(dir)
  for _, name in ipairs { "host", "user" } do
    proc.check { argv = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", dir .. "/" .. name } }
  end
  if sys.user() == 0 then fs.mkdir("/run/sshd", { parents = true }) end
  write(
    dir .. "/config", "ListenAddress 127.0.0.1", "HostKey " .. dir .. "/host", "AuthorizedKeysFile " .. dir .. "/user.pub", "PidFile none",
    "StrictModes no", "PermitRootLogin yes", "PasswordAuthentication no", "UsePAM no", "Subsystem sftp internal-sftp"
  )
  for _ = 1, 5 do
    local port = math.random(20000, 60000)
    local sshd = proc.spawn { argv = { SSHD, "-D", "-e", "-f", dir .. "/config", "-p", tostring(port) } }
    local said = ""
    while not said:find "Server listening" do
      local bytes = sshd:read(4096, "stderr")
      if not bytes then break end
      said = said .. bytes
    end
    if said:find "Server listening" then return port, sshd end
    sshd:close()
  end
  error "sshd does not start"
end

local function login(dir, port)
  local _, name = sys.user()
  write(dir .. "/known_hosts", ("[127.0.0.1]:%d %s"):format(port, fs.read(dir .. "/host.pub")))
  local going <close> = require("core.sshlogin").start {
    host = "127.0.0.1", alias = "127.0.0.1", port = port, user = name, identity_files = { dir .. "/user" }, no_agent = true,
    known_hosts = { dir .. "/known_hosts" }, no_prompt = true,
  }
  local kind, session = going:wait()
  assert(kind == "session")
  return session
end

-- fn(session, dir)
local function with_session(fn)
  local temp <close> = fs.temp_dir()
  local dir = temp.path
  local port, sshd = start_sshd(dir)
  local _ <close> = sshd
  local session <close> = login(dir, port)
  return fn(session, dir)
end

if not fs.exists(SSHD) then
  pending "core.ssh needs sshd"
  return
end

describe("an ssh session", function()
  it("runs commands", function()
    with_session(function(session)
      h.eq(session:info().auth, "publickey")
      local r = session:run("cat; echo oops >&2; exit 3", { stdin = "in put" })
      h.eq(r, { status = 3, stdout = "in put", stderr = "oops\n" })
      h.eq(session:run("kill -9 $$").signal, "KILL")
      h.eq(session:run("printf %s " .. core.quote("a 'b' $HOME\n")).stdout, "a 'b' $HOME\n")
      h.raises({ code = "too_large" }, session.run, session, "head -c 100000 /dev/zero", { max_output = 1000 })
      h.raises({ category = "timeout" }, session.run, session, "sleep 5", { timeout = 0.2 })
      h.eq(session:run("echo still there").stdout, "still there\n")
    end)
  end)

  it("talks to a command while it runs", function()
    with_session(function(session)
      local c <close> = session:exec "read line; echo got $line; echo err >&2; cat >/dev/null; exit 7"
      c:write "one\n"
      local seen = {}
      while not (seen.stdout and seen.stderr) do
        local kind, bytes = c:read()
        seen[kind] = bytes
      end
      h.eq(seen, { stdout = "got one\n", stderr = "err\n" })
      for _ = 1, 50 do c:write(("x"):rep(100000)) end
      c:shutdown()
      h.eq(c:read(), nil)
      h.eq({ c:wait() }, { 7 })
      h.raises({ code = "reader_gone" }, c.write, c, "more")
    end)
  end)

  it("runs commands beside each other, and lets go of one", function()
    with_session(function(session)
      local out = task.map({ 1, 2, 3, 4, 5, 6 }, function(i) return session:run("sleep 0.1; echo " .. i).stdout end)
      h.eq(out, { "1\n", "2\n", "3\n", "4\n", "5\n", "6\n" })
      local c = session:exec "sleep 5"
      local reader = task.spawn(function() return try(c.read, c) end)
      task.sleep(0.05)
      c:close()
      h.eq(pcall(reader.wait, reader), false)
      h.eq(session:run("echo on").stdout, "on\n")
    end)
  end)

  it("reads and writes files", function()
    with_session(function(session, dir)
      local path = dir .. "/a file"
      session:write_file(path, "content", tonumber("640", 8))
      h.eq(session:read_file(path), "content")
      local st = session:stat(path)
      h.eq({ st.type, st.size, st.mode }, { "file", 7, tonumber("640", 8) })
      session:mkdir(dir .. "/sub")
      session:rename(path, dir .. "/sub/b")
      h.eq(session:list(dir .. "/sub")[1].name, "b")
      session:remove(dir .. "/sub/b")
      session:rmdir(dir .. "/sub")
      h.raises({ category = "not_found", code = "no_such_file" }, session.read_file, session, path)
      h.raises({ code = "file_too_large" }, session.read_file, session, dir .. "/host", 10)
    end)
  end)

  it("ends what uses it when it is closed", function()
    with_session(function(session)
      local c <close> = session:exec "sleep 5"
      local running = task.spawn(function() return select(2, try(session.run, session, "sleep 5")) end)
      task.sleep(0.1)
      session:close()
      h.eq(running:wait().code, "connection_closed")
      h.raises({ code = "connection_closed" }, c.read, c)
      h.eq(pcall(session.run, session, "true"), false)
      session:close()
    end)
  end)

  it("says that the connection was lost", function()
    with_session(function(session)
      local r = select(2, try(session.run, session, "kill -9 $PPID; sleep 5"))
      h.eq({ r.category, r.code }, { "connect", "connection_lost" })
    end)
  end)
end)

describe("core.ssh", function()
  it("quotes words", function()
    h.eq(core.quote("plain", "two words", ""), "plain 'two words' ''")
    h.eq(pcall(core.quote, "a\0b"), false)
  end)

  it("makes dialers, and refuses nonsense", function()
    core.unix_dialer "/run/docker.sock"
    core.tcp_dialer("localhost", 22, 5)
    core.process_dialer { argv = { "cat" }, env = { "A=1" }, what = "a cat" }
    h.eq(pcall(core.unix_dialer, "relative"), false)
    h.eq(pcall(core.tcp_dialer, "localhost", 99999), false)
    h.eq(pcall(core.process_dialer, { argv = {} }), false)
  end)
end)
