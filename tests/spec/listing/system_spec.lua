-- What `system df`, `info`, `version` and the lists make of an engine's answers.
local use = require "listing.use"

describe("listing.use", function()
  local df = {
    LayersSize = 1000,
    Images = { { Id = "a", Containers = 1, Size = 600, SharedSize = 100 }, { Id = "b", Containers = 0, Size = 500, SharedSize = 100 } },
    Containers = { { Id = "c", State = "running", SizeRw = 10 }, { Id = "d", State = "exited", SizeRw = 30 } },
    Volumes = {
      { Name = "x", UsageData = { Size = 100, RefCount = 0 } }, { Name = "y", UsageData = { Size = 300, RefCount = 2 } },
      { Name = "z", UsageData = { Size = -1, RefCount = -1 } },
    },
    BuildCache = {
      { ID = "bbbbbbbbbbbbbbbb", Type = "regular", Size = 70, InUse = true, LastUsedAt = "2024-05-02T00:00:00Z", UsageCount = 2 },
      { ID = "aaaaaaaaaaaaaaaa", Type = "internal", Size = 20, Shared = true }, { ID = "cccccccccccccccc", Size = 5 },
    },
  }

  it("counts as docker does", function()
    local rows = use.rows(df)
    local function row(i) return { rows[i].total, rows[i].active, rows[i].size, rows[i].reclaimable } end
    h.eq(row(1), { 2, 1, 1000, 500 })
    h.eq(row(2), { 2, 1, 40, 30 })
    h.eq(row(3), { 3, 1, 400, 100 })
    h.eq(row(4), { 3, 1, 75, 5 })
  end)

  it("lists the cache by its last use, what is in use marked", function()
    local text = require("cli.disk_use").text(df, "", 1714694400)
    h.contains(text, "Build cache usage: 75B")
    h.contains(text, "bbbbbbbbbbbb*   regular")
    h.eq(text:find "aaaaaaaaaaaa" < text:find "bbbbbbbbbbbb%*", true)
  end)

  it("survives an engine that sends nothing", function()
    h.eq(use.rows({})[1].total, 0)
    h.contains(require("cli.disk_use").text({}, "json", 0), '"BuildCache":[]')
  end)
end)

describe("listing.info", function()
  it("prints an answer without members", function()
    local text = require("listing.info").text({}, { platform = "p", version = "1", context = "c", debug = false })
    h.contains(text, " Containers: 0\n")
    h.contains(text, " Swarm: \n")
  end)

  it("prints parts that few engines have", function()
    local text = require("listing.info").text({
      OSType = "linux", SecurityOptions = { "name=seccomp,profile=builtin", "name=cgroupns" }, CDISpecDirs = { "/etc/cdi" },
      RegistryConfig = { Mirrors = { "https://m" }, IndexConfigs = { x = { Name = "x:5000", Secure = false } } },
      FirewallBackend = { Driver = "iptables" }, Swarm = { LocalNodeState = "active", NodeID = "n", RemoteManagers = { { Addr = "a:1" } } },
    }, { platform = "p", version = "1", context = "c", debug = false })
    for _, part in ipairs { "  seccomp\n   Profile: builtin\n  cgroupns\n", "  x:5000\n", " Registry Mirrors:\n  https://m\n",
      " CDI spec directories:\n  /etc/cdi\n", " Firewall Backend: iptables\n", "  NodeID: n\n", "  Manager Addresses:\n   a:1\n" } do
      h.contains(text, part)
    end
  end)
end)

describe("listing.version", function()
  it("makes an Engine of an old answer, and words of a time", function()
    local server = require("listing.version").complete {
      Version = "18.06", ApiVersion = "1.38", BuildTime = "2018-08-21T17:23:21.000000000+00:00", Os = "linux", Arch = "arm64",
    }
    h.eq(server.Components[1].Details.BuildTime, "Tue Aug 21 17:23:21 2018")
  end)
end)
