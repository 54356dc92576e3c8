local layers = require "transfer.layers"

local A = "sha256:9a2ded93de545d8255691a555afea3652b76450f8ae0d8ca17df1300555fda57"
local B = "sha256:bd9c348c1340ee05956e16950083ceacc4334fd83f7c63c842e1d88fff5e28dd"
local C = "sha256:958c337546b5e569bb6ecf9f98005f02c8b3ed77036a303884d47ac894668afe"
local function image(...) return { RootFS = { Type = "layers", Layers = { ... } } } end

describe("transfer.layers", function()
  it("counts the lowest layers that an engine has, never those above one that it lacks", function()
    h.eq(layers.shared(image(A, B, C), { image(A, C), image(A, B), image(C) }), 2)
    h.eq(layers.shared(image(A, B), { image(B) }), 0)
    h.eq(layers.shared(image(A), {}), 0)
  end)

  it("knows the members of both formats of save", function()
    local names = layers.members(image(A, B, C), 3)
    h.ok(names["60257fc656b46ba09314a967717b9c39758d62e1799b204c7474255f866eaa28/layer.tar"])
    h.ok(names["4afc864232a4a5fd48820d7023d38c0a5e03b1c9446c0f65d6a74fc55a86d9c8/layer.tar"])
    h.ok(names["blobs/sha256/" .. C:sub(8)])
    local count = 0
    for _ in pairs(names) do count = count + 1 end
    h.eq(count, 5) -- the last layer's folder of the old format is not known
  end)

  it("leaves members out of a tar, whatever the pieces are", function()
    local entries = require "tar.entries"
    local big = ("x"):rep(1300)
    local tar = entries.file({ name = "a/layer.tar" }, big) .. entries.file({ name = "b/layer.tar" }, "kept")
      .. entries.file({ name = "c/layer.tar" }, "") .. entries.file({ name = "manifest.json" }, "[]") .. entries.END
    local wanted = entries.file({ name = "b/layer.tar" }, "kept") .. entries.file({ name = "manifest.json" }, "[]") .. entries.END
    for _, size in ipairs { 1, 7, 512, 513, 100000 } do
      local at = 1
      local function pieces()
        local piece = tar:sub(at, at + size - 1)
        at = at + size
        return piece ~= "" and piece or nil
      end
      local out = {}
      for bytes in layers.filter(pieces, { ["a/layer.tar"] = true, ["c/layer.tar"] = true }) do out[#out + 1] = bytes end
      h.eq(table.concat(out) == wanted, true)
    end
  end)
end)
