-- One step of a run: doing it, seeing that it is done, taking it back. Each with its record in the journal.
local show = require "plan.show"

local M = {}

-- What is done just now for the group of a step.
local DOING = {
  ["compose.create"] = "creating", ["container.start"] = "starting", ["container.prove"] = "waiting",
    ["container.stop"] = "stopping the old one",
  ["compose.join"] = "joining its networks", ["project.put"] = "giving secrets", ["container.update"] = "updating",
}

-- fn gets the run as its step sees it: several run at once. Steps of a group share a line.
local function with_progress(self, step, fn)
  local display = self.options.progress
  local function shown(item)
    local function log(text)
      item:update { msg = text }
    end
    return fn(setmetatable({ log = log }, { __index = self }))
  end
  if display and step.group then
    self.tree = self.tree or require("compose.tree").of_plan(display, self.plan, step.target)
    return self.tree:service(step.group):step(DOING[step.op] or step.verb, shown)
  elseif not display or step.quiet then
    return fn(self)
  end
  return display:step(show.line(step):sub(3), shown, step.target)
end

local function told(err)
  return { code = err.code, category = err.category, message = err.message }
end

-- Returns the error of the step, or nothing.
local function perform(self, step, found)
  local op, nas = self.plan:op(step), self:nas(step)
  require("plan.secrets").fill(step.args.secrets_at and self.options.nas_of(step.args.secrets_at) or nas, step)
  local log = require("core.log").debug
  log("plan", ("%s %s %s"):format(step.id, step.op, step.object.name))
  self.journal:write { t = "started", step = step.id }
  local result, err = try(with_progress, self, step, function(run)
    return op.apply(nas, step, run) or {}
  end)
  if err then
    self.journal:write { t = "failed", step = step.id, error = told(err) }
    return err
  end
  self.journal:write { t = "done", step = step.id, result = result }
  log("plan", step.id .. " done")
  self.results[step.id] = result
  if self.options.on_done and not found then
    self.options.on_done(step, result)
  end
end

local function blocked(self, step)
  for _, id in ipairs(step.depends or {}) do
    if not self.results[id] then
      return true
    end
  end
  return false
end

-- What a crash left between the deed and its record.
local function already(self, step)
  local op, nas = self.plan:op(step), self:nas(step)
  local result = op.check and op.check(require("plan").reader(nas), step, self)
  if not result then
    return false
  end
  self.journal:write { t = "done", step = step.id, result = result }
  self.results[step.id] = result
  return true
end

-- "web" is also the group of its parts, "web#1".
local function belongs(step, group)
  return not group or step.group == group or (step.group or ""):match "^(.*)#%d+$" == group
end

-- A NAS that was gone may be back by now.
local function take_back(self, step, op)
  local result = self.results[step.id] or {}
  local _, err = try(op.undo, self:nas(step), step, result, self)
  if err and (err.category == "connect" or err.category == "timeout") then
    _, err = try(function() op.undo(self:nas(step, true), step, result, self) end)
  end
  return err
end

---Takes back what was done, the last first.
---@async
---@param self plan.Run
---@param states table<string, string>
---@param group? string only steps of this group
function M.undo(self, states, group)
  local left
  for i = #self.plan.steps, 1, -1 do
    local step = self.plan.steps[i]
    local state = states[step.id]
    local op = self.plan:op(step)
    if state and state ~= "undone" and op.undo and belongs(step, group) then
      local err = take_back(self, step, op)
      if err and (not step.apart or err.category == "cancelled") then
        error(err, 0)
      elseif err then
        left = left or err
      else
        self.journal:write { t = "undone", step = step.id }
        states[step.id], self.results[step.id] = "undone", nil
        if self.options.on_undo then
          self.options.on_undo(step)
        end
      end
    end
  end
  if left then
    error(left, 0)
  end
end

---What was removed for good does not come back: taking away what replaced it would leave nothing.
---@async
---@param self plan.Run
---@param states table<string, string>
---@param group? string
---@raise conflict "not_undoable"
function M.refuse_lost(self, states, group)
  for _, step in ipairs(self.plan.steps) do
    local op = self.plan:op(step)
    if states[step.id] and belongs(step, group) and not op.undo and op.check and op.check(require("plan").reader(self:nas(step)), step,
      self) then
      Error {
        category = "conflict", code = "not_undoable", message = ("job %s cannot be taken back"):format(self.id), profile = step.target,
        why = ("%s '%s' is removed for good"):format(step.object.kind, step.object.name), hint = "qnap-docker resume " .. self.id,
      }
    end
  end
end

---Does a step, unless it is done or cannot be.
---@async
---@param self plan.Run
---@param step plan.Step
---@param states table<string, string>
---@return Error? err of one that failed
function M.take(self, step, states)
  local state = states[step.id]
  if state == "done" or blocked(self, step) or (state and already(self, step)) then
    return nil
  end
  states[step.id] = "started"
  local err = perform(self, step)
  if err then
    self.failed[#self.failed + 1] = { step = step, err = err }
    return err
  end
  states[step.id] = "done"
end

return M
