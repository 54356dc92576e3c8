-- The live tree: one line a service.
local progress = require "progress"
local tree = require "compose.tree"

local function display(mode)
  local d = { now = 100, written = {} }
  d.p = progress.new {
    mode = mode, utf8 = true, clock = function() return d.now end, width = function() return 60 end,
    write = function(bytes) d.written[#d.written + 1] = bytes end,
  }
  d.text = function()
    local all = table.concat(d.written):gsub("\27%[%d*[AJ]", "")
    d.written = {}
    return all
  end
  return d
end

describe("compose.tree", function()
  it("keeps one line for a service, whose words change, and marks it when the last step ended", function()
    local d = display "tty"
    local t = tree.of_plan(d.p, { steps = { { group = "web#1" }, { group = "web#2" }, { group = "db" }, { quiet = true } } })
    t:service("web#1"):step("create shop-web-1", function(step)
      h.eq(d.text(), "⠋ web  create shop-web-1\n")
      d.now = 103
      step:update { msg = "starting" }
      d.p:draw()
      h.contains(d.text(), "⠹ web  create shop-web-1  starting  3s\n")
    end)
    d.text()
    t:service("db"):step("create shop-db-1", function() end)
    h.contains(d.text(), "✔ db\n")
    t:service("web#2"):step("start shop-web-2", function(step) step:update { msg = "healthy" } end)
    h.contains(d.text(), "✔ web  healthy  3s\n")
  end)

  it("shows the step that began last, of those that run beside each other", function()
    local d, task = display "plain", require "task"
    local line = tree.new(d.p):service "web"
    task.all {
      function() line:step("first", function() task.sleep(0.02) end) end,
      function() line:step("second", function() end) end,
    }
    local said = {}
    for words in d.text():gmatch "web: ([^\n]*)\n" do said[#said + 1] = words end
    h.eq(said, { "first", "second", "first" })
  end)

  it("a step that fails marks the service, and what follows does not change that", function()
    local d = display "plain"
    local line = tree.new(d.p):service "web"
    h.raises({ code = "boom" }, line.step, line, "start", function()
      Error { category = "fail", code = "boom", message = "it broke" }
    end)
    line:update { state = "removing" }
    h.matches(d.text(), "web: failed it broke\n$")
  end)

  it("writes JSON lines with the service, its state and its health", function()
    local d = display "json"
    local line = tree.new(d.p, "nas1"):service "web"
    line:update { state = "waiting", health = "starting" }
    line:done "healthy"
    local lines = {}
    for text in d.text():gmatch "[^\n]+" do lines[#lines + 1] = require("json").decode(text) end
    local last = lines[#lines]
    h.eq({ last.task, last.profile, last.state, last.msg }, { "web", "nas1", "done", "healthy" })
    h.eq(lines[1].state, "waiting")
  end)
end)
