-- One container's log as a stream of lines with their time, followed by name: a container that is made anew is
-- taken up again where the old one's log ended.
local task = require "task"
local units = require "units"

local M = {}

local MOST_LINE = 1 << 20 -- bytes of one line before it is cut
local GAP = 10 -- seconds to wait for a container that was removed while we follow

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

local function parse(self, kind, text)
  local stamp, rest = text:match "^(%S+) (.*)$"
  local s, ns = nil, nil
  if stamp then s, ns = try(units.rfc3339, stamp) end
  if not s then return { source = self, stream = kind, text = text, s = self.last_s or 0, ns = self.last_ns or 0 } end
  self.last_s, self.last_ns = s, ns
  return { source = self, stream = kind, text = rest, stamp = stamp, s = s, ns = ns }
end

-- Whole lines of a framed or raw stream.
local function lines(stream, is_tty)
  local held = { stdout = "", stderr = "" }
  local ready, at = {}, 1
  local function take(kind, bytes)
    local text = held[kind] .. bytes
    local from = 1
    while true do
      local nl = text:find("\n", from, true)
      if not nl then break end
      ready[#ready + 1] = { kind, text:sub(from, nl) }
      from = nl + 1
    end
    held[kind] = text:sub(from)
    if #held[kind] > MOST_LINE then
      ready[#ready + 1] = { kind, held[kind] }
      held[kind] = ""
    end
  end
  return function()
    while at > #ready do
      ready, at = {}, 1
      local kind, bytes
      if is_tty then kind, bytes = "stdout", stream:read() else kind, bytes = stream:frame() end
      if not kind or not bytes then
        for _, k in ipairs { "stdout", "stderr" } do
          if held[k] ~= "" then ready[#ready + 1] = { k, held[k] } end
          held[k] = ""
        end
        if #ready == 0 then return nil end
      else
        take(kind == "stderr" and "stderr" or "stdout", bytes)
      end
    end
    at = at + 1
    return ready[at - 1][1], ready[at - 1][2]
  end
end

-- Waits for a container of that name that is not `old`; nil when none came.
local function successor(self, old)
  for _ = 1, GAP * 2 do
    local now = try(function() return self.nas:container(self.name):inspect() end)
    if now and now.Id ~= old then return now end
    if now then return nil end -- the same one: it stopped, and so does its log
    task.sleep(0.5)
  end
end

local function once(self, container, query, emit)
  local stream <close> = self.nas:container(container.Id):log_stream(query)
  for kind, text in lines(stream, container.Config.Tty) do
    local line = parse(self, kind, text)
    local seen = self.since_s and (line.s < self.since_s or (line.s == self.since_s and line.ns <= self.since_ns))
    if not seen then emit(line) end
  end
end

---Calls emit(line) for every line until the log ends; with follow, goes on with the container's successor.
---@async
---@param emit fun(line: logs.Line)
function Source:run(emit)
  local container = self.nas:container(self.name):inspect()
  self.name = container.Name:gsub("^/", "")
  local asked = self.query
  local query = { stdout = true, stderr = true, timestamps = true, follow = asked.follow, details = asked.details, tail = asked.tail,
    since = asked.since, ["until"] = asked["until"] }
  while true do
    once(self, container, query, emit)
    if not query.follow then return end
    local following = successor(self, container.Id)
    if not following then return end
    container = following
    self.since_s, self.since_ns = self.last_s, self.last_ns
    if self.last_s then query.since = ("%d.%09d"):format(self.last_s, self.last_ns) end
    query.tail = "all"
    emit { source = self, note = "recreated", s = self.last_s or 0, ns = self.last_ns or 0 }
  end
end

return M
