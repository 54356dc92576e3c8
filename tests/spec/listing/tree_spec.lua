-- images --tree: images with their platforms.
local tree = require "listing.tree"

describe("listing.tree", function()
  local function manifest(kind, architecture, variant, containers)
    return {
      Kind = kind, ID = "sha256:" .. architecture:rep(20):sub(1, 12) .. "00", Size = { Total = 3000000, Content = 1000000 },
      ImageData = { Platform = { os = "linux", architecture = architecture, variant = variant }, Containers = containers },
    }
  end

  it("shows names, platforms and what is in use, and leaves attestations out", function()
    local attestation = manifest("attestation", "none")
    attestation.Size.Content = 500000
    local text = tree.render {
      {
        Id = "sha256:0123456789abcdef", RepoTags = { "web:1", "web:latest" }, Size = 6000000, Containers = 1,
        Manifests = { manifest("image", "amd64", nil, { "c1" }), attestation, manifest("image", "arm", "v7") },
      },
      { Id = "sha256:fedcba9876543210", Size = 0, Containers = -1 },
    }
    h.eq(text:gsub(" +\n", "\n"), [[
IMAGE             ID             DISK USAGE   CONTENT SIZE   IN USE
web:1             0123456789ab   6MB          2.5MB          U
web:latest
├─ linux/amd64    amd64amd64am   3MB          1MB            U
└─ linux/arm/v7   armarmarmarm   3MB          1MB
<untagged>        fedcba987654   0B           0B
]])
  end)
end)
