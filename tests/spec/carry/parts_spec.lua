-- carry.parts: which entries of a large tree go in a second stream.
local manifest = require "carry.manifest"
local parts = require "carry.parts"

-- A manifest of {path = size}; a folder has the size false.
local function of(sizes, linked)
  local m = manifest.empty {}
  for path, size in pairs(sizes) do
    manifest.add({}, m, path, {
      type = size and "f" or "d", mode = "644", uid = "0", gid = "0", links = linked and linked[path] and "2" or "1", inode = "1:1",
      size = size or 4096, mtime = "1", ctime = "1", target = "",
    })
  end
  return m
end
local function names(sizes, linked)
  return h.with(parts, { LEAST = 100 }, function()
    local out = {}
    for name in pairs(parts.of(of(sizes, linked)) or {}) do out[#out + 1] = name end
    table.sort(out)
    return table.concat(out, " ")
  end)
end

describe("a tree in two streams", function()
  it("is halved by what its top folder holds", function()
    h.eq(names { ["."] = false, a = 300, b = 300, c = 300, d = 300 }, "a b")
    h.eq(names { ["."] = false, d = false, ["d/x"] = 500, ["d/y"] = 400, e = 450, f = 100 }, "d")
    h.eq(names { ["."] = false, big = 5000, small = 200 }, "big")
  end)

  it("goes in one where half of it is not worth a stream", function()
    h.eq(names { ["."] = false, a = 99, b = 99 }, "")
    h.eq(names { ["."] = false, big = 5000, small = 99 }, "")
    h.eq(names { ["."] = false, d = false, ["d/a"] = 500, ["d/b"] = 500 }, "")
    h.eq(names {}, "")
  end)

  it("keeps names of one file together, and leaves names that no header holds whole", function()
    h.eq(names({ a = 300, b = 300, c = 300 }, { a = true, ["b"] = true }), "c")
    h.eq(names { [("n"):rep(91)] = 900, a = 300, b = 300 }, "a b")
  end)

  it("knows whose a path is", function()
    local first, second = { names = { a = true }, within = false }, { names = { a = true }, within = true }
    for path, mine in pairs { ["."] = first, a = second, ["a/b/c"] = second, ab = first, ["b/a"] = first } do
      h.eq({ path, parts.holds(first, path), parts.holds(second, path) }, { path, mine == first, mine == second })
    end
  end)
end)
