-- Which of a project's files are sent, and what happens to data that both sides may change.
local manifest = require "compose.manifest"

local function file(sha, more)
  local out = { kind = "file", mode = 420, sha256 = sha }
  for key, value in pairs(more or {}) do out[key] = value end
  return out
end
local DIR = { kind = "dir", mode = 493, sha256 = "" }

describe("compose.manifest", function()
  it("data is judged by what it is here, was and is there", function()
    for _, case in ipairs {
      { "a", nil, nil, "send" }, -- new here
      { "a", nil, "a", "same" }, -- there already
      { "a", nil, "b", "keep" }, -- somebody put another one there
      { "a", "a", "b", "same" }, -- changed only there
      { "b", "a", "a", "send" }, -- changed only here
      { "b", "a", "b", "same" }, -- the same change on both sides
      { "c", "a", "b", "keep" }, -- changed on both sides
      { "b", "a", nil, "send" }, -- taken away there
      { "b", "a", "?", "keep" }, -- cannot be read there
    } do
      h.eq({ case[1], case[2] or "-", case[3] or "-", manifest.judge(case[1], case[2], case[3]) },
        { case[1], case[2] or "-", case[3] or "-", case[4] })
    end
  end)

  it("only places that containers write to are asked for, and only when they are new or changed here", function()
    local stored = { ["data/d"] = DIR, ["data/d/same"] = file "1", ["data/d/changed"] = file "1",
      ["rev/acme"] = file("1", { writable = true }), ["rev/conf"] = file "1" }
    local here = { ["data/d"] = DIR, ["data/d/same"] = file "1", ["data/d/changed"] = file "2", ["data/d/new"] = file "1", ["data/e"] = DIR,
      ["rev/acme"] = file("2", { writable = true }), ["rev/conf"] = file "2", ["rev/other"] = file("1", { writable = true }) }
    h.eq(manifest.unsure(here, stored), { "data/d/changed", "data/d/new", "data/e", "rev/acme" })
  end)

  it("sends what is new or changed, by content, mode or kind", function()
    local stored = { ["rev/a"] = file "1", ["rev/b"] = file "1", ["rev/c"] = file "1", ["rev/d"] = file "1", ["rev/e"] = file "1" }
    local d = manifest.compare({ ["rev/a"] = file "1", ["rev/b"] = file "2", ["rev/c"] = file("1", { mode = 256 }),
      ["rev/d"] = { kind = "link", mode = 511, sha256 = "1" }, ["rev/f"] = file "1" }, stored, {})
    h.eq(d.send, { "rev/b", "rev/c", "rev/d", "rev/f" })
    h.eq({ d.new, d.changed, d.gone }, { { "rev/f" }, { "rev/b", "rev/c", "rev/d" }, { "rev/e" } })
    h.eq(d.manifest["rev/e"], nil)
    h.eq(manifest.is_same(d), false)
  end)

  it("a kept file counts as what it was, so that the next time tells it again", function()
    local stored = { ["data/x"] = file "1" }
    local d = manifest.compare({ ["data/x"] = file "3" }, stored, { ["data/x"] = "2" })
    h.eq({ d.send, d.kept, d.manifest["data/x"].sha256 }, { {}, { "data/x" }, "1" })
    h.eq(manifest.is_same(d), true)
  end)

  it("data that is gone here stays there, and is remembered", function()
    local d = manifest.compare({}, { ["data/x"] = file "1", ["rev/y"] = file "1" }, {})
    h.eq({ d.gone, d.manifest["data/x"].sha256 }, { { "rev/y" }, "1" })
  end)
end)
