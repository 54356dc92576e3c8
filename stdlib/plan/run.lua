-- Doing what a plan says, step by step, with a journal; going on after a crash; taking back.
local errors = require "errors"
local journals = require "plan.journal"
local steps = require "plan.steps"

local M = {}

---@class plan.RunOptions
---@field nas_of fun(target: string, anew?: boolean): docker.Nas anew: by a new connection, the one before is lost
---@field progress? progress.Display
---@field on_done? fun(step: plan.Step, result: table) called in the steps' order
---@field on_undo? fun(step: plan.Step)
---@field lock_wait? number seconds to wait for another command that works on the job, or on its project
---@field pause_at? string id of a step: the run returns in front of it, and is ended by go_on() or take_back()

---@class plan.Run
---@field id string of the journal; objects that steps create bear the label qnap-docker.journal=<id>
---@field plan plan.Plan
---@field results table<string, table> by step
---@field failed {step: plan.Step, err: Error}[]
---@field continued? boolean it paused or was cut off: what its steps made may have been used since
---@field lock? compose.Lock of the compose project that it changes
---@field denied? Error why there is none: this account cannot write there
---@field log fun(text: string) a word on the step that an operation was called for
local Run = {}
Run.__index = Run

M.LABEL, M.STEP_LABEL = "qnap-docker.journal", "qnap-docker.step"

---Labels of what a step creates: clean-up goes by them alone.
---@param step plan.Step
---@return table<string, string>
function Run:labels(step)
  return { [M.LABEL] = self.id, [M.STEP_LABEL] = step.id }
end

---@param step plan.Step
---@param anew? boolean
---@return docker.Nas
function Run:nas(step, anew)
  return self.options.nas_of(step.target, anew)
end

local function new(plan, journal, options)
  return setmetatable({
    id = journal.id, plan = plan, journal = journal, options = options, results = {}, failed = {}, log = function() end,
  }, Run)
end

local function conclude(self, state)
  self.journal:write { t = "end", state = state }
  self.journal:close()
end

local function take_back(self, states)
  local _, err = try(steps.refuse_lost, self, states)
  if not err then
    _, err = try(steps.undo, self, states)
  end
  if err then
    conclude(self, "failed")
    return err
  end
  conclude(self, "undone")
end

-- A failure in a plan that takes back what it did.
local function fail(self, step, err, states)
  states[step.id] = "failed"
  if not self.plan.undo_on_failure then
    if self.plan.keep_going then
      return
    end
    conclude(self, "failed")
    err.hint = err.hint or ("qnap-docker resume %s\nor qnap-docker undo %s"):format(self.id, self.id)
    error(err, 0)
  end
  local second = take_back(self, states)
  err.undone = second == nil
  if second then
    err.why = ("%s; taking it back failed, too: %s"):format(err.why or err.engine or err.code, second.message)
    err.hint = "qnap-docker undo " .. self.id
  end
  error(err, 0)
end

local function one_by_one(self, states)
  for _, step in ipairs(self.plan.steps) do
    if step.id == self.options.pause_at then
      return false
    end
    local err = steps.take(self, step, states)
    if err then
      fail(self, step, err, states)
    end
  end
  return true
end

local function go(self, states)
  if self.plan.at_once then
    require("plan.at_once").run(self, states)
  elseif not one_by_one(self, states) then
    return self
  end
  conclude(self, #self.failed > 0 and "failed" or "finished")
  return self
end

local function sends_files(plan)
  for _, step in ipairs(plan.steps) do
    if step.op == "project.sync" and not step.args.optional then
      return true
    end
  end
  return false
end

local function take_lock(self, target, name, container)
  local wanted = { wait = self.options.lock_wait, what = self.plan.command, container = container }
  local lock, err = try(require("compose.store").lock, self.options.nas_of(target), name or container, wanted)
  -- An account that can write nowhere there, only use the engine, still may change what has no files of its own.
  if err and (err.code ~= "folder_denied" or sends_files(self.plan)) then
    error(err, 0)
  elseif err then
    local words = container and "container '%s' is not locked: %s" or "project '%s' is not locked, and no revision is kept: %s"
    require("notices").warn(words:format(name or container, err.message))
  end
  return lock, err
end

-- A compose project is changed by one command at a time, whoever it is and wherever from.
local function hold(self)
  local held = {}
  local all = setmetatable(held, { __close = function()
    for i = #held, 1, -1 do
      local _ <close> = held[i]
    end
  end })
  local name, target = self.plan.project, self.plan:targets()[1]
  if name and target then
    self.lock, self.denied = take_lock(self, target, name)
    held[1] = self.lock
  end
  for _, l in ipairs(self.plan.locks or {}) do
    local ok, lock = pcall(take_lock, self, l.target, l.project, l.container)
    if not ok then
      local _ <close> = all
      error(lock, 0)
    end
    held[#held + 1] = lock
  end
  return all
end

-- An interruption by the user: what was begun is taken back where the plan says so, else it can be resumed.
local function guarded(self, states)
  local _ <close> = hold(self)
  local ok, result = pcall(go, self, states)
  if ok then
    return result
  end
  if errors.is(result) and result.category == "cancelled" then
    local _ <close> = defer(function()
      if self.plan.at_once then
        require("plan.at_once").take_back_halves(self, states)
        conclude(self, "failed")
      elseif self.plan.undo_on_failure then
        local ended, err = pcall(take_back, self, states)
        err = err or not ended
        require("notices").note(err and ("interrupted, and not all is taken back: qnap-docker undo %s"):format(self.id)
          or ("interrupted, and taken back (job %s)"):format(self.id))
      end
    end)
  end
  error(result, 0)
end

---Does what is left of a run that paused.
---@async
function Run:go_on()
  self.options.pause_at, self.continued = nil, true
  return guarded(self, self.states)
end

---Takes back what a run that paused has done.
---@async
function Run:take_back()
  local err = take_back(self, self.states)
  if err then
    error(err, 0)
  end
end

---Does all steps of a plan. A failure is raised, unless the plan keeps going: then it is in `failed` of the result.
---@async
---@param plan plan.Plan
---@param options plan.RunOptions
---@return plan.Run
function M.apply(plan, options)
  try(journals.tidy)
  local self = new(plan, journals.create(plan), options)
  self.states = {}
  return guarded(self, self.states)
end

local function reopen(job, options, why)
  local self = new(job.plan, journals.open(job, { t = "resumed", what = why }, options.lock_wait), options)
  self.continued = true
  local states = {}
  for id, step in pairs(job.steps) do
    states[id], self.results[id] = step.state, step.state ~= "undone" and step.result or nil
  end
  return self, states
end

---Goes on where a run ended.
---@async
---@param job plan.Job
---@param options plan.RunOptions
---@return plan.Run
function M.resume(job, options)
  local self, states = reopen(job, options, "resume")
  for id, state in pairs(states) do
    states[id] = state == "undone" and nil or state
  end
  return guarded(self, states)
end

---Takes back what a run did, the last first.
---@async
---@param job plan.Job
---@param options plan.RunOptions
function M.undo(job, options)
  local self, states = reopen(job, options, "undo")
  -- Begun without a record of its end: what it made is looked for.
  for _, step in ipairs(job.plan.steps) do
    local op = job.plan:op(step)
    if states[step.id] and not self.results[step.id] and op.check then
      self.results[step.id] = op.check(require("plan").reader(self:nas(step)), step, self)
    end
  end
  local _ <close> = hold(self)
  local err = take_back(self, states)
  if err then
    error(err, 0)
  end
end

---Steps that cannot be taken back once they are done.
---@param job plan.Job
---@return plan.Step[]
function M.lasting(job)
  local out = {}
  for _, step in ipairs(job.plan.steps) do
    local state = job.steps[step.id]
    if state and state.state == "done" and not job.plan:op(step).undo then
      out[#out + 1] = step
    end
  end
  return out
end

return M
