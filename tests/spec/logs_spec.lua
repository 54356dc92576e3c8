-- Lines of several logs in the order of their times while they come, and lines as a terminal may show them.
local merge = require "logs.merge"
local show = require "logs.show"

describe("logs.merge", function()
  local function two()
    local out, clock = {}, { at = 100 }
    local a, b = { open = true }, { open = true }
    local merged = merge.new({ a, b }, function(line) out[#out + 1] = line.text end, function() return clock.at end)
    local function add(source, text, s, ns) merged:add { source = source, text = text, s = s, ns = ns or 0 } end
    return merged, add, a, b, out, clock
  end

  it("holds a line until every other source has shown a later one", function()
    local _, add, a, b, out = two()
    add(a, "a1", 1)
    add(a, "a3", 3)
    h.eq(out, {})
    add(b, "b2", 2)
    h.eq(out, { "a1", "b2" })
    add(b, "b4", 4)
    h.eq(out, { "a1", "b2", "a3" })
  end)

  it("tells lines of one second apart by their nanoseconds", function()
    local _, add, a, b, out = two()
    add(a, "later", 1, 7)
    add(b, "earlier", 1, 5)
    add(b, "last", 1, 9)
    h.eq(out, { "earlier", "later" })
  end)

  it("holds for a moment only, and longer for a source that has not begun", function()
    local merged, add, a, b, out, clock = two()
    b.open = false
    add(a, "a1", 1)
    clock.at = 101
    h.eq(merged:drain() > 0, true)
    h.eq(out, {})
    b.open = true
    h.eq(merged:drain(), nil)
    h.eq(out, { "a1" })
  end)

  it("does not wait for a source that has ended, and writes everything at the end", function()
    local merged, add, a, b, out = two()
    add(a, "a1", 1)
    merged:ended(b)
    h.eq(out, { "a1" })
    local other, add_other, c, _, rest = two()
    add_other(c, "c1", 1)
    other:drain(true)
    h.eq(rest, { "c1" })
  end)
end)

describe("logs.show", function()
  it("keeps colours, ends them with the line, and drops what else drives a terminal", function()
    h.eq(show.tame "a\tb\n", "a\tb\n")
    h.eq(show.tame "\27[31mred\n", "\27[31mred\27[0m\n")
    h.eq(show.tame "a\27[2J\27]0;title\7b\rc\n", "a]0;titlebc\n")
  end)
end)
