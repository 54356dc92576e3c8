-- Logs of a container, as lines or as the pieces that come. Dependencies: core.docker, docker.iterator, docker.session, task.
local core = require "core.docker"
local iterator = require "docker.iterator"
local session = require "docker.session"

local M = {}

---@class docker.LogRecord
---@field stream "stdout"|"stderr"
---@field text string a line without its end; with chunks = true, bytes as they came
---@field time? string with timestamps = true (not with chunks): "2026-11-22T17:17:41.134912487Z"
---@field partial? boolean a line without its end: the last one, or 1 MiB of a longer one

-- A unix time as the engine takes it; other forms are the command line's (units.time).
local function since(value)
  return type(value) == "number" and ("%.9f"):format(value):gsub("%.?0+$", "") or value
end

local function query(options)
  local any = options.stdout or options.stderr
  return {
    stdout = not any or options.stdout or nil, stderr = not any or options.stderr or nil, follow = options.follow or nil,
    timestamps = options.timestamps or nil, details = options.details or nil, tail = options.tail and tostring(options.tail),
    since = since(options.since), ["until"] = since(options["until"] or options.until_),
  }
end

local STAMP = "^(%d%d%d%d%-%d%d%-%d%dT%S+) "
local PIECE = 16384 -- the engine stores a longer line in pieces of this size; each has a stamp and details of its own
local LONGEST = 1048576 -- bytes of a line that are kept together

-- What the piece at `at` says, its time, and where the next piece of the same line begins.
local function piece_at(options, text, at)
  if not options.timestamps then return text:sub(at), nil, nil end
  local time = text:match(STAMP, at)
  local from = time and at + #time + 1 or at
  local words = options.details and text:find(" ", from, true) or from - 1
  local following = words + PIECE + 1
  if time and text:find(STAMP, following) then return text:sub(from, following - 1), time, following end
  return text:sub(from), time, nil
end

-- A line without the stamps inside of it, its time, and (where its end has not come) what is to be read again with more.
local function joined(options, text, open)
  local parts, at, first = {}, 1, nil
  while true do
    local said, time, following = piece_at(options, text, at)
    first = first or time
    if not following and open and at > 1 then return table.concat(parts), first, text:sub(at) end
    parts[#parts + 1] = said
    if not following then return table.concat(parts), first, "" end
    at = following
  end
end

local function record(options, which, text, open)
  local said, time, rest = joined(options, text, open)
  if options.inner_stamps and time then said = text:sub(#time + 2, #text - #rest) end
  return { stream = which, text = said, time = time, partial = open or nil }, rest
end

-- Turns pieces into lines; each output has an unfinished one of its own.
local function by_line(options, piece)
  local rest, queue, at = { stdout = "", stderr = "" }, {}, 1
  local function split(which, bytes)
    local text = rest[which] .. bytes
    local from = 1
    while true do
      local stop = text:find("\n", from, true)
      if not stop then
        break
      end
      queue[#queue + 1] = record(options, which, text:sub(from, stop - 1))
      from = stop + 1
    end
    text = text:sub(from)
    if #text > LONGEST then queue[#queue + 1], text = record(options, which, text, true) end
    rest[which] = text
  end
  local function flush()
    for _, which in ipairs { "stdout", "stderr" } do
      if rest[which] ~= "" then
        local last = record(options, which, rest[which])
        last.partial, rest[which] = true, ""
        queue[#queue + 1] = last
      end
    end
  end
  return function()
    if at > #queue then
      queue, at = {}, 1
      local which, bytes
      repeat
        which, bytes = piece()
        if which then
          split(which, bytes)
        else
          flush()
        end
      until not which or #queue > 0
    end
    at = at + 1
    return queue[at - 1]
  end
end

-- The stream, and whether it is a terminal's output. Where only the container knows, it is asked at the same time.
local function open(self, options)
  local task = require "task"
  local facts = self.nas.engine:facts()
  local api = core.api_number(facts.api or self.nas.hint or "") or 0
  local asked = options.tty == nil and api > 0 and api < 142 and task.spawn(try, self.inspect, self)
  local stream = self.nas:stream {
    path = self.path .. "/logs", query = query(options), what = self:cannot "read the logs of", object = self.ref,
    bulk = not options.follow and not options.tail,
  }
  local tty = options.tty
  if tty == nil then
    tty = session.is_raw(self.nas, stream, function()
      return (asked and asked:wait() or self:inspect()).Config.Tty
    end)
  end
  return stream, tty
end

---@param Container docker.Container
function M.install(Container)
  ---Its output so far, and with follow = true what comes: `for line in web:logs {follow = true} do`. Leaving the loop ends it.
  ---Records of one output keep their order.
  ---@async
  ---@param options? docker.LogOptions
  ---@return docker.Iterator of docker.LogRecord
  function Container:logs(options) ---@endpoint GET /containers/{id}/logs
    options = options or {}
    local stream, tty = open(self, options)
    local live = session.new(stream, { nas = self.nas, tty = tty, what = self:cannot "read the logs of", object = self.ref })
    local function piece()
      return live:read()
    end
    if not options.chunks then
      return iterator.new(stream, by_line(options, piece))
    end
    return iterator.new(stream, function()
      local which, bytes = piece()
      return which and { stream = which, text = bytes }
    end)
  end
end

return M
