-- Questions before something is changed or destroyed (danger levels D0 to D3).
local output = require "cli.output"

local M = {}

---@class cli.Question
---@field level 0|1|2|3
---@field question string what will happen: "Remove 3 volumes?"
---@field items? string[] what it concerns, listed before the question
---@field name? string level 3: what has to be typed
---@field protected? boolean the profile is protected: level 1 asks, too, and -f is no answer
---@field force? boolean the command's own -f: answers levels 1 and 2

local function bare(question)
  return (question.question:gsub("%s*%?$", ""))
end

local function missing(question, flag)
  Error {
    category = "aborted", code = "confirmation_needed",
    message = ("not confirmed: %s"):format(bare(question)),
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
  Error { category = "aborted", code = "aborted", message = ("not done: %s"):format(bare(question)), why = "the answer was no" }
end

local function ask_yes(question, ui)
  output.err(list(question) .. ("%s? [y/N] (--yes) "):format(bare(question)))
  local answer = ui.read_line()
  if not (answer and answer:lower():find "^%s*y") then
    aborted(question)
  end
end

local function ask_name(question, ui)
  output.err(list(question) .. ("%s? Type %s to go on: "):format(bare(question), question.name))
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
  if level == 0 or (level == 1 and not question.protected) then
    return
  elseif level == 3 then
    if flags.confirm == question.name then
      return
    elseif flags.confirm then
      Error {
        category = "aborted", code = "confirmation_differs", message = ("not confirmed: %s"):format(bare(question)),
        why = ("--confirm says '%s', not '%s'"):format(flags.confirm, question.name),
      }
    elseif not ui.can_ask() then
      missing(question, "--confirm " .. question.name)
    end
    return ask_name(question, ui)
  end
  if flags.yes or (question.force and not question.protected) then
    return
  elseif not ui.can_ask() then
    missing(question, "--yes")
  end
  ask_yes(question, ui)
end

return M
