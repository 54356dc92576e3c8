-- Ages of rmi --older-than.
local unused = require "listing.unused"

describe("an age", function()
  it("may be in days and weeks", function()
    h.eq(unused.age "30d", 30 * 86400)
    h.eq(unused.age "2w", 14 * 86400)
    h.eq(unused.age "1h30m", 5400.0)
  end)

  it("that is none is refused", function()
    for _, text in ipairs { "30", "d", "-1h", "1d2h", "" } do
      h.eq(unused.age(text), nil)
      h.contains(unused.bad_age(text), "30d")
    end
    h.eq(unused.bad_age "30d", nil)
  end)
end)
