-- Steps of a plan beside each other (plan.at_once): each as soon as those that it depends on are done. A failure takes back its
-- group, and leaves the others alone.
local steps = require "plan.steps"
local task = require "task"

local M = {}

-- Takes back a group of which a step failed, as soon as none of its steps runs any more.
local function settle(self, states, name, group)
  if not group.failed or group.running > 0 or group.settled then
    return
  end
  group.settled = true
  local _, err = try(steps.refuse_lost, self, states, name)
  if not err then
    _, err = try(steps.undo, self, states, name)
  end
  group.failed.undone = err == nil
  if err then
    group.failed.why = ("%s; taking it back failed, too: %s"):format(group.failed.why or group.failed.engine or group.failed.code,
      err.message)
    group.failed.hint = "qnap-docker undo " .. self.id
  end
end

---Does all steps. Failures are in `failed` of the run.
---@async
---@param self plan.Run
---@param states table<string, string>
function M.run(self, states)
  local groups, tasks = {}, {}
  for i, step in ipairs(self.plan.steps) do
    local name = step.group or i
    groups[name] = groups[name] or { running = 0 }
    local group = groups[name]
    tasks[step.id] = task.spawn(function()
      for _, ids in ipairs { step.depends or {}, step.follows or {} } do
        for _, id in ipairs(ids) do
          tasks[id]:wait()
        end
      end
      if group.failed then
        return
      end
      group.running = group.running + 1
      local err = steps.take(self, step, states)
      group.running = group.running - 1
      group.failed = group.failed or err
      if step.group then
        settle(self, states, name, group)
      end
    end)
  end
  for _, step in ipairs(self.plan.steps) do
    tasks[step.id]:wait()
  end
  if #self.failed > 0 then
    M.take_back_halves(self, states)
  end
end

-- Groups of which some steps are done and others not: neither the old nor the new state.
local function halfway(plan, states)
  local out = {}
  for _, step in ipairs(plan.steps) do
    local g, state = step.group, states[step.id]
    if g then
      out[g] = out[g] or { some = false, all = true }
      out[g].some, out[g].all = out[g].some or (state ~= nil and state ~= "undone"), out[g].all and state == "done"
    end
  end
  return out
end

---Takes back groups that are neither in the old nor in the new state: a run was interrupted, or what they wait for failed.
---@async
---@param self plan.Run
---@param states table<string, string>
function M.take_back_halves(self, states)
  for name, group in pairs(halfway(self.plan, states)) do
    if group.some and not group.all then
      try(steps.undo, self, states, name)
    end
  end
end

return M
