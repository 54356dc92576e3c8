-- One container's log as a stream of lines with their time, followed by name: a container that is made anew is
-- taken up again where the old one's log ended, and so is one behind a connection that broke.
local again = require "nas.again"
local sys = require "sys"
local task = require "task"
local units = require "units"

local M = {}

local GAP = 10 -- seconds to wait for a container that was removed while we follow
local SETTLE = 3 -- looks at one that has ended
local OVERLAP = 1 -- seconds that are read twice, because the two outputs' lines need not come in the order of their times

---@class logs.Line
---@field source logs.Source
---@field stream "stdout"|"stderr"
---@field text string with its newline, as written
---@field stamp? string its time as the engine writes it
---@field s integer time of the line, seconds since the epoch
---@field ns integer
---@field note? string in place of a line: what happened to the container or the connection

---@class logs.SourceOptions
---@field by_name boolean go on with a container that was made anew or runs again
---@field patience? number seconds to wait for a NAS whose connection broke; without it, for ever
---@field inner_stamps boolean see docker.LogOptions

---@class logs.Source
---@field nas docker.Nas
---@field name string
---@field query table
---@field options logs.SourceOptions
---@field label? string what the lines are marked with (default: the name)
---@field group? string sources of one group have one colour
---@field open boolean the engine has begun to answer
---@field ended boolean nothing more comes
---@field started_at? string when the container that was read last began to run
---@field last table<string, logs.Line> of each output, the last line
---@field began? string our clock when the engine began to answer
local Source = {}
Source.__index = Source

---@param nas docker.Nas
---@param name string
---@param query table of logs.query
---@param options? logs.SourceOptions
---@return logs.Source
function M.new(nas, name, query, options)
  return setmetatable({
    nas = nas, name = name, query = query, options = options or { by_name = true }, open = false, ended = false,
    last = {}, last_s = 0, last_ns = 0,
  }, Source)
end

local function after(a, b) return a.s > b.s or (a.s == b.s and a.ns > b.ns) end

local function stamped(self, record)
  local s, ns
  if record.time then s, ns = try(units.rfc3339, record.time) end
  return {
    source = self, stream = record.stream, text = record.text .. (record.partial and "" or "\n"), stamp = record.time,
    s = s or self.last_s, ns = ns or self.last_ns,
  }
end

-- Emits what is later than `seen`, the last lines before a break.
local function read(self, container, query, seen, emit)
  local skipped
  local lines <close> = self.nas:container(container.Id):logs(query)
  self.open, self.began = true, self.began or ("%d.%09d"):format(sys.time())
  for record in lines do
    local line = stamped(self, record)
    local old = seen[line.stream]
    skipped = old and (record.time and not after(line, old) or skipped and not record.time)
    if not skipped then
      self.last[line.stream] = line
      if after(line, { s = self.last_s, ns = self.last_ns }) then self.last_s, self.last_ns = line.s, line.ns end
      emit(line)
    end
  end
end

local function note(self, emit, words) emit { source = self, note = words, s = self.last_s, ns = self.last_ns } end

-- What to ask for to read on, and what of the answer was shown already.
local function go_on(self, query)
  if not self.began then return {} end -- nothing came yet: the same again
  query.tail = "all"
  query.since = self.began
  if self.last_s == 0 then return {} end
  query.since = ("%d.%09d"):format(self.last_s - OVERLAP, self.last_ns)
  local least = { s = self.last_s, ns = self.last_ns }
  return { stdout = self.last.stdout or least, stderr = self.last.stderr or least }
end

-- A container as it is now, behind a new connection if need be; nil when there is none.
local function look(self, which, emit)
  while true do
    local now, err = try(function() return self.nas:container(which):inspect() end)
    if not err or err.category == "not_found" then return now end
    if not again.broken(err) then error(err, 0) end
    self:reconnect(emit)
  end
end

---Waits for the NAS, and marks the gap.
---@async
---@param emit fun(line: logs.Line)
function Source:reconnect(emit)
  note(self, emit, "connection lost")
  self.nas = again.connect(self.nas, self.options.patience)
  note(self, emit, "connected again; lines in between may be missing")
end

-- Waits for a container of that name that is not `old`, or for `old` to run again; nil when neither comes. One that has
-- ended is given a moment, because a removal begins with the end.
local function successor(self, old, emit)
  for n = 1, GAP * 2 do
    local now = look(self, self.name, emit)
    if now and (now.Id ~= old.Id or (now.State.Running and now.State.StartedAt ~= old.State.StartedAt)) then return now end
    if now and n > SETTLE and now.State.Status ~= "removing" then return now.State.Running and now or nil end
    task.sleep(0.5)
  end
end

-- What is read next once the stream has ended (with `err`, when it broke); nil when that was all.
local function following(self, container, err, emit)
  if not self.query.follow then
    if err then error(err, 0) end
    return nil
  elseif not err then
    return self.options.by_name and not self.query["until"] and successor(self, container, emit) or nil
  elseif not again.broken(err) then
    error(err, 0)
  end
  self:reconnect(emit)
  return look(self, self.options.by_name and self.name or container.Id, emit)
end

---Calls emit(line) for every line until the log ends; with follow, goes on behind a connection that broke, and (by name)
---with the container's successor.
---@async
---@param emit fun(line: logs.Line)
function Source:run(emit)
  local container = self.nas:container(self.name):inspect()
  self.name = container.Name:gsub("^/", "")
  local query = { timestamps = true, tty = container.Config.Tty, inner_stamps = self.options.inner_stamps }
  for k, v in pairs(self.query) do query[k] = query[k] or v end
  local seen = {}
  while true do
    self.started_at = container.State.StartedAt
    local _, err = try(read, self, container, query, seen, emit)
    local found = following(self, container, err, emit)
    if not found then return end
    seen = go_on(self, query)
    if found.Id ~= container.Id then
      note(self, emit, "recreated")
    elseif found.State.StartedAt ~= container.State.StartedAt then
      note(self, emit, "restarted")
    end
    container, query.tty = found, found.Config.Tty
  end
end

return M
