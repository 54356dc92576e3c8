local progress = require "progress"

-- A display whose clock the test moves, and what it wrote.
local function display(mode)
  local d = { now = 100, written = {} }
  d.p = progress.new {
    mode = mode, utf8 = true,
    clock = function() return d.now end,
    width = function() return 60 end,
    write = function(bytes) d.written[#d.written + 1] = bytes end,
  }
  d.text = function()
    local all = table.concat(d.written)
    d.written = {}
    return all
  end
  return d
end

describe("progress", function()
  it("redraws its block in place and keeps finished lines", function()
    local d = display "tty"
    local web = d.p:item "web"
    h.eq(d.text(), "⠋ web  running\n")
    local db = d.p:item "db"
    h.eq(d.text(), "\27[1A\27[J⠙ web  running\n⠙ db  running\n")
    web:done()
    h.eq(d.text(), "\27[2A\27[J✔ web\n⠹ db  running\n")
    db:fail "no space"
    h.eq(d.text(), "\27[1A\27[J✖ db  failed  no space\n")
    d.p:close()
    h.lacks(d.text(), "✔")
  end)

  it("draws ten times a second at most", function()
    local d = display "tty"
    local item = d.p:item "x"
    d.text()
    item:update { done = 1 }
    item:update { done = 2 }
    h.eq(d.text(), "")
    d.now = 100.2
    item:update { done = 3 }
    h.contains(d.text(), "x  running  3")
  end)

  it("shows totals, rate and, after 3 s, an eta", function()
    local d = display "tty"
    local item = d.p:item "layer"
    item:update { state = "pulling", done = 0, total = 120000000, unit = "bytes" }
    d.now = 101
    item:update { done = 10000000 }
    h.contains(d.text(), "10.0 MB/120.0 MB  10.0 MB/s  1s")
    d.now = 104
    item:update { done = 40000000 }
    h.contains(d.text(), "40.0 MB/120.0 MB  10.0 MB/s  eta 8s")
  end)

  it("never guesses a percentage of an unknown total", function()
    local d = display "tty"
    d.p:item("x"):update { state = "reading", done = 5000, unit = "bytes" }
    local text = d.text()
    h.contains(text, "5.0 kB")
    h.lacks(text, "%")
  end)

  it("folds what does not fit", function()
    local d = display "tty"
    for i = 1, 20 do
      d.p:item("item " .. i)
    end
    h.matches(d.text(), "item 11  running\n  … 9 more\n$")
  end)

  it("writes plain lines on a change and every 10 s", function()
    local d = display "plain"
    local item = d.p:item "web"
    h.matches(d.text(), "^%d%d:%d%d:%d%d web: running\n$")
    item:update { done = 1, total = 3 }
    h.eq(d.text(), "")
    d.now = 111
    item:update { done = 2 }
    h.matches(d.text(), "web: running 2/3  eta 5s\n$")
    item:done()
    h.matches(d.text(), "web: done 2/3\n$")
  end)

  it("writes JSON lines", function()
    local d = display "json"
    d.p:item("web", "nas1"):done()
    local first, second = d.text():match "^(.-)\n(.-)\n$"
    local json = require "json"
    h.eq(json.decode(first).state, "running")
    h.eq({ json.decode(second).state, json.decode(second).profile, json.decode(second).task }, { "done", "nas1", "web" })
  end)

  it("is silent when quiet", function()
    local d = display "quiet"
    d.p:step("x", function(item) item:update { state = "y" } end)
    h.eq(d.text(), "")
  end)

  it("marks a step failed and raises what it raised", function()
    local d = display "tty"
    h.raises({ code = "boom" }, d.p.step, d.p, "x", function()
      Error { category = "fail", code = "boom", message = "it broke" }
    end)
    h.contains(d.text(), "✖ x  failed  it broke")
    h.eq(d.p:step("y", function() return 1, 2 end), 1)
    d.p:close()
  end)

  it("keeps a step moving while it waits", function()
    local d, task = display "tty", require "task"
    d.p:step("x", function()
      for _ = 1, 3 do
        d.now = d.now + 1
        task.sleep(0.12)
      end
    end)
    local _, frames = d.text():gsub("⠙ x", "")
    h.ok(frames > 0)
  end)
end)
