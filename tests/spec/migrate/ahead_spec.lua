-- migrate.ahead: work that is begun before its turn.
local ahead = require "migrate.ahead"
local task = require "task"

describe("work that is begun ahead", function()
  it("runs at once and once, and its result waits", function()
    local runs = 0
    for _ = 1, 2 do
      ahead.begin("j1", "a", function()
        runs = runs + 1
        return "done"
      end)
    end
    task.sleep(0)
    h.eq(runs, 1)
    h.eq(ahead.take("j1", "a", function() end), "done")
    ahead.begin("j1", "a", function() return "again" end)
    h.eq(ahead.take("j1", "a", function() end), "again")
  end)

  it("fails where it is taken, and nowhere else", function()
    ahead.begin("j2", "a", function() Error { category = "fail", code = "broken", message = "broken" } end)
    task.sleep(0)
    local _, err = try(ahead.take, "j2", "a", function() end)
    h.eq(err and err.code, "broken")
  end)

  it("tells its words to who takes it", function()
    local words, go = {}, false
    ahead.begin("j3", "a", function(log)
      log "nobody hears this"
      while not go do task.sleep(0.001) end
      log "heard"
    end)
    task.sleep(0)
    task.all {
      function() ahead.take("j3", "a", function(text) words[#words + 1] = text end) end, function() go = true end,
    }
    h.eq(words, { "heard" })
  end)

  it("is over when the job is stopped", function()
    local ended = false
    ahead.begin("j4", "a", function()
      local _ <close> = defer(function() ended = true end)
      task.sleep(3600)
    end)
    task.sleep(0)
    ahead.stop("j4")
    h.eq(ended, true)
    ahead.stop("j4") -- harmless
  end)
end)
