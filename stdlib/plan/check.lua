-- Whether a document is a plan. It may come from a file that others wrote: only its form is trusted afterwards, and its
-- operations are those of plan/ops alone.
local M = {}

local MOST_STEPS = 10000
local FIELDS = { id = "string", target = "string", op = "string", verb = "string", object = "table", args = "table", danger = "number" }

local function step_problem(step, i, seen)
  if type(step) ~= "table" then
    return ("step %d is a %s"):format(i, type(step))
  end
  for name, kind in pairs(FIELDS) do
    if type(step[name]) ~= kind then
      return ("step %d: '%s' is missing, or no %s"):format(i, name, kind)
    end
  end
  if type(step.object.kind) ~= "string" or type(step.object.name) ~= "string" then
    return ("step %d does not say what it is about"):format(i)
  elseif seen[step.id] then
    return ("two steps are called '%s'"):format(step.id)
  elseif math.type(step.danger) ~= "integer" or step.danger < 0 or step.danger > 3 then
    return ("step %d: no such danger level"):format(i)
  end
  for _, ids in ipairs { step.depends or {}, step.follows or {} } do
    for _, id in ipairs(ids) do
      if not seen[id] then
        return ("step %d depends on '%s', which does not stand in front of it"):format(i, tostring(id))
      end
    end
  end
  seen[step.id] = true
end

---@param document any
---@return string? what is wrong, nil when it is a plan
function M.problem(document)
  if type(document) ~= "table" or type(document.steps) ~= "table" then
    return "it has no steps"
  elseif document.version ~= require("plan").VERSION then
    return ("it is of version %s, and this program knows version %d"):format(tostring(document.version), require("plan").VERSION)
  elseif type(document.command) ~= "string" then
    return "it does not say which command made it"
  elseif #document.steps > MOST_STEPS then
    return ("it has more than %d steps"):format(MOST_STEPS)
  end
  local seen = {}
  for i, step in ipairs(document.steps) do
    local why = step_problem(step, i, seen)
    if why then
      return why
    end
  end
end

return M
