-- The order of names that hold numbers: docker's (sortorder.NaturalLess).
local less = require("listing.natural").less

describe("listing.natural", function()
  local rows = {
    { "a", "b" }, { "a2", "a10" }, { "a", "a1" }, { "1", "a" }, { "a01", "a2" }, { "a1", "a01" }, { "80/tcp", "443/tcp" },
    { "a1b2", "a1b10" }, { "", "a" }, { "a-1", "a-2" }, { "x99999999999999999999", "x100000000000000000000" },
    { "443/tcp -> 0.0.0.0:2", "443/tcp -> [::]:1" },
  }
  for _, row in ipairs(rows) do
    it(("puts '%s' before '%s'"):format(row[1], row[2]), function()
      h.ok(less(row[1], row[2]))
      h.ok(not less(row[2], row[1]))
    end)
  end

  it("puts nothing before itself", function()
    for _, text in ipairs { "", "a", "a01", "1.2.3" } do h.ok(not less(text, text)) end
  end)

  it("sorts records", function()
    local names = {}
    for i, name in ipairs { "v10", "v2", "v02", "a.b", "Zed", "v", "2", "v2a" } do names[i] = { Name = name } end
    require("listing.natural").by(names, "Name")
    local out = {}
    for i, one in ipairs(names) do out[i] = one.Name end
    h.eq(table.concat(out, " "), "2 Zed a.b v v2 v2a v02 v10")
  end)
end)
