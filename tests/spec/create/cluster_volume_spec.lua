-- The flags of cluster volumes: what the engine gets, and which of them make a volume one.
local cluster_volume = require "create.cluster_volume"
local parse = require "cli.parse"
local command = require "cli.command"

local function read(argv)
  local spec = command.build({ summary = "", flags = cluster_volume.flags }, { "volume", "create" })
  return parse.parse(spec, argv)
end

describe("create.cluster_volume", function()
  it("an ordinary volume has none", function()
    local st = read {}
    h.eq(cluster_volume.spec(st.flags, st.given), nil)
    h.eq(cluster_volume.given(st.given), {})
  end)

  it("secrets and places alone do not make one, as in docker", function()
    local st = read { "--secret", "a=b", "--topology-required", "x=y" }
    h.eq(cluster_volume.spec(st.flags, st.given), nil)
    h.eq(cluster_volume.given(st.given), { "--secret", "--topology-required" })
  end)

  it("fills in docker's defaults", function()
    local st = read { "--group", "g" }
    h.eq(cluster_volume.spec(st.flags, st.given), {
      Group = "g", Availability = "active", AccessMode = { Scope = "single", Sharing = "none", BlockVolume = {} }, CapacityRange = {},
      AccessibilityRequirements = {},
    })
  end)

  it("takes all of them", function()
    local st = read {
      "--type", "mount", "--scope", "multi", "--sharing", "all", "--availability", "drain", "--limit-bytes", "1g", "--required-bytes", "1k",
      "--secret", "z=1", "--secret", "a=2", "--topology-required", "region=R1,zone=Z", "--topology-required", "rack",
      "--topology-preferred", "region=R2",
    }
    h.eq(cluster_volume.spec(st.flags, st.given), {
      Availability = "drain", AccessMode = { Scope = "multi", Sharing = "all", MountVolume = {} },
      CapacityRange = { RequiredBytes = 1024, LimitBytes = 1 << 30 },
      Secrets = { { Key = "a", Secret = "2" }, { Key = "z", Secret = "1" } },
      AccessibilityRequirements = {
        Requisite = { { Segments = { region = "R1", zone = "Z" } }, { Segments = { rack = "" } } },
        Preferred = { { Segments = { region = "R2" } } },
      },
    })
  end)
end)
