-- A plan for people: one line a step, and the sum.
local units = require "units"

local M = {}

local SYMBOLS = { create = "+", pull = "+", remove = "-", delete = "-", prune = "-", replace = "^", keep = "=", nothing = "=" }
local COUNTED = { "create", "replace", "change", "remove" }

---@param step plan.Step
---@return string
function M.symbol(step)
  return step.symbol or SYMBOLS[step.verb] or "~"
end

local KINDS = { ["+"] = "create", ["^"] = "replace", ["-"] = "remove", ["~"] = "change" }

local function brief(value)
  if type(value) ~= "table" then
    return tostring(value)
  end
  return require("json").encode(value)
end

-- Values that must not be seen are "(changed)".
local function change(step)
  if step.before == nil and step.after == nil then
    return ""
  end
  local log = require "core.log"
  local before, after = brief(step.before == nil and "nothing" or step.before), brief(step.after == nil and "nothing" or step.after)
  if log.redact(before) ~= before or log.redact(after) ~= after then
    return "  (changed)"
  end
  return ("  %s -> %s"):format(before, after)
end

---One line of a step, without its NAS.
---@param step plan.Step
---@return string
function M.line(step)
  local what = step.describe or ("%s %s %s"):format(step.verb, step.object.kind, step.object.name)
  local size = step.bytes and step.bytes > 0 and ("  %s"):format(units.human_size(step.bytes)) or ""
  return ("%s %s%s%s"):format(M.symbol(step), what, change(step), size)
end

---"Plan: 2 to create, 1 to replace, 0 to destroy", and what that frees.
---@param plan plan.Plan
---@return string
function M.summary(plan)
  local count, bytes = { create = 0, replace = 0, change = 0, remove = 0 }, 0
  for _, step in ipairs(plan.steps) do
    local kind = KINDS[M.symbol(step)]
    if kind and not step.quiet then
      count[kind] = count[kind] + (step.items and #step.items or 1)
    end
    bytes = bytes + (step.bytes or 0)
  end
  local parts = {}
  for i, kind in ipairs(COUNTED) do
    if kind ~= "change" or count.change > 0 then
      parts[#parts + 1] = ("%d to %s"):format(count[kind], i == 4 and "destroy" or kind)
    end
  end
  return "Plan: " .. table.concat(parts, ", ") .. (bytes > 0 and ("; frees up to %s"):format(units.human_size(bytes)) or "")
end

-- Steps of several NASes in the order in which they are done, each behind its NAS's name.
local function in_order(plan, targets)
  local clean, out, width = require("ui.text").clean, {}, 0
  for _, target in ipairs(targets) do width = math.max(width, #target) end
  for _, step in ipairs(plan.steps) do
    if not step.quiet then
      out[#out + 1] = ("%-" .. width .. "s  %s"):format(step.target, clean(M.line(step)))
    end
  end
  return out
end

---The lines of a plan; several NASes each under their name.
---@param plan plan.Plan
---@return string
function M.text(plan)
  local clean = require("ui.text").clean
  local out, targets = {}, plan:targets()
  if plan.in_order and #targets > 1 then
    out, targets = in_order(plan, targets), {}
  end
  for _, target in ipairs(targets) do
    if #targets > 1 then
      out[#out + 1] = target .. ":"
    end
    for _, step in ipairs(plan.steps) do
      if step.target == target and not (step.quiet and (plan.at_once or plan.in_order)) then
        local indent = #targets > 1 and "  " or ""
        out[#out + 1] = indent .. clean(M.line(step))
        for _, item in ipairs(step.items or {}) do
          out[#out + 1] = indent .. "    " .. clean(item)
        end
      end
    end
  end
  out[#out + 1] = M.summary(plan)
  return require("core.log").redact(table.concat(out, "\n") .. "\n")
end

return M
