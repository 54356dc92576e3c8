-- Logs of a project: what lines are marked with, and a source that comes while others are merged.
local logs = require "compose.logs"

describe("compose.logs", function()
  local function label(name, number) return logs.label { name = name, project = "shop", service = "web", number = number } end

  it("marks lines with the container's name without the project's, also while it bears the name of a replacement", function()
    h.eq(label("shop-web-2", 2), "web-2")
    h.eq(label("0123456789ab_shop-web-1", 1), "web-1")
    h.eq(label("frontend", 1), "frontend")
    h.eq(label("shop-web-3", 1), "shop-web-3")
  end)

  it("takes up a source that comes later, and ends with the last", function()
    local out, task = {}, require "task"
    local function source(name, lines)
      return { name = name, run = function(self, emit)
        self.open = true
        for i = 1, lines do emit { source = self, text = name .. i, s = i, ns = 0 } end
      end }
    end
    local first, later = source("a", 2), source("b", 1)
    task.spawn(function()
      require("logs.merge").run({ first }, function(line) out[#out + 1] = line.text end, error, function(begin)
        while not first.ended do task.sleep(0) end
        begin(later)
      end)
    end):wait()
    h.eq(out, { "a1", "a2", "b1" })
    h.ok(later.ended)
  end)
end)
