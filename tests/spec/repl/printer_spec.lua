local printer = require "repl.printer"

local NOW = 1700000000
local function view(options)
  local style = require("ui.style").new(false)
  return setmetatable(options or {}, { __index = { depth = 4, width = 80, raw = false, expanded = false, style = style, now = NOW } })
end
local function tree(value, options) return printer.tree(value, view(options)) end

describe("repl.printer", function()
  it("sorts keys, and tells strings from numbers", function()
    h.eq(tree { b = 1, a = "1", [3] = true, ["odd key"] = false }, '{ [3] = true, a = "1", b = 1, ["odd key"] = false }')
    h.eq(tree { "x", "y" }, '{ "x", "y" }')
    h.eq(tree {}, "{}")
    h.eq(tree(nil), "nil")
  end)

  it("stops at the depth, and at what was seen", function()
    h.eq(tree({ a = { b = { c = 1 } } }, { depth = 2 }), "{ a = { b = { … } } }")
    local loop = { name = "x" }
    loop.me = loop
    h.eq(tree(loop), '{ me = { … seen above }, name = "x" }')
    local shared = { 1 }
    h.eq(tree { shared, shared }, "{ { 1 }, { 1 } }")
  end)

  it("breaks what is long into lines", function()
    h.eq(tree { a = ("x"):rep(50), b = ("y"):rep(50) }, '{\n  a = "' .. ("x"):rep(50) .. '",\n  b = "' .. ("y"):rep(50) .. '",\n}')
  end)

  it("says sizes and times in words beside what they are", function()
    h.eq(tree { Size = 1536 }, "{\n  Size = 1536,  -- 1.5KiB\n}")
    h.eq(tree { Created = NOW - 7200 }, "{\n  Created = 1699992800,  -- 2 hours ago\n}")
    h.eq(tree({ Size = 1536 }, { raw = true }), "{ Size = 1536 }")
  end)

  it("shows no control characters", function()
    h.eq(tree "a\27[2Jb\n\"", [["a\27[2Jb\n\""]])
    h.eq(tree "\255", [["\255"]])
    h.eq(tree "é日本", '"é日本"')
  end)

  it("lets values speak for themselves, calls nothing else", function()
    h.eq(tree(setmetatable({}, { __tostring = function() return "myself" end })), "myself")
    local function refuse() error "asked" end
    h.eq(tree(setmetatable({ a = 1 }, { __index = refuse, __pairs = refuse })), "{ a = 1 }")
    h.eq(tree(require("json").null), "null")
  end)

  it("shows records as a table, the telling fields first", function()
    local web, other = { Id = "sha256:0123456789abcdef", Size = 2048, Names = { "/web" } }, { Id = "b", Size = 1, Names = {} }
    local out = printer.table({ web, other }, view())
    h.eq(out, "Id            Names  Size\n0123456789ab  web    2KiB\nb                    1B\n2 rows\n")
  end)

  it("takes only lists of records for tables", function()
    for _, value in ipairs { { 1, 2 }, { { 1 }, { 2 } }, { { a = 1 }, 2 }, { {}, {} }, { x = { a = 1 } } } do
      h.eq(printer.table(value, view()), nil)
    end
    h.eq(printer.table("text", view()), nil)
  end)

  it("leaves out columns that do not fit and says so; expanded shows all", function()
    local record = {}
    for i = 1, 30 do record[("field%02d"):format(i)] = ("value%02d"):format(i) end
    h.contains(printer.table({ record }, view()), "fields not shown")
    h.contains(printer.table({ record }, view { expanded = true }), "field30  value30")
  end)
end)
