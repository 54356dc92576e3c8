-- The kernel's files of all containers, as the script on the NAS prints them, become samples as the engine sends them.
local cgroup = require "stats.cgroup"
local compute = require "stats.compute"

local A, B = ("a"):rep(64), ("b"):rep(64)

local function file(path, text) return "==> " .. path .. " <==\n" .. text .. "\n" end

local function clock(ns, ticks, cpus)
  local out = { "t " .. ns, ("cpu  %d 0 0 100 0 0 0 999 5 6"):format(ticks - 100) }
  for i = 1, cpus do out[#out + 1] = ("cpu%d 1 2 3 4 5 6 7 8"):format(i - 1) end
  out[#out + 1] = "MemTotal:       1000 kB"
  return table.concat(out, "\n") .. "\n"
end

local NET = [[
Inter-|   Receive                            |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets
    lo: 500 5 0 0 0 0 0 0 500 5 0 0 0 0 0 0
  eth0: 70 1 0 0 0 0 0 0 80 1 0 0 0 0 0 0
  eth1:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
   wg0: 9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0
]]

local function v1(options)
  local dir = options.dir or "docker/" .. A
  return table.concat {
    "c ", dir, " 12\n", clock(options.from or "1000000000000000000", 1000, 2), "u ", dir, " 5000000000 \n",
    clock(options.to or "1000000000100000000", 1020, 2), file(dir .. "/cpuacct.usage", "5100000000"),
    file("/proc/12/net/dev", NET), file("../memory/" .. dir .. "/memory.usage_in_bytes", "4096"),
    file("../memory/" .. dir .. "/memory.limit_in_bytes", options.limit or "9223372036854771712"),
    file("../memory/" .. dir .. "/memory.stat", "cache 1\ntotal_inactive_file 96"),
    file("../blkio/" .. dir .. "/blkio.throttle.io_service_bytes", "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\n8:16 Read 1\nTotal 31"),
    file("../pids/" .. dir .. "/pids.current", "3"), options.last or "==> end <==\n",
  }
end

local function entry(text, id)
  local s = cgroup.parse(text)[id]
  return s and compute.entry("x", s)
end

describe("stats.cgroup", function()
  it("reads cgroup v1", function()
    local e = entry(v1 {}, A)
    h.eq(e.cpu, 100.0)
    h.eq(e.memory, 4000)
    h.eq(e.limit, 1000 * 1024)
    h.eq(e.rx .. " " .. e.tx, "77 88")
    h.eq(e.read .. " " .. e.written, "11 20")
    h.eq(e.pids, 3)
    h.eq(e.id, A)
    h.eq(entry(v1 { limit = "8192" }, A).limit, 8192)
    h.eq(entry(v1 { dir = "system.slice/docker-" .. A .. ".scope" }, A).pids, 3)
  end)

  it("reads cgroup v2", function()
    local dir = "system.slice/docker-" .. B .. ".scope"
    local e = entry(table.concat {
      "c ", dir, " 7\n", clock("1%N", 1000, 1), "u ", dir, " usage_usec 1000\n", clock("1%N", 1100, 1),
      file(dir .. "/cpu.stat", "usage_usec 501000\nuser_usec 1"), file("/proc/7/net/dev", NET), file(dir .. "/memory.current", "5000"),
      file(dir .. "/memory.max", "max"), file(dir .. "/memory.stat", "anon 1\ninactive_file 1000"),
      file(dir .. "/io.stat", "8:0 rbytes=5 wbytes=6 rios=1 wios=1 dbytes=9 dios=0\n8:1 rbytes=1 wbytes=1"),
      file(dir .. "/pids.current", "2"),
      "==> end <==\n",
    }, B)
    h.eq(e.cpu, 50.0) -- no clock: by the hundredths of /proc/stat
    h.eq(e.memory, 4000)
    h.eq(e.limit, 1000 * 1024)
    h.eq(e.read .. " " .. e.written, "6 7")
    h.eq(e.pids, 2)
  end)

  it("does not believe a clock that was set", function()
    h.eq(entry(v1 { to = "1000000900000000000" }, A).cpu, 100.0)
    h.eq(entry(v1 { to = "999000000000000000" }, A).cpu, 100.0)
    h.eq(entry(v1 { to = "1000000000125000000" }, A).cpu, 80.0)
  end)

  it("has nothing of what is not whole", function()
    h.eq(next(cgroup.parse ""), nil)
    h.eq(next(cgroup.parse(v1 { last = "" })), nil)
    h.eq(next(cgroup.parse(v1 { dir = "docker/" .. ("a"):rep(63) })), nil)
    for _, gone in ipairs { "u docker", "==> docker", "memory%.usage_in_bytes", "MemTotal", "cpu%d" } do
      h.eq(next(cgroup.parse((v1({}):gsub(gone, "gone")))), nil)
    end
    h.eq(cgroup.parse((v1({}):gsub("/proc/12/net/dev", "/proc/13/net/dev")))[A].networks, nil)
  end)

  it("takes the outer one of two groups of one name, and travels as one quoted word", function()
    local text = v1 {}
    local inner = "docker/" .. B .. "/" .. A
    h.eq(entry((text:gsub("==> end <==\n", function(last) return file(inner .. "/cpuacct.usage", "1") .. last end)), A).cpu, 100.0)
    h.eq(cgroup.SCRIPT:find("'", 1, true), nil)
  end)
end)
