local inspected = require "listing.inspected"

-- A NAS whose containers are only names; those of `fails` raise that category when they are looked at.
local function names_of(names, fails)
  local list = {}
  for i, name in ipairs(names) do list[i] = { Id = name } end
  local reader = { containers = function() return list end }
  function reader.container(_, id)
    return { inspect = function()
      if fails[id] then Error { category = fails[id], code = "told_to", message = "told to fail" } end
      return { Name = "/" .. id }
    end }
  end
  local out = {}
  h.with(require "plan", { reader = function() return reader end }, function()
    for i, record in ipairs(inspected.containers {}) do out[i] = record.Name end
  end)
  return table.concat(out, " ")
end

describe("inspected containers", function()
  it("are in order, without those that went meanwhile", function()
    h.eq(names_of({ "b", "gone", "a" }, { gone = "not_found" }), "/a /b")
  end)

  it("are all of them, or the failure is told", function()
    h.raises({ category = "connect" }, names_of, { "a", "b" }, { b = "connect" })
  end)
end)
