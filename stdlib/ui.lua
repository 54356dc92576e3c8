-- What a terminal user sees: width, colours, questions. Nothing here knows a command.
-- Dependencies: core.task, core.tty.
local core_task = require "core.task"
local tty = require "core.tty"

local M = {}

local settings = { color = "auto", input = true }

---What the global flags say, once per command line.
---@param flags table<string, any> color, no_color, no_input
function M.setup(flags)
  settings.color = flags.no_color and "never" or flags.color or "auto"
  settings.input = not flags.no_input
end

local FD = { stdin = 0, stdout = 1, stderr = 2 }

---@param stream "stdin"|"stdout"|"stderr"
---@return boolean
function M.is_tty(stream)
  return tty.isatty(FD[stream])
end

---Whether a question can be answered: someone sits at the terminal, and --no-input was not given.
---@return boolean
function M.can_ask()
  return settings.input and M.is_tty "stdin" and M.is_tty "stderr"
end

local questions = { seconds = 0, open = nil } -- time that was spent on them; since when one is open

---Seconds that questions to the user took so far.
---@return number
function M.asked()
  return questions.seconds + (questions.open and M.clock() - questions.open or 0)
end

-- One question at a time: several NASes may want a password.
local function one_at_a_time()
  while questions.open do
    require("task").sleep(0.05)
  end
  questions.open = M.clock()
  return defer(function()
    questions.seconds, questions.open = M.asked(), nil
  end)
end

local typed = "" -- what was read beyond the last line

---Reads a line of stdin; nil at its end.
---@async
---@return string?
function M.read_line()
  require("cli.output").settle()
  while true do
    local line, rest = typed:match "^([^\n]*)\n(.*)$"
    if line then
      typed = rest
      return line
    end
    local bytes = tty.read(FD.stdin, 4096)
    if not bytes then
      line, typed = typed, ""
      return line ~= "" and line or nil
    end
    typed = typed .. bytes
  end
end

---Asks for something that must not be seen; the end of the line is. nil at the end of the input.
---@async
---@param prompt string
---@return string?
function M.read_secret(prompt)
  local _ <close> = one_at_a_time()
  local _ <close> = tty.secret(FD.stdin) -- before the prompt: who has read it may type
  require("cli.output").err(prompt)
  return M.read_line()
end

local function must_ask(question, hint)
  if not M.can_ask() then
    Error {
      category = "aborted", code = "no_terminal", message = ("not answered: %s"):format(question),
      why = "there is no terminal to ask on, or --no-input was given", hint = hint,
    }
  end
end

local function answer(question, prompt)
  local _ <close> = one_at_a_time()
  require("cli.output").err(prompt)
  local line = M.read_line()
  if not line then
    Error { category = "aborted", code = "no_answer", message = ("not answered: %s"):format(question), why = "the input ended" }
  end
  return line:match "^%s*(.-)%s*$"
end

---Whether a question can be answered. The same as can_ask.
---@return boolean
function M.is_interactive()
  return M.can_ask()
end

---Asks for a line of text on the terminal.
---@async
---@param question string
---@param default? string what an empty answer means
---@return string
---@raise aborted
function M.ask(question, default)
  must_ask(question)
  local line = answer(question, question .. (default and (" [%s]"):format(default) or "") .. " ")
  return line == "" and default or line
end

---Asks yes or no.
---@async
---@param question string
---@param options? {default?: boolean, flag?: string} default: what an empty answer means (no); flag: what answers it without a terminal
---@return boolean
---@raise aborted
function M.confirm(question, options)
  options = options or {}
  must_ask(question, options.flag)
  local keys = options.default and "[Y/n]" or "[y/N]"
  local line = answer(question, ("%s %s%s "):format(question, keys, options.flag and (" (%s)"):format(options.flag) or "")):lower()
  if line == "" then
    return options.default or false
  end
  return line:sub(1, 1) == "y"
end

---Asks for something that is not shown while it is typed.
---@async
---@param question string
---@return string
---@raise aborted
function M.password(question)
  must_ask(question)
  local line = M.read_secret(question .. " ")
  if not line then
    Error { category = "aborted", code = "no_answer", message = ("not answered: %s"):format(question), why = "the input ended" }
  end
  return line
end

---Seconds that never go back.
---@return number
function M.clock()
  return core_task.now()
end

---Columns of the terminal; 80 where there is none, COLUMNS when set.
---@return integer
function M.width()
  local env = math.tointeger(tonumber(os.getenv "COLUMNS"))
  if env and env > 0 then
    return env
  end
  if M.is_tty "stdout" then
    local columns = tty.size(FD.stdout)
    return columns and columns > 0 and columns or 80
  end
  return 80
end

---Colours for a stream.
---@param stream "stdout"|"stderr"
---@return ui.Style
function M.style(stream)
  local style = require "ui.style"
  return style.new(style.wanted(M.is_tty(stream), settings.color))
end

return M
