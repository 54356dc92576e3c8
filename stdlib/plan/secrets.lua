-- Secrets in steps: they stand in no file. What is left out is taken from the engine again, or asked for.
-- In args.body.Env a hidden value is "KEY=" alone, and args.hidden names the keys; args.secrets_from is a container that has them,
-- on the NAS of the step or (args.secrets_at) of another profile.
local env = require "create.env"

local M = {}

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local out = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do
    out[key] = copy(item)
  end
  return out
end
M.copy = copy

---A copy of a step that may be written down.
---@param step plan.Step
---@return plan.Step
function M.hide(step)
  local json, log = require "json", require "core.log"
  local out = copy(step)
  local list = out.args.body and out.args.body.Env
  if list then
    for i, text in ipairs(list) do
      local key, value = text:match "^([^=]*)=(.*)$"
      if value and value ~= "" and (env.is_secret(key) or log.redact(value) ~= value) then
        list[i] = key .. "="
        out.args.hidden = out.args.hidden or {}
        table.insert(out.args.hidden, key)
      end
    end
  end
  local text = json.encode(out)
  local clean = log.redact(text)
  if clean ~= text then
    out = json.decode(clean)
    out.incomplete = true
  end
  return out
end

local function from_engine(nas, id)
  local values = {}
  local record = id and try(function()
    return nas:container(id):inspect()
  end)
  for _, text in ipairs(record and record.Config.Env or {}) do
    local key, value = text:match "^([^=]*)=(.*)$"
    if key then
      values[key] = value
    end
  end
  return values
end

local function ask(step, key)
  local ui = require "ui"
  if not ui.can_ask() then
    Error {
      category = "aborted", code = "secret_needed",
      message = ("the value of %s for '%s' is not written down"):format(key, step.object.name),
      why = "there is no terminal to ask for it", hint = "run it on a terminal, or 'qnap-docker undo'",
    }
  end
  return ui.password(("%s for '%s':"):format(key, step.object.name))
end

---Puts hidden values back: from the engine where a container has them, else from whoever sits at the terminal.
---@async
---@param nas docker.Nas
---@param step plan.Step
function M.fill(nas, step)
  if step.incomplete then
    Error {
      category = "conflict", code = "secret_lost", message = ("step %s cannot be done from its record"):format(step.id),
      why = "it holds a secret that was not written down", hint = "qnap-docker undo, then the command again",
    }
  end
  local hidden = step.args.hidden
  if not hidden or #hidden == 0 then
    return
  end
  local values = from_engine(nas, step.args.secrets_from)
  for _, key in ipairs(hidden) do
    local value = values[key] or ask(step, key)
    require("core.log").secret(value)
    for i, text in ipairs(step.args.body.Env) do
      if text == key .. "=" then
        step.args.body.Env[i] = text .. value
      end
    end
  end
  step.args.hidden = nil
end

return M
