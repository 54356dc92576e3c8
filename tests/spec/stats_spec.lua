-- What containers use, out of the engine's counters; how busy a NAS is; what a list tells after a gap.
local compute = require "stats.compute"
local load = require "nas.load"
local line = require "events.line"
local follow = require "events.follow"
local facts = require "health.facts"

describe("stats.compute", function()
  it("counts CPU between two samples, for all CPUs", function()
    local before = { cpu_usage = { total_usage = 1000 }, system_cpu_usage = 10000, online_cpus = 4 }
    local now = { cpu_usage = { total_usage = 1500 }, system_cpu_usage = 12000, online_cpus = 4 }
    h.eq(compute.cpu(before, now), 100.0)
    now.online_cpus, now.cpu_usage.percpu_usage = nil, { 1, 2 }
    h.eq(compute.cpu(before, now), 50.0)
    h.eq(compute.cpu(now, before), 0)
    h.eq(compute.cpu(nil, now), 0)
  end)

  it("leaves droppable cache out of the memory, for both cgroup versions", function()
    h.eq(compute.memory { usage = 100, stats = { total_inactive_file = 30, inactive_file = 10 } }, 70)
    h.eq(compute.memory { usage = 100, stats = { inactive_file = 10 } }, 90)
    h.eq(compute.memory { usage = 100, stats = { inactive_file = 200 } }, 100)
    h.eq(compute.memory {}, 0)
  end)

  it("sums networks and blocks, and has zeros for a stopped container", function()
    local e = compute.entry("web", {
      id = "abc", name = "/web", cpu_stats = { cpu_usage = {} },
      networks = { a = { rx_bytes = 1, tx_bytes = 2 }, b = { rx_bytes = 3 } },
      blkio_stats = {
        io_service_bytes_recursive = { { op = "Read", value = 5 }, { op = "write", value = 6 }, { op = "Total", value = 9 } },
      },
    })
    h.eq(e.rx, 4)
    h.eq(e.tx, 2)
    h.eq(e.read, 5)
    h.eq(e.written, 6)
    h.eq(e.name, "web")
    h.eq(e.memory_percent, 0)
  end)

  it("picks the largest", function()
    local a, b = compute.invalid "a", compute.invalid "b"
    b.cpu, a.memory = 5, 7
    h.eq(compute.pick({ a, b }, nil, 1)[1].container, "b")
    h.eq(compute.pick({ b, a }, "mem")[1].container, "a")
    h.eq(compute.total({ a, b }).cpu, 5)
  end)
end)

describe("nas.load", function()
  it("reads load, memory and the state of the RAID", function()
    local mdstat = "md1 : active raid1 sda[0]\n 1 blocks [2/1] [U_]\n"
    local l = load.parse("0.42 0.1 0.0 1/2 3", "MemTotal: 100 kB\nMemAvailable: 40 kB\n", mdstat)
    h.eq(l.load, "0.42")
    h.eq(l.memory_used, 60 * 1024)
    h.eq(l.raid, "degraded")
    h.eq(load.parse("", "", "md1 : active\n [2/2] [UU]\n").raid, "ok")
    h.eq(load.parse("", "", "").raid, nil)
  end)
end)

describe("events", function()
  it("prints docker's line, attributes by name", function()
    local text = line.plain { Type = "container", Action = "die", Actor = { ID = "x", Attributes = { b = "2", a = "1" } } }
    h.eq(text, "container die x (a=1, b=2)")
  end)

  it("tells what a comparison of lists shows", function()
    local missed = follow.missed({ web = "exited", old = "running" }, { web = "running", new = "created" })
    h.eq(table.concat(missed, ", "), "new created, old removed, web started")
  end)
end)

describe("health.facts", function()
  it("never calls a container without a check healthy", function()
    local fact = facts.of { Name = "/a", State = { Running = true, StartedAt = "2026-01-01T00:00:00Z" }, Config = {} }
    h.eq(fact.status, "none")
    h.eq(fact.bad, false)
  end)

  it("proposes checks for images by their name", function()
    h.contains(facts.proposal "registry:5000/library/redis:7-alpine", "redis-cli")
    h.eq(facts.proposal "frob:1", nil)
  end)
end)
