local tabwriter = require "ui.tabwriter"
local text = require "ui.text"

describe("ui.text", function()
  it("measures cells and characters", function()
    h.eq({ text.width "abc", text.width "äöü", text.width "日本", text.width "e\u{301}" }, { 3, 3, 4, 1 })
    h.eq({ text.runes "日本", text.runes "a\xffb", text.runes "\xff\xfe" }, { 2, 3, 2 })
  end)

  it("shortens at the end or in the middle", function()
    h.eq(text.shorten("container", 20), "container")
    h.eq(text.shorten("container", 5), "cont…")
    h.eq(text.shorten("registry.local/app", 9, true), "regi…/app")
    h.eq(text.shorten("日本語", 5), "日本…")
    h.eq(text.shorten("日本語", 4), "日…")
  end)

  it("wraps at blanks", function()
    h.eq(text.wrap("one two three", 7), { "one two", "three" })
    h.eq(text.wrap("a\n\nb", 10), { "a", "", "b" })
    h.eq(text.wrap("unbreakable", 4), { "unbreakable" })
    h.eq(text.wrap("", 4), { "" })
  end)

  it("takes control sequences out", function()
    h.eq(text.clean "\27[31mred\27[0m", "red")
    h.eq(text.clean "a\nb\tc\rd\0e\7", "a b cde")
    h.eq(text.clean("a\nb\27]0;title\7", true), "a\nb]0;title")
    h.eq(text.clean "x\u{9b}31my", "x31my")
  end)
end)

describe("ui.tabwriter", function()
  -- Expected texts were printed by Go's text/tabwriter(10, 1, 3, ' ') through docker's --format 'table …'.
  it("pads to 10 cells, or the longest and 3", function()
    h.eq(tabwriter.format "ID\tNAME\tSIZE\nabc\tlonger-name\t1\n", "ID        NAME          SIZE\nabc       longer-name   1\n")
  end)

  it("leaves the last cell alone", function()
    h.eq(tabwriter.format "A\tB\nx\t\n", "A         B\nx         \n")
  end)

  it("counts characters, not bytes", function()
    h.eq(tabwriter.format "ääääääää\tB\nx\ty\n", "ääääääää   B\nx          y\n")
  end)

  it("begins a new column where lines in between have none", function()
    h.eq(tabwriter.format "aaaaaaaaaaaa\tb\nplain\nc\td\n", "aaaaaaaaaaaa   b\nplain\nc         d\n")
  end)
end)
