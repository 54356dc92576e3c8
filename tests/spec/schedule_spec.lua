local schedule = require "schedule"

-- A local time of 2027, which begins on a Friday.
local function at(month, day, hour, min) return os.time { year = 2027, month = month, day = day, hour = hour, min = min or 0, sec = 0 } end

describe("schedule.next", function()
  local now = at(1, 1, 10) -- a Friday

  it("knows intervals, times of day and days", function()
    h.eq(schedule.next("10m", now), now + 600)
    h.eq(schedule.next("10:30", now), at(1, 1, 10, 30))
    h.eq(schedule.next("10:00", now), at(1, 2, 10))
    h.eq(schedule.next("sun 03:00", now), at(1, 3, 3))
    h.eq(schedule.next("Mon-Fri 08:00", now), at(1, 4, 8))
    h.eq(schedule.next("mon,fri 22:05", now), at(1, 1, 22, 5))
    h.eq(schedule.next("fri 09:00", now), at(1, 8, 9))
  end)

  it("knows crontab's fields", function()
    h.eq(schedule.next("0 3 * * 0", now), at(1, 3, 3))
    h.eq(schedule.next("0 3 * * 7", now), at(1, 3, 3))
    h.eq(schedule.next("*/15 * * * *", now), at(1, 1, 10, 15))
    h.eq(schedule.next("5-50/20 9,23 * * *", now), at(1, 1, 23, 5))
    h.eq(schedule.next("0 0 1 feb *", now), at(2, 1, 0))
    h.eq(schedule.next("@hourly", now), at(1, 1, 11))
    h.eq(schedule.next("@monthly", now), at(2, 1, 0))
  end)

  it("takes either where a day of the month and one of the week are given", function()
    h.eq(schedule.next("0 12 15 * mon", now), at(1, 4, 12))
    h.eq(schedule.next("0 12 3 * mon", now), at(1, 3, 12))
  end)

  it("finds a 29th of February", function()
    h.eq(schedule.next("0 0 29 2 *", now), os.time { year = 2028, month = 2, day = 29, hour = 0 })
  end)

  it("refuses what is none, and says why", function()
    for _, spec in ipairs {
      "", "soon", "25:00", "10:60", "xyz 03:00", "61 * * * *", "* * * *", "5-1 * * * *", "*/0 * * * *", "0 0 30 2 *",
    } do
      h.raises({ category = "usage", code = "bad_schedule" }, schedule.next, spec, now)
    end
    h.raises({ category = "usage", code = "bad_schedule" }, schedule.next, "10ms", now)
  end)
end)

describe("schedule.every", function()
  -- fn runs with a clock of its own, which sleeping sets.
  local function with_clock(start, fn)
    local clock = { t = start }
    local sys = setmetatable({ time = function() return clock.t, 0 end }, { __index = require "sys" })
    local task = setmetatable({ sleep = function(seconds) clock.t = clock.t + math.ceil(seconds) end }, { __index = require "task" })
    h.with(package.loaded, { sys = sys, task = task }, function() fn(clock) end)
  end
  local function stop() Error { category = "fail", code = "stop", message = "enough" } end

  it("calls when it is time, and makes up once for what passed meanwhile", function()
    local now = at(1, 1, 10)
    with_clock(now, function(clock)
      local due = {}
      h.raises({ code = "stop" }, schedule.every, "10m", function(t)
        due[#due + 1] = t - now
        if #due == 2 then clock.t = clock.t + 3000 end
        if #due == 4 then stop() end
      end)
      h.eq(due, { 600, 1200, 4200, 4800 })
    end)
  end)

  it("gives an error to who wants it, and goes on", function()
    with_clock(at(1, 1, 10), function()
      local n, errors = 0, {}
      h.raises({ code = "stop" }, schedule.every, "@hourly", stop)
      h.raises({ code = "last" }, schedule.every, "@hourly", function()
        n = n + 1
        stop()
      end, {
        at_once = true,
        on_error = function(err)
          errors[#errors + 1] = err.code
          if n == 3 then Error { category = "fail", code = "last", message = "" } end
        end,
      })
      h.eq(errors, { "stop", "stop", "stop" })
    end)
  end)
end)
