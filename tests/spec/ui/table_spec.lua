-- Tables on a terminal: colour and alignment together.
local style = require "ui.style"
local table_ui = require "ui.table"

describe("a table on a terminal", function()
  it("puts blanks in front of what is aligned right, also where it is coloured", function()
    local columns = { { header = "SIZE", right = true }, { header = "NAME" } }
    local shown = table_ui.render(columns, { { "1.98MB", "web" } }, { width = 80, style = style.new(true) })
    h.eq(shown:gsub("\27%[[%d;]*m", ""), "  SIZE  NAME\n1.98MB  web\n")
    h.eq(shown:sub(1, 2), "  ")
  end)
end)
