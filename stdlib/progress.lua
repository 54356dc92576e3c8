-- Progress of long work, on stderr: a block of lines in place on a terminal, plain lines or NDJSON elsewhere.
-- `local p <close> = progress.new()`; p:step("pull nginx", function(item) item:update { done = 1, total = 3 } end)
-- Dependencies: core.tty (through ui), task, cli.output.
local amounts = require "ui.amounts"
local task = require "task"
local text = require "ui.text"

local M = {}

local FRAME_S = 0.1 -- at most ten pictures a second
local PLAIN_S = 10 -- a plain line at least so often while something moves
local MOST_LINES = 12
local SPIN = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏" }
local ASCII_SPIN = { "|", "/", "-", "\\" }

---One line of progress.
---@class progress.Item
---@field name string
---@field state string what happens just now ("pulling"); "done", "failed" at the end
---@field current? number
---@field total? number nil: unknown, only a counter is shown
---@field unit? "bytes"|string
---@field msg? string
local Item = {}
Item.__index = Item

---@class progress.Display
---@field mode "tty"|"plain"|"json"|"quiet"
---@field items progress.Item[]
local Display = {}
Display.__index = Display

local function utf8_terminal()
  local locale = os.getenv "LC_ALL" or os.getenv "LC_CTYPE" or os.getenv "LANG" or ""
  return locale:upper():find "UTF%-?8" ~= nil
end

---@class progress.Options
---@field mode? "tty"|"plain"|"json"|"quiet" default: what stderr is
---@field quiet? boolean
---@field style? ui.Style
---@field write? fun(bytes: string)
---@field clock? fun(): number
---@field width? fun(): integer
---@field utf8? boolean

---Makes a display. Close it (or declare it <close>): that clears the block and leaves the finished lines.
---@param options? progress.Options
---@return progress.Display
function M.new(options)
  options = options or {}
  local ui = require "ui"
  local mode = options.mode
  if not mode then
    mode = options.quiet and "quiet" or ui.is_tty "stderr" and os.getenv "TERM" ~= "dumb" and "tty" or "plain"
  end
  local use_utf8 = options.utf8
  if use_utf8 == nil then
    use_utf8 = utf8_terminal()
  end
  return setmetatable({
    mode = mode, items = {}, drawn = 0, frame = 0, last = -1, closed = false, utf8 = use_utf8,
    style = options.style or require("ui.style").new(false), clock = options.clock or ui.clock,
    width = options.width or ui.width, write = options.write or require("cli.output").err,
  }, Display)
end

-- "43.2 MB/120.1 MB  8.1 MB/s  eta 9s": no percentage that is a guess, an eta only after 3 s.
local function measure(item, now)
  if not item.current then
    return item.msg or ""
  end
  local parts = { amounts.text(item.current, item.unit) }
  if item.total then
    parts[1] = parts[1] .. "/" .. amounts.text(item.total, item.unit)
  end
  if item.rate and item.rate > 0 then
    if item.unit == "bytes" then
      parts[#parts + 1] = amounts.text(item.rate, "bytes") .. "/s"
    end
    if item.total and item.total > item.current and now - item.started >= 3 then
      parts[#parts + 1] = "eta " .. amounts.seconds((item.total - item.current) / item.rate)
    end
  end
  parts[#parts + 1] = item.msg
  return table.concat(parts, "  ")
end

local MARKS = { done = { "✔", "+", "good" }, failed = { "✖", "x", "bad" }, skipped = { "-", "-", "off" } }

function Display:line(item, now)
  local mark = MARKS[item.state]
  local left
  if mark then
    left = self.style:paint(mark[3], self.utf8 and mark[1] or mark[2])
  else
    local frames = self.utf8 and SPIN or ASCII_SPIN
    left = self.style:paint("key", frames[self.frame % #frames + 1])
  end
  local elapsed = (item.ended or now) - item.started
  local right = measure(item, now)
  local state = mark and (item.state == "done" and "" or item.state) or item.state
  local body = table.concat({ item.name, state, right, elapsed >= 1 and amounts.seconds(elapsed) or nil }, "  "):gsub("   +", "  ")
  return left .. " " .. text.shorten(text.clean(body):gsub("%s+$", ""), self.width() - 3)
end

-- Goes back over the block that was drawn and takes it away.
function Display:erase()
  if self.drawn > 0 then
    self.write(("\27[%dA\27[J"):format(self.drawn))
    self.drawn = 0
  end
end

function Display:draw(final)
  local now = self.clock()
  local out, running = {}, {}
  for _, item in ipairs(self.items) do
    if MARKS[item.state] then
      if not item.told then
        item.told = true
        out[#out + 1] = self:line(item, now) .. "\n"
      end
    else
      running[#running + 1] = item
    end
  end
  local kept, shown = table.concat(out), {}
  for i, item in ipairs(running) do
    if i == MOST_LINES and #running > MOST_LINES then
      shown[i] = ("  … %d more\n"):format(#running - i + 1)
      break
    end
    shown[i] = self:line(item, now) .. "\n"
  end
  local before = self.drawn > 0 and ("\27[%dA\27[J"):format(self.drawn) or ""
  self.drawn = final and 0 or #shown
  self.write(before .. kept .. (final and "" or table.concat(shown)))
  self.last, self.frame = now, self.frame + 1
end

local function iso(now)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", now)
end

function Display:plain(item, now)
  local what = text.clean(("%s: %s %s"):format(item.name, item.state, measure(item, now))):gsub("%s+$", "")
  self.write(("%s %s\n"):format(os.date "%H:%M:%S", what))
end

function Display:json(item)
  self.write(require("json").encode {
    ts = iso(os.time()), profile = item.profile, task = item.name, state = item.state, done = item.current, total = item.total,
    unit = item.unit, msg = item.msg,
  } .. "\n")
end

-- Something about the item changed. `important`: its state did.
function Display:changed(item, important)
  local now = self.clock()
  if self.mode == "tty" then
    if important or now - self.last >= FRAME_S then
      self:draw()
    end
  elseif self.mode == "plain" or self.mode == "json" then
    if important or now - (item.said or now) >= PLAIN_S then
      item.said = now
      self[self.mode](self, item, now)
    end
    item.said = item.said or now
  end
end

---A new line.
---@param name string
---@param profile? string the NAS it belongs to
---@param state? string what happens (running)
---@return progress.Item
function Display:item(name, profile, state)
  local item = setmetatable({
    display = self, name = name, profile = profile, state = state or "running", started = self.clock(),
  }, Item)
  self.items[#self.items + 1] = item
  self:changed(item, true)
  return item
end

---Changes what the line shows.
---@param fields {state?: string, done?: number, total?: number, unit?: string, msg?: string}
function Item:update(fields)
  local now = self.display.clock()
  local important = fields.state ~= nil and fields.state ~= self.state
  for _, key in ipairs { "state", "total", "unit", "msg" } do
    if fields[key] ~= nil then
      self[key] = fields[key]
    end
  end
  self.current = fields.done or self.current
  if fields.done then
    local passed = now - (self.measured or self.started)
    if passed >= 0.5 then
      local rate = math.max(0, (fields.done - (self.measured_done or 0)) / passed)
      self.rate = self.rate and self.rate * 0.7 + rate * 0.3 or rate
      self.measured, self.measured_done = now, fields.done
    end
  end
  self.display:changed(self, important)
end

local function finish(item, state, msg)
  if item.ended then return end
  item.state, item.ended, item.rate = state, item.display.clock(), nil
  item.msg = msg
  if msg == nil and state == "done" then
    item.current = item.total and item.current or nil
  end
  item.display:changed(item, true)
end

---@param msg? string
function Item:done(msg)
  finish(self, "done", msg)
end

---@param msg? string why, in few words
function Item:fail(msg)
  finish(self, "failed", msg)
end

---@param msg? string
function Item:skip(msg)
  finish(self, "skipped", msg)
end

---Calls fn(...); on a terminal the line keeps moving meanwhile.
---@async
---@param item progress.Item
---@param fn function
---@return boolean ok
---@return any ... what fn returns, or its error
function Display:moving(item, fn, ...)
  local ticker
  if self.mode == "tty" then
    ticker = task.spawn(function()
      while true do
        task.sleep(FRAME_S)
        self:changed(item, false)
      end
    end)
  end
  local results = table.pack(pcall(fn, ...))
  if ticker then
    ticker:cancel()
    pcall(ticker.wait, ticker) -- its end is ours to take, or it would cancel us in turn
  end
  return table.unpack(results, 1, results.n)
end

---Runs fn(item) with a line of its own; the line ends as fn does.
---@async
---@param name string
---@param fn fun(item: progress.Item): ...
---@param profile? string
---@param state? string what happens (running)
---@return any ... what fn returns
function Display:step(name, fn, profile, state)
  local item = self:item(name, profile, state)
  local results = table.pack(self:moving(item, fn, item))
  if results[1] then
    item:done()
    return table.unpack(results, 2, results.n)
  end
  item:fail(require("errors").is(results[2]) and results[2].message or nil)
  error(results[2], 0)
end

---A line of text above the block.
---@param line string
function Display:log(line)
  self:erase()
  self.write(line .. "\n")
  if self.mode == "tty" and not self.closed then
    self:draw()
  end
end

---Takes the block away; finished lines stay. Harmless when called again.
function Display:close()
  if self.closed then
    return
  end
  self.closed = true
  if self.mode == "tty" and #self.items > 0 then
    self:draw(true)
  end
end

Display.__close = Display.close

return M
