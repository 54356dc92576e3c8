-- Cluster volumes among others: which are shown, and docker's columns of them.
local volumes = require "listing.volumes"

local function field(name, v)
  for _, column in ipairs(volumes.columns(function() return false end)) do
    if column[1] == name then return column.get(v) end
  end
end

local function cluster(info, published)
  return { Name = "c", ClusterVolume = { Info = info, PublishStatus = published, Spec = { Group = "g", Availability = "drain" } } }
end

describe("listing.volumes", function()
  it("an ordinary volume is none of swarm's", function()
    local v = { Name = "a" }
    h.eq(field("Group", v), "N/A")
    h.eq(field("Status", v), "N/A")
    h.eq(volumes.of_cluster { v, cluster() }, { cluster() })
  end)

  it("says how far a cluster volume is", function()
    h.eq(field("Group", cluster()), "g")
    h.eq(field("Availability", cluster()), "drain")
    h.eq(field("Status", cluster()), "pending creation")
    h.eq(field("Status", cluster { VolumeID = "" }), "pending creation")
    h.eq(field("Status", cluster { VolumeID = "x" }), "created")
    h.eq(field("Status", cluster({ VolumeID = "x" }, { {} })), "in use (1 node)")
    h.eq(field("Status", cluster({ VolumeID = "x" }, { {}, {} })), "in use (2 nodes)")
  end)

  it("--cluster has a table of its own, whatever the format", function()
    h.contains(volumes.amend_format("json", { cluster = true }), "{{.Availability}}")
    h.eq(volumes.amend_format("json", {}), "json")
  end)
end)
