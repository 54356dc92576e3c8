local proc = require "proc"
local sys = require "sys"
local task = require "task"

describe("proc.run", function()
  it("feeds stdin and collects stdout, stderr and the status", function()
    local r = proc.run { argv = { "sh", "-c", "cat; echo oops >&2; exit 3" }, stdin = "in put" }
    h.eq(r.code, 3)
    h.eq(r.signal, nil)
    h.eq(r.stdout, "in put")
    h.eq(r.stderr, "oops\n")
  end)

  it("hands arguments over as they are", function()
    local r = proc.run { argv = { "printf", "%s|", "a b", "$HOME", "*", "'\"", "" } }
    h.eq(r.stdout, "a b|$HOME|*|'\"||")
  end)

  it("changes the environment and the folder", function()
    local r = proc.run { argv = { "sh", "-c", 'echo "$A-${HOME-none}-$PWD"' }, env = { A = "1", HOME = false }, cwd = "/" }
    h.eq(r.stdout, "1-none-/\n")
  end)

  it("tells of a signal", function()
    local r = proc.run { argv = { "sh", "-c", "kill -9 $$" } }
    h.eq(r.signal, 9)
    h.eq(r.code, 137)
  end)

  it("has nothing on stdin unless it is given", function()
    h.eq(proc.run({ argv = { "cat" } }).stdout, "")
    h.eq(proc.run({ argv = { "cat" }, stdin = "" }).stdout, "")
  end)

  it("passes more than pipes hold, both ways", function()
    local big = ("0123456789abcdef"):rep(1 << 17)
    h.eq(proc.run({ argv = { "cat" }, stdin = big }).stdout == big, true)
  end)

  it("does not mind a program that reads nothing", function()
    h.eq(proc.run({ argv = { "true" }, stdin = ("x"):rep(1 << 20) }).code, 0)
  end)

  it("raises for a program that is not there", function()
    local _, err = try(proc.run, { argv = { "no-such-program-here" } })
    h.eq(err.code, "no_program")
    h.eq(err.category, "not_found")
  end)

  it("ends what takes too long or writes too much", function()
    local _, err = try(proc.run, { argv = { "sleep", "60" }, timeout = 0.05 })
    h.eq(err.category, "timeout")
    _, err = try(proc.run, { argv = { "sh", "-c", "yes" }, max_output = 1000 })
    h.eq(err.code, "too_large")
  end)

  it("is cancelled with its task", function()
    local seen
    local t = task.spawn(function()
      local ok, err = pcall(proc.run, { argv = { "sleep", "60" } })
      seen = not ok and err.category
      error(err, 0)
    end)
    task.sleep(0.02)
    t:cancel()
    pcall(t.wait, t)
    h.eq(seen, "cancelled")
  end)

  it("refuses wrong options", function()
    h.eq(pcall(proc.run, {}), false)
    h.eq(pcall(proc.run, { argv = {} }), false)
    h.eq(pcall(proc.run, { argv = { "true", 1 } }), false)
    h.eq(pcall(proc.run, { argv = { "true\0x" } }), false)
    h.eq(pcall(proc.run, { argv = { "true" }, env = { ["A=B"] = "x" } }), false)
    h.eq(pcall(proc.run, { argv = { "true" }, stdio = { stdin = "pip" } }), false)
  end)
end)

describe("proc.check", function()
  it("returns stdout, or raises with the last line of stderr", function()
    h.eq(proc.check { argv = { "echo", "x" } }, "x\n")
    local _, err = try(proc.check, { argv = { "sh", "-c", "echo a >&2; echo b >&2; exit 2" } })
    h.eq(err.message, "sh ended with status 2")
    h.eq(err.why, "b")
  end)
end)

describe("proc.spawn", function()
  it("talks to a running program", function()
    local p <close> = proc.spawn { argv = { "cat" } }
    h.eq(math.type(p:pid()), "integer")
    p:write "abc"
    h.eq(p:read(), "abc")
    p:write "defg"
    h.eq(p:read(2), "de")
    h.eq(p:read(), "fg")
    p:close_stdin()
    h.eq(p:read(), nil)
    h.eq(p:wait().code, 0)
    h.eq(p:pid(), nil)
    h.eq(p:kill(), false)
  end)

  it("keeps what was written until it is read, after the end, too", function()
    local p <close> = proc.spawn { argv = { "sh", "-c", "echo out; echo err >&2" } }
    h.eq(p:wait().code, 0)
    h.eq(p:read(), "out\n")
    h.eq(p:read(nil, "stderr"), "err\n")
    h.eq(p:read(), nil)
    h.eq(p:wait().code, 0)
  end)

  it("reads no further ahead than its queue", function()
    local p <close> = proc.spawn { argv = { "sh", "-c", "head -c 4000000 /dev/zero" } }
    local n = #p:read(1)
    for part in function() return p:read() end do
      n = n + #part
    end
    h.eq(n, 4000000)
  end)

  it("sends signals", function()
    local p <close> = proc.spawn { argv = { "sleep", "60" } }
    h.eq(p:kill "INT", true)
    h.eq(p:wait(5).signal, 2)
  end)

  it("tells who waits on it that it was closed", function()
    local p = proc.spawn { argv = { "sleep", "60" } }
    local t = task.spawn(function()
      local _, err = pcall(p.read, p)
      return err.code
    end)
    task.sleep(0.01)
    p:close()
    h.eq(t:wait(), "closed")
    h.eq(pcall(p.read, p), false)
    p:close()
  end)

  it("says that nobody reads any more", function()
    local p <close> = proc.spawn { argv = { "true" } }
    p:wait()
    local _, err = try(p.write, p, "x")
    h.eq(err.code, "reader_gone")
  end)
end)

describe("sys", function()
  it("knows the process, its user and the clock", function()
    h.eq(sys.env "PATH" ~= nil, true)
    h.eq(sys.env "QD_NOT_SET_ANYWHERE", nil)
    h.eq(sys.environ().PATH, sys.env "PATH")
    h.eq(tostring(sys.pid()), proc.check({ argv = { "sh", "-c", "echo $PPID" } }):match "%d+")
    h.eq(sys.cwd(), proc.check({ argv = { "pwd", "-P" } }):match "[^\n]+")
    h.eq(tostring((sys.user())), proc.check({ argv = { "id", "-u" } }):match "%d+")
    local before = sys.now()
    h.eq(sys.now() >= before, true)
    local s, ns = sys.time()
    h.eq(math.abs(s - os.time()) <= 1 and ns >= 0 and ns < 1000000000, true)
    h.eq(sys.platform().os, proc.check({ argv = { "uname" } }):lower():match "%w+")
    local mask = sys.umask()
    h.eq(sys.umask(mask), mask)
  end)
end)
