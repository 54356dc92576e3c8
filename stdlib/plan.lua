-- Plans: what would be changed, as data. The same plan is printed, saved, applied later, journalled, resumed and undone,
-- by whichever process. Making one only reads (plan.reader); what its operations do stands in plan/ops/*.lua.
-- Dependencies: json, fs, plan.* (each when used).
local M = {}

M.VERSION = 1

---@class plan.Step
---@field id string unique in its plan ("s1")
---@field target string profile of the NAS it changes
---@field op string "container.stop": file and field in plan/ops; "script" for one with functions
---@field args table what the operation needs; JSON only
---@field verb string "remove", "create", ...: for people
---@field object {kind: string, name: string, id?: string}
---@field symbol? "+"|"~"|"^"|"-"|"="|"!" default: by verb
---@field before? any what is there now, for people
---@field after? any what will be
---@field danger 0|1|2|3
---@field bytes? integer what it frees
---@field items? string[] single things that it concerns
---@field depends? string[] ids of steps without which it is not begun
---@field follows? string[] ids of steps that it waits for, however they end
---@field group? string with `at_once`: a failure takes back all steps of its group, and no others
---@field observed? string hash of what it found (see plan.seal)
---@field quiet? boolean it is part of another step, and is not counted
---@field apart? boolean that it cannot be taken back keeps no step in front of it from being taken back

---A folder on a NAS that one command at a time works in: a project's, or that of a container of no project.
---@class plan.Lock
---@field target string profile
---@field project? string
---@field container? string

---What a step does, by name. All but apply may be absent.
---@class plan.Op
---@field describe? fun(step: plan.Step): string
---@field observe? fun(nas: docker.Nas, step: plan.Step): any the state on which it counts, nil when absent; reads only
---@field check? fun(nas: docker.Nas, step: plan.Step, run: plan.Run): table? the result, when it is done already; reads only
---@field apply fun(nas: docker.Nas, step: plan.Step, run: plan.Run): table? result, kept in the journal; JSON only
---@field undo? fun(nas: docker.Nas, step: plan.Step, result: table, run: plan.Run) harmless when there is nothing to take back

---@class plan.Plan
---@field version integer
---@field command string the words that made it
---@field steps plan.Step[]
---@field project? string compose project that it changes: locked on the NAS meanwhile
---@field locks? plan.Lock[] what is locked beside it
---@field undo_on_failure? boolean a failure takes back what was done
---@field at_once? boolean steps run beside each other, each as soon as those that it depends on are done
---@field in_order? boolean steps of several NASes depend on each other, and are shown in one list
---@field keep_going? boolean a failure does not stop steps that do not depend on it
---@field confirm? {level: integer, question: string, name?: string} what to ask instead of counting
---@field functions table<string, plan.Op> of steps with functions; never saved
local Plan = {}
Plan.__index = Plan

---A new plan without steps.
---@param fields table<string, any> members of plan.Plan: command, and what else is not as by default
---@return plan.Plan
function M.new(fields)
  local p = { version = M.VERSION, steps = {}, functions = {} }
  for key, value in pairs(fields) do
    p[key] = value
  end
  return setmetatable(p, Plan)
end

local FUNCTIONS = { "observe", "check", "apply", "undo" }

---A step, filled in. With functions (describe, check, apply, undo) it is an operation of its own, which only this process knows.
---@param fields table of plan.Step, and plan.Op
---@return table
function M.step(fields)
  local step = {}
  for key, value in pairs(fields) do
    step[key] = value
  end
  if type(step.apply) == "function" then
    step.own = { describe = step.describe }
    for _, name in ipairs(FUNCTIONS) do
      step.own[name], step[name] = step[name], nil
    end
    step.op = step.op or "script"
  end
  if type(step.describe) == "function" then
    step.describe = step.describe(step)
  end
  step.verb = step.verb or "change"
  step.object = step.object or { kind = "step", name = step.describe or step.op }
  step.args, step.danger = step.args or {}, step.danger or 1
  return step
end

---Puts a step behind the others and gives it an id.
---@param fields table
---@return plan.Step
function Plan:add(fields)
  local step = M.step(fields)
  step.id = step.id or "s" .. #self.steps + 1
  if step.own then
    self.functions[step.id], step.own = step.own, nil
  end
  self.steps[#self.steps + 1] = step
  return step
end

---The operation of a step.
---@param step plan.Step
---@return plan.Op
---@raise unsupported
function Plan:op(step)
  local own = self.functions and self.functions[step.id]
  if own then
    return own
  end
  local file, field = tostring(step.op):match "^(%l+)%.(%l+)$"
  local known, ops = pcall(require, "plan.ops." .. (file or ""))
  if not known or not ops[field] then
    Error {
      category = "unsupported", code = "unknown_operation", message = ("step %s cannot be done here"):format(step.id),
      why = step.op == "script" and "what it does stands in the script that made the plan"
        or ("this version knows no operation '%s'"):format(tostring(step.op)),
      hint = step.op == "script" and "run that script again" or "use the version that made the plan",
    }
  end
  return ops[field]
end

---The highest danger level of all steps.
---@return integer
function Plan:danger()
  local most = 0
  for _, step in ipairs(self.steps) do
    most = math.max(most, step.danger)
  end
  return most
end

---The profiles that it changes, in the steps' order.
---@return string[]
function Plan:targets()
  local seen, out = {}, {}
  for _, step in ipairs(self.steps) do
    if not seen[step.target] then
      seen[step.target] = true
      out[#out + 1] = step.target
    end
  end
  return out
end

local function observed(plan, step, nas_of)
  local op = plan:op(step)
  if not op.observe then
    return nil
  end
  return require("plan.hash").of(op.observe(M.reader(nas_of(step.target)), step))
end

---Notes what each step found, so that a later apply can tell whether it is still so.
---@async
---@param nas_of fun(target: string): docker.Nas
---@return plan.Plan self
function Plan:seal(nas_of)
  for _, step in ipairs(self.steps) do
    step.observed = observed(self, step, nas_of)
  end
  return self
end

---Raises when something is no longer as the plan found it.
---@async
---@param nas_of fun(target: string): docker.Nas
---@raise conflict "state_changed"
function Plan:verify(nas_of)
  for _, step in ipairs(self.steps) do
    if step.observed and observed(self, step, nas_of) ~= step.observed then
      Error {
        category = "conflict", code = "state_changed", message = "the plan is out of date, and nothing was done", profile = step.target,
        why = ("%s '%s' on %s has changed since"):format(step.object.kind, step.object.name, step.target),
        hint = "make the plan again: qnap-docker " .. self.command,
      }
    end
  end
end

---A plan from its document.
---@param document table
---@return plan.Plan
---@raise usage "bad_plan"
function M.from_document(document)
  local why = require("plan.check").problem(document)
  if why then
    Error { category = "usage", code = "bad_plan", message = "this is no plan of qnap-docker", why = why }
  end
  document.functions = {}
  return setmetatable(document, Plan)
end

---What is saved, without secrets: see plan.secrets.
---@return table
function Plan:document()
  local out = { functions = false }
  for key, value in pairs(self) do
    out[key] = value
  end
  out.functions = nil
  out.steps = require("json").array {}
  for i, step in ipairs(self.steps) do
    out.steps[i] = require("plan.secrets").hide(step)
  end
  return out
end

---@param path string
function Plan:save(path)
  require("fs").write(path, require("json").encode(self:document(), { indent = 2 }) .. "\n", { mode = 0x180 })
end

---@param path string
---@return plan.Plan
---@raise usage
---@raise not_found
function M.load(path)
  local text = require("fs").read(path, 16 << 20)
  local document, err = try(require("json").decode, text)
  if err then
    Error { category = "usage", code = "bad_plan", message = path .. " is no plan of qnap-docker", why = err.message }
  end
  return M.from_document(document)
end

---Docker on the same NAS, but it can only look: whatever is not GET or HEAD is refused before it is sent.
---@param nas docker.Nas
---@return docker.Nas
function M.reader(nas)
  return require("plan.reader").new(nas)
end

---Does what the plan says, journalled. See plan.run.
---@async
---@param options plan.RunOptions
---@return plan.Run
function Plan:apply(options)
  return require("plan.run").apply(self, options)
end

return M
