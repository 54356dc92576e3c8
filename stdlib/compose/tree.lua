-- The services of a project while they are worked on: one line each, whose words change with what is done for it.
-- On a terminal in place, else plain lines or NDJSON: see progress. Dependencies: errors.
local M = {}

---@class compose.Tree
---@field display progress.Display
---@field profile? string
---@field services table<string, compose.ServiceLine>
local Tree = {}
Tree.__index = Tree

---@class compose.ServiceLine
---@field item? progress.Item from its first word on
---@field steps {text: string, msg?: string}[] that run, the last begun is shown
---@field left? integer steps that are still to end; nil: unknown
local Line = {}
Line.__index = Line

---@param display progress.Display
---@param profile? string name of the NAS
---@return compose.Tree
function M.new(display, profile) return setmetatable({ display = display, profile = profile, services = {} }, Tree) end

---A tree that knows how many steps each service has to go: its line ends with the last.
---@param display progress.Display
---@param plan plan.Plan
---@param profile? string
---@return compose.Tree
function M.of_plan(display, plan, profile)
  local self = M.new(display, profile)
  for _, step in ipairs(plan.steps) do
    if step.group then
      local line = self:service(step.group)
      line.left = (line.left or 0) + 1
    end
  end
  return self
end

---The line of a service. Parts of one ("web#2") share it.
---@param name string service, or the group of a step
---@return compose.ServiceLine
function Tree:service(name)
  name = name:match "^(.*)#%d+$" or name
  if not self.services[name] then
    self.services[name] = setmetatable({ tree = self, name = name, steps = {} }, Line)
  end
  return self.services[name]
end

---What is done just now. `health` stands beside it: "starting", "healthy".
---@param fields {state?: string, msg?: string, health?: string, done?: number, total?: number, unit?: string}
function Line:update(fields)
  if not self.item then
    self.item = self.tree.display:item(self.name, self.tree.profile, fields.state)
  end
  if self.item.ended then return end
  self.item:update {
    state = fields.state, msg = fields.msg or fields.health, done = fields.done, total = fields.total, unit = fields.unit,
  }
end

---@param msg? string "healthy"
function Line:done(msg)
  self:update {}
  self.item:done(msg)
end

---@param msg? string why, in few words
function Line:fail(msg)
  self:update {}
  self.item:fail(msg)
end

---@param msg? string why
function Line:skip(msg)
  self:update { state = "skipped" }
  self.item:skip(msg)
end

-- The step that began last, of those that run.
local function show(self)
  local step = self.steps[#self.steps]
  if step then self:update { state = step.text, msg = step.msg or "" } end
end

local function leave(self, step)
  for i, s in ipairs(self.steps) do
    if s == step then table.remove(self.steps, i) end
  end
  self.left = self.left and self.left - 1
end

---Runs fn(step) as a part of what is done for the service; step:update { msg = } is a word on it.
---@async
---@param text string "create container shop-web-1"
---@param fn fun(step: {update: fun(self, fields: {msg?: string})}): ...
---@return any ... what fn returns
function Line:step(text, fn)
  local step = { text = text, update = function(step, fields)
    step.msg = fields.msg
    show(self)
  end }
  self.steps[#self.steps + 1] = step
  show(self)
  local results = table.pack(self.tree.display:moving(self.item, fn, step))
  leave(self, step)
  if not results[1] then
    local err = results[2]
    self:fail(require("errors").is(err) and (err.reason or err.message) or nil)
    error(err, 0)
  elseif self.left and self.left <= 0 and #self.steps == 0 then
    self.item:done(step.msg)
  else
    show(self)
  end
  return table.unpack(results, 2, results.n)
end

---Ends the lines that are left.
function Tree:close()
  for _, line in pairs(self.services) do
    if line.item then line.item:done() end
  end
end

Tree.__close = Tree.close

return M
