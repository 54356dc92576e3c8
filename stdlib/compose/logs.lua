-- Logs of a project's containers while they come and go: one that is made, scaled up or started again while its service is
-- followed is taken up. Dependencies: compose.observe, events.follow, logs.source, nas.again, task.
local again = require "nas.again"
local observe = require "compose.observe"
local source = require "logs.source"
local task = require "task"

local M = {}

local LOOK = 0.5 -- seconds between looks at a project of which nothing runs
local SETTLE = 3 -- looks at one whose containers have all ended
local GAP = 20 -- looks at one that has no containers, or one that is about to run

local UNDER_REPLACEMENT = "^%x%x%x%x%x%x%x%x%x%x%x%x_"

---What compose v2 marks the lines of a container with: its name without the project's, "web-1".
---@param c compose.Container
---@return string
function M.label(c)
  local usual = ("%s-%s-%d"):format(c.project, c.service, c.number)
  return c.name:gsub(UNDER_REPLACEMENT, "") == usual and usual:sub(#c.project + 2) or c.name
end

---@param nas docker.Nas
---@param c compose.Container
---@param query table of logs.query
---@param patience? number see logs.SourceOptions
---@return logs.Source
function M.source(nas, c, query, patience)
  local s = source.new(nas, c.id, query, { by_name = false, inner_stamps = false, patience = patience })
  s.label, s.group = M.label(c), c.service
  return s
end

---@class compose.Follow
---@field nas docker.Nas
---@field project string
---@field chosen fun(c: compose.Container): boolean
---@field query table of logs.query
---@field patience? number
---@field sources table<string, logs.Source> by id of the container
local Follow = {}
Follow.__index = Follow

---@param options {nas: docker.Nas, project: string, query: table, chosen: fun(c: compose.Container): boolean, patience?: number}
---@return compose.Follow
function M.follow(options)
  options.sources = {}
  return setmetatable(options, Follow)
end

---The sources of the containers that are there.
---@param containers compose.Container[]
---@return logs.Source[]
function Follow:all(containers)
  local out = {}
  for i, c in ipairs(containers) do
    out[i] = M.source(self.nas, c, self.query, self.patience)
    self.sources[c.id] = out[i]
  end
  return out
end

-- What fn(nas) returns, over a new connection where the old one broke; nil when there is no answer.
local function ask(self, fn)
  self.nas = again.current(self.nas)
  local found, err = try(fn, self.nas)
  if not err or not again.broken(err) then return found end
  self.nas = try(again.connect, self.nas, self.patience) or self.nas
  return try(fn, self.nas)
end

-- A container that starts: one that is new, with all it has; one that runs again, with what came after its end.
local function started(self, c, begin)
  local old, query = self.sources[c.id], {}
  for k, v in pairs(self.query) do query[k] = v end
  query.tail, query.since = nil, nil
  while old and not old.ended do task.sleep(LOOK / 5) end
  local now = ask(self, function(nas) return nas:container(c.id):inspect() end)
  if not now then return end
  if old then
    if now.State.StartedAt == old.started_at then return end
    query.since = ("%d.%09d"):format(require("units").rfc3339(now.State.FinishedAt))
  end
  self.sources[c.id] = M.source(self.nas, c, query, self.patience)
  begin(self.sources[c.id])
end

local function of_event(event)
  local attributes = event.Actor.Attributes
  return observe.container { Id = event.Actor.ID, Names = { attributes.name }, Labels = attributes }
end

-- Whether more may come: a container that runs or is about to, or one that is just being replaced.
local function alive(self)
  local any, waiting = false, false
  local found = ask(self, function(nas) return observe.list(nas, self.project) end)
  for _, c in ipairs(found or {}) do
    if self.chosen(c) then
      any = true
      waiting = waiting or (c.state ~= "exited" and c.state ~= "dead")
    end
  end
  return waiting or (found and not any)
end

local function all_ended(self)
  for _, s in pairs(self.sources) do
    if not s.ended then return false end
  end
  return true
end

-- Returns when all have ended, and none follows.
local function until_quiet(self)
  local looks = 0
  repeat
    task.sleep(LOOK)
    looks = all_ended(self) and looks + 1 or 0
  until looks >= SETTLE and (looks >= GAP or not alive(self))
end

---What logs.merge runs beside the sources.
---@async
---@param since string time of the engine from which starts are told
---@return fun(begin: fun(source: logs.Source))
function Follow:watch(since)
  local query = { since = since, filters = {
    type = { container = true }, event = { start = true }, label = { [observe.LABEL .. "project=" .. self.project] = true },
  } }
  return function(begin)
    task.race {
      function() until_quiet(self) end,
      function()
        require("events.follow").run(self.nas, query, function(event)
          local c = of_event(event)
          if c and self.chosen(c) then task.spawn(started, self, c, begin) end
        end, false)
      end,
    }
  end
end

return M
