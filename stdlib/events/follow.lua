-- The events of one NAS, also over a connection that breaks: taken up again at the last stamp, without repeating any, and
-- what happened in between is told by comparing lists.
local again = require "nas.again"
local tty = require "tty"
local units = require "units"

local M = {}

local STATE_AFTER = { create = "created", start = "running", die = "exited", pause = "paused", unpause = "running" }
local KNOWN = 512 -- events of which we remember that they were shown: twice of what an engine keeps

---@class events.Follower
---@field nas docker.Nas
---@field query table
---@field emit fun(event: table)
---@field last? integer nanoseconds of the last event
---@field seen table<string, true>
---@field order string[]
local Follower = {}
Follower.__index = Follower

local function key(event)
  return ("%s %s %s"):format(event.timeNano, event.Actor and event.Actor.ID, event.Action)
end

---Whether the event is new; remembers it.
---@param event table
---@return boolean
function Follower:is_new(event)
  local k = key(event)
  if self.seen[k] then return false end
  self.seen[k] = true
  self.order[#self.order + 1] = k
  if #self.order > KNOWN then self.seen[table.remove(self.order, 1)] = nil end
  self.last = math.max(self.last or 0, math.tointeger(event.timeNano) or 0)
  return true
end

local function states(nas)
  local out = {}
  for _, c in ipairs(nas:containers { all = true }) do out[(c.Names[1] or c.Id):gsub("^/", "")] = c.State end
  return out
end

---What a comparison of two lists tells: "web started", sorted.
---@param before table<string, string> state by name
---@param after table<string, string>
---@return string[]
function M.missed(before, after)
  local out = {}
  for name, state in pairs(after) do
    if before[name] == nil then
      out[#out + 1] = name .. (state == "running" and " created and started" or " created")
    elseif before[name] ~= state then
      out[#out + 1] = ("%s %s"):format(name, state == "running" and "started" or state)
    end
  end
  for name in pairs(before) do
    if after[name] == nil then out[#out + 1] = name .. " removed" end
  end
  table.sort(out)
  return out
end

local function note(self, text) tty.write(2, ("(%s%s)\n"):format(self.several and self.nas.name .. ": " or "", text)) end

local function read(self, stop)
  local query = { since = self.query.since, ["until"] = stop or self.query["until"], filters = self.query.filters }
  if self.last then query.since = ("%d.%09d"):format(self.last // 1000000000, self.last % 1000000000) end
  local stream <close> = self.nas:events(query)
  for event in stream do
    if self:is_new(event) then
      self.emit(event)
    end
  end
end

-- What the engine still has is shown first; only what it has forgotten is told.
local function reconcile(self, known)
  if not known then return end
  local facts = try(self.nas.info, self.nas)
  local s, ns = try(units.rfc3339, facts and facts.SystemTime)
  local after = s and try(states, self.nas)
  if not after then return end
  local _, err = try(read, self, ("%d.%09d"):format(s, ns))
  if err then error(err, 0) end
  local missed = M.missed(known, after)
  if #missed > 0 then note(self, "missed while disconnected: " .. table.concat(missed, ", ")) end
end

-- Whether the filters let every change of a container pass; where they do not, a comparison would tell what nobody missed.
local function sees_all(filters)
  for name in pairs(filters or {}) do
    if name ~= "type" then return false end
  end
  return not filters or filters.type.container ~= nil
end

---Calls emit for every event; returns when --until is reached.
---@async
---@param nas docker.Nas
---@param query table of events.query
---@param emit fun(event: table)
---@param several boolean
function M.run(nas, query, emit, several)
  local self = setmetatable({ nas = nas, query = query, seen = {}, order = {}, several = several }, Follower)
  local known = not query["until"] and sees_all(query.filters) and try(states, nas) or nil
  self.emit = function(event)
    local name = event.Actor and event.Actor.Attributes and event.Actor.Attributes.name
    if known and event.Type == "container" and name then
      known[name] = STATE_AFTER[event.Action] or known[name]
      if event.Action == "destroy" then known[name] = nil end
    end
    emit(event)
  end
  while true do
    local _, err = try(read, self)
    if err and not again.broken(err) then error(err, 0) end
    if query["until"] then
      if err then error(err, 0) end
      return
    end
    note(self, "the connection broke; waiting for it")
    self.nas = again.connect(self.nas)
    note(self, "connected again")
    local _, again_err = try(reconcile, self, known)
    if again_err and not again.broken(again_err) then error(again_err, 0) end
    known = known and try(states, self.nas) or known
  end
end

return M
