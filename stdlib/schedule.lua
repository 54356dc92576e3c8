-- Doing something again and again, by the clock of this machine and in its time zone. Dependencies: sys, task, units.
local M = {}

local DAYS = { sun = 0, mon = 1, tue = 2, wed = 3, thu = 4, fri = 5, sat = 6 }
local MONTHS = { jan = 1, feb = 2, mar = 3, apr = 4, may = 5, jun = 6, jul = 7, aug = 8, sep = 9, oct = 10, nov = 11, dec = 12 }
local NAMED = {
  ["@hourly"] = "0 * * * *", ["@daily"] = "0 0 * * *", ["@weekly"] = "0 0 * * 0", ["@monthly"] = "0 0 1 * *", ["@yearly"] = "0 0 1 1 *",
}
local HORIZON = 366 * 8 + 1 -- days: a 29th of February comes within them, over a century's end, too
local LOOK = 60 -- seconds between looks at the clock: it may be set, and the machine may have slept

local function refuse(spec, why)
  Error {
    category = "usage", code = "bad_schedule", message = ('"%s" is no time to do something'):format(tostring(spec)), why = why,
    hint = 'an interval "10m", a time of day "03:00", days "sun 03:00", "mon-fri 22:30", or five fields as of crontab(5): "0 3 * * 0"',
  }
end

local function number(spec, word, names, low, high)
  local n = names and names[word:lower()] or math.tointeger(tonumber(word:match "^%d+$"))
  if not n or n < low or n > high then refuse(spec, ("'%s' is not from %d to %d"):format(word, low, high)) end
  return n
end

-- The set of a field of crontab(5): "*", "5", "1-5", "*/10", "mon,wed".
local function field(spec, text, low, high, names)
  local out = {}
  for part in (text .. ","):gmatch "([^,]*)," do
    local range, step = part:match "^(.-)/(%d+)$"
    range, step = range or part, math.tointeger(tonumber(step or 1))
    if step == 0 then refuse(spec, "a step of 0") end
    local from, to = range:match "^(%w+)%-(%w+)$"
    local first, last = low, high
    if from then
      first, last = number(spec, from, names, low, high), number(spec, to, names, low, high)
    elseif range ~= "*" then
      first = number(spec, range, names, low, high)
      last = part:find("/", 1, true) and high or first
    end
    if last < first then refuse(spec, ("'%s' goes backwards"):format(range)) end
    for n = first, last, step do out[n] = true end
  end
  return out
end

local function sorted(set)
  local out = {}
  for n in pairs(set) do out[#out + 1] = n end
  table.sort(out)
  return out
end

-- "sun 03:00", "03:00" as five fields.
local function as_cron(spec)
  local days, hour, minute = spec:match "^(%S*)%s*%f[%d](%d%d?):(%d%d)$"
  if not hour then return NAMED[spec] or spec end
  return ("%s %s * * %s"):format(minute, hour, days == "" and "*" or days)
end

---@class schedule.Times
---@field minutes integer[]
---@field hours integer[]
---@field matches fun(date: osdate): boolean whether a day is one of them

local function parse(spec)
  local words = {}
  for word in as_cron(spec):gmatch "%S+" do words[#words + 1] = word end
  if #words ~= 5 then refuse(spec, "there are no five fields") end
  local day, month = field(spec, words[3], 1, 31), field(spec, words[4], 1, 12, MONTHS)
  local weekday = field(spec, words[5], 0, 7, DAYS)
  weekday[0] = weekday[0] or weekday[7]
  local any_day, any_weekday = words[3]:sub(1, 1) == "*", words[5]:sub(1, 1) == "*"
  return {
    minutes = sorted(field(spec, words[1], 0, 59)), hours = sorted(field(spec, words[2], 0, 23)),
    matches = function(date)
      if not month[date.month] then return false end
      local by_day, by_weekday = day[date.day], weekday[date.wday - 1]
      if any_day or any_weekday then return by_day and by_weekday or false end
      return by_day or by_weekday or false -- as cron has it where both are given
    end,
  }
end

-- The first moment of a day behind `now`. One that the clock leaves out in spring comes an hour later; one that it shows
-- twice in autumn comes once.
local function on_day(times, date, now)
  for _, hour in ipairs(times.hours) do
    for _, minute in ipairs(times.minutes) do
      local t = os.time { year = date.year, month = date.month, day = date.day, hour = hour, min = minute, sec = 0 }
      if t > now then return t end
    end
  end
end

---When something is to be done next. Pure, but for the time zone.
---@param spec string an interval ("10m"), a time of day ("03:00"), days with one ("sun 03:00", "mon-fri 22:30"), five fields
--- as of crontab(5), or "@hourly", "@daily", "@weekly", "@monthly", "@yearly"
---@param now? integer seconds since the epoch (default: the clock)
---@return integer seconds since the epoch, later than `now`
---@raise usage "bad_schedule"
function M.next(spec, now)
  now = now or (require("sys").time())
  local interval = not spec:find "%s" and try(require("units").duration, spec)
  if interval then
    if interval < 1 then refuse(spec, "it is shorter than a second") end
    return now + math.ceil(interval)
  end
  local times = parse(spec)
  local today = os.date("*t", now)
  for n = 0, HORIZON do
    local date = os.date("*t", os.time { year = today.year, month = today.month, day = today.day + n, hour = 12 })
    local t = times.matches(date) and on_day(times, date, now)
    if t then return t end
  end
  return refuse(spec, "there is no such day")
end

local function sleep_until(t)
  while true do
    local seconds, ns = require("sys").time()
    local left = t - seconds - ns / 1e9
    if left <= 0 then return end
    require("task").sleep(math.min(left, LOOK))
  end
end

---Calls fn(at) whenever the time has come; does not return. A time that passes while fn still runs, or while the machine sleeps, is made up
---for once.
---@async
---@param spec string see next
---@param fn fun(at: integer) at: seconds since the epoch, when it was due
---@param options? {on_error?: fun(err: Error), at_once?: boolean} on_error: is given what fn raises, and it goes on (default: the error is
--- raised); at_once: also now
---@raise usage "bad_schedule"
function M.every(spec, fn, options)
  options = options or {}
  local function run(at)
    local _, err = try(fn, at)
    if not require("errors").is(err) then return end
    if not options.on_error then error(err, 0) end
    options.on_error(err)
  end
  local at = (require("sys").time())
  if options.at_once then run(at) end
  while true do
    at = math.max(M.next(spec, at), (require("sys").time())) -- what is over is due now
    sleep_until(at)
    run(at)
  end
end

return M
