-- The embedded Lua files: compiled at build time, they still say where they fail.
describe("an embedded file", function()
  it("keeps its name, its lines and the names of its variables", function()
    local fn = require("units").size
    local info = debug.getinfo(fn, "SL")
    assert(info.source == "@qd:stdlib/units.lua", info.source)
    assert(next(info.activelines), "no lines")
    assert(debug.getlocal(fn, 1) == "text", debug.getlocal(fn, 1))
  end)

  it("is there as text too", function()
    local text = require("core.embedded").source "stdlib/units.lua"
    assert(text == require("fs").read "stdlib/units.lua")
  end)
end)
