-- One container's log as a stream of lines with their time, followed by name: a container that is made anew is
-- taken up again where the old one's log ended.
local again = require "nas.again"
local task = require "task"
local units = require "units"

local M = {}

local GAP = 10 -- seconds to wait for a container that was removed while we follow
local SETTLE = 3 -- looks at one that has ended

---@class logs.Line
---@field source logs.Source
---@field stream "stdout"|"stderr"
---@field text string with its newline, as written
---@field s integer time of the line, seconds since the epoch
---@field ns integer
---@field note? string in place of a line: what happened to the container

---@class logs.Source
---@field nas docker.Nas
---@field name string
---@field query table
local Source = {}
Source.__index = Source

---@param nas docker.Nas
---@param name string
---@param query table of logs.query
---@return logs.Source
function M.new(nas, name, query)
  return setmetatable({ nas = nas, name = name, query = query }, Source)
end

local function stamped(self, record)
  local s, ns
  if record.time then s, ns = try(units.rfc3339, record.time) end
  if s then self.last_s, self.last_ns = s, ns end
  return {
    source = self, stream = record.stream, text = record.text .. (record.partial and "" or "\n"), stamp = record.time,
    s = self.last_s or 0, ns = self.last_ns or 0,
  }
end

-- Waits for a container of that name that is not `old`, or for `old` to run again; nil when neither comes. One that has
-- ended is given a moment, because a removal begins with the end.
local function successor(self, old)
  for n = 1, GAP * 2 do
    local now = try(function() return self.nas:container(self.name):inspect() end)
    if now and (now.Id ~= old or now.State.Running) then return now end
    if now and n > SETTLE and now.State.Status ~= "removing" then return nil end
    task.sleep(0.5)
  end
end

local function once(self, container, query, emit)
  local from_s, from_ns = self.since_s, self.since_ns
  for record in self.nas:container(container.Id):logs(query) do
    local line = stamped(self, record)
    local seen = from_s and (line.s < from_s or (line.s == from_s and line.ns <= from_ns))
    if not seen then emit(line) end
  end
end

-- From the last line on: `since` has its stamp, and lines up to it are left out.
local function go_on(self, query)
  self.since_s, self.since_ns = self.last_s, self.last_ns
  if self.last_s then query.since = ("%d.%09d"):format(self.last_s, self.last_ns) end
  query.tail = "all"
end

local function note(self, emit, words) emit { source = self, note = words, s = self.last_s or 0, ns = self.last_ns or 0 } end

-- The container again once the NAS answers; nil when there is none of that name any more.
local function reconnect(self, emit)
  note(self, emit, "connection lost")
  self.nas = again.connect(self.nas)
  note(self, emit, "connected again; lines in between may be missing")
  return (try(function() return self.nas:container(self.name):inspect() end))
end

---Calls emit(line) for every line until the log ends; with follow, goes on with the container's successor, and behind a
---connection that broke.
---@async
---@param emit fun(line: logs.Line)
function Source:run(emit)
  local container = self.nas:container(self.name):inspect()
  self.name = container.Name:gsub("^/", "")
  local query = { timestamps = true, tty = container.Config.Tty }
  for k, v in pairs(self.query) do query[k] = query[k] or v end
  while true do
    local _, err = try(once, self, container, query, emit)
    if not query.follow then
      if err then error(err, 0) end
      return
    end
    local following
    if err then
      if not again.broken(err) then error(err, 0) end
      following = reconnect(self, emit)
    else
      following = successor(self, container.Id)
    end
    if not following then return end
    go_on(self, query)
    if following.Id ~= container.Id then
      note(self, emit, "recreated")
    elseif not err then
      note(self, emit, "restarted")
    end
    container = following
  end
end

return M
