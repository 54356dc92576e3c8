-- Lines of several sources in the order of their times, while they come: a line is held until every other source has shown a
-- later one, but not for long.
local sys = require "sys"
local task = require "task"

local M = {}

local WINDOW = 0.25 -- seconds that a line is held
local OPENING = 5 -- the same, while another source has not begun to answer
local MOST = 512 -- lines of one source that are held; it waits then

---@class logs.Merge
---@field queues table<logs.Source, logs.Line[]> of those that have not ended, and of those with lines left
---@field write fun(line: logs.Line)
---@field now fun(): number
---@field writing boolean
local Merge = {}
Merge.__index = Merge

---@param sources logs.Source[]
---@param write fun(line: logs.Line)
---@param now? fun(): number seconds (default: the clock)
---@return logs.Merge
function M.new(sources, write, now)
  local self = setmetatable({ queues = {}, write = write, now = now or sys.now }, Merge)
  for _, source in ipairs(sources) do self:begin(source) end
  return self
end

---A source more.
---@param source logs.Source
function Merge:begin(source) self.queues[source] = { from = 1, last = 0 } end

local function earlier(a, b)
  if a.s ~= b.s then return a.s < b.s end
  return a.ns < b.ns
end

-- The earliest line, its queue, and how long it has to be held at most (nil: it need not).
local function first(self)
  local head, queue, hold
  for source, q in pairs(self.queues) do
    local line = q[q.from]
    if line and (not head or earlier(line, head)) then
      head, queue = line, q
    elseif not line and not q.ended then
      hold = math.max(hold or 0, source.open and WINDOW or OPENING)
    end
  end
  return head, queue, hold
end

---Writes what need not be held any longer. Returns seconds until there is more to write, nil when nothing is held.
---@param all? boolean hold nothing
---@return number?
function Merge:drain(all)
  if self.writing then return nil end -- whoever writes goes on until nothing is left to write
  self.writing = true
  local _ <close> = defer(function() self.writing = false end)
  while true do
    local line, queue, hold = first(self)
    if not line then return nil end
    local left = hold and not all and hold - (self.now() - line.came) or 0
    if left > 0 then return left end
    queue[queue.from], queue.from = nil, queue.from + 1
    self.write(line)
  end
end

-- Writes held lines when their time has come.
local function release(self)
  while true do task.sleep(math.min(self:drain() or WINDOW, WINDOW)) end
end

---Takes a line. Waits while too many of that source are held.
---@async
---@param line logs.Line
function Merge:add(line)
  local q = self.queues[line.source]
  line.came = self.now()
  q.last = q.last + 1
  q[q.last] = line
  self:drain()
  while q.last - q.from >= MOST do task.sleep(WINDOW / 5) end
end

---Says that no more lines of that source come.
---@param source logs.Source
function Merge:ended(source)
  self.queues[source].ended, source.ended = true, true
  self:drain()
end

---Runs all sources at once, until the last has ended. One of several that fails holds no other up.
---@async
---@param sources logs.Source[]
---@param write fun(line: logs.Line)
---@param on_failure fun(err: Error, source: logs.Source): Error
---@param more? fun(begin: fun(source: logs.Source)) runs beside them and may begin others; the end is when it returns, too
---@return Error[] failed of some of several; a single one's error is raised
function M.run(sources, write, on_failure, more)
  local merge, failed, running, alone = M.new(sources, write), {}, {}, not more and #sources == 1
  local releaser = task.spawn(release, merge)
  local _ <close> = defer(function()
    releaser:cancel()
    merge:drain(true)
  end)
  local function begin(source)
    if not merge.queues[source] then merge:begin(source) end
    running[#running + 1] = task.spawn(function()
      local _, err = try(source.run, source, function(line) merge:add(line) end)
      if err then failed[#failed + 1] = alone and err or on_failure(err, source) end
      merge:ended(source)
    end)
  end
  for _, source in ipairs(sources) do begin(source) end
  if more then more(begin) end
  while #running > 0 do table.remove(running):wait() end
  if alone and failed[1] then error(failed[1], 0) end
  return failed
end

return M
