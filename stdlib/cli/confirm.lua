-- Questions before something is changed or destroyed (danger levels D0 to D3).
local output = require "cli.output"

local M = {}

---@class cli.Question
---@field level "D0"|"D1"|"D2"|"D3"
---@field what string what will happen, as a question without the mark: "Remove 3 volumes"
---@field items? string[] what it concerns, listed before the question
---@field name? string D3: what has to be typed
---@field protected? boolean the profile is protected: D1 asks, too
---@field force? boolean the command's own -f: answers D1 and D2

local function missing(question, flag)
  Error {
    category = "aborted", code = "confirmation_needed",
    message = ("not confirmed: %s"):format(question.what),
    why = "there is no terminal to ask on, or --no-input was given",
    hint = flag,
  }
end

local function list(question)
  local items, out = question.items or {}, {}
  for i, item in ipairs(items) do
    if i > 20 then
      out[#out + 1] = ("  … and %d more\n"):format(#items - 20)
      break
    end
    out[#out + 1] = "  " .. item .. "\n"
  end
  return table.concat(out)
end

local function aborted(question)
  Error { category = "aborted", code = "aborted", message = ("not done: %s"):format(question.what), why = "the answer was no" }
end

local function ask_yes(question, ui)
  output.err(list(question) .. ("%s? [y/N] (--yes) "):format(question.what))
  local answer = ui.read_line()
  if not (answer and answer:lower():find "^%s*y") then
    aborted(question)
  end
end

local function ask_name(question, ui)
  output.err(list(question) .. ("%s? Type %s to go on: "):format(question.what, question.name))
  local answer = ui.read_line()
  if (answer or ""):match "^%s*(.-)%s*$" ~= question.name then
    aborted(question)
  end
end

---Asks what its level demands. Returns when the answer is yes; raises `aborted` otherwise.
---@async
---@param question cli.Question
---@param flags table<string, any> yes, confirm
function M.ask(question, flags)
  local ui = require "ui"
  local level = question.level
  if level == "D0" or (level == "D1" and not question.protected) then
    return
  elseif level == "D3" then
    if flags.confirm == question.name then
      return
    elseif flags.confirm then
      Error {
        category = "aborted", code = "confirmation_differs", message = ("not confirmed: %s"):format(question.what),
        why = ("--confirm says '%s', not '%s'"):format(flags.confirm, question.name),
      }
    elseif not ui.can_ask() then
      missing(question, "--confirm " .. question.name)
    end
    return ask_name(question, ui)
  end
  if flags.yes or question.force then
    return
  elseif not ui.can_ask() then
    missing(question, "--yes")
  end
  ask_yes(question, ui)
end

return M
