local suggest = require "cli.suggest"

describe("cli.suggest", function()
  it("finds swapped, missing and wrong letters", function()
    h.eq(suggest.near("isnpect", { "inspect", "images", "ps" }), { "inspect" })
    h.eq(suggest.near("imags", { "inspect", "images", "ps" }), { "images" })
    h.eq(suggest.near("formst", { "format", "force" }), { "format" })
  end)

  it("takes a beginning for near", function()
    h.eq(suggest.near("comp", { "completion", "compose", "ps" }), { "completion", "compose" })
  end)

  it("offers nothing far away", function()
    h.eq(suggest.near("frobnicate", { "inspect", "images", "ps" }), {})
    h.eq(suggest.near("x", { "ps", "rm" }), {})
  end)

  it("says alternatives in words", function()
    h.eq(suggest.either { "a" }, "a")
    h.eq(suggest.either { "a", "b", "c" }, "a, b or c")
  end)
end)
