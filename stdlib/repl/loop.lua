-- The conversation: prompt, chunk, what comes of it, until the input ends. On a terminal, or from a pipe without a prompt.
-- Dependencies: core.task, repl.*.
local core_task = require "core.task"
local commands = require "repl.commands"
local reader = require "repl.reader"

local M = {}

local CONTINUATION = "…> "

local function is_command(text) return text:find "^%s*:%a" or text:find "^%s*\\x%s*$" end

-- Painted, with the marks that say that colours take no room; the last character is plain.
local function prompt_of(session)
  local name = session.profile and session.profile.name or "qnap-docker"
  local shown = name .. (session.dry and " (dry)" or "") .. ">"
  local painted = session.style:paint(session.profile and session.profile.color or "bold", shown)
  return painted:gsub("\27%[[%d;]*m", "\1%0\1") .. " "
end

-- One chunk, over as many lines as it takes; nil and why when there is none.
local function read_chunk(session, terminal)
  local event, text = terminal:read(prompt_of(session))
  while event == "line" do
    if is_command(text) or reader.read(text, session.env).kind ~= "incomplete" then return text end
    local more
    event, more = terminal:read(CONTINUATION)
    text = more and text .. "\n" .. more
  end
  return nil, event
end

local function run(session, text)
  if is_command(text) then return commands.run(session, text) end
  return session:evaluate(text)
end

local function completer(session)
  local around = {
    env = session.env, commands = commands.candidates(), live = require("repl.names").of(session), files = require("repl.names").files,
  }
  return function(text, cursor) return require("repl.complete").tab(text, cursor, around, require("ui").width()) end
end

---On a terminal, until Ctrl-D or :quit.
---@async
---@param session repl.Session
---@param begin? fun() what runs before the first prompt
function M.interactive(session, begin)
  local history = require("repl.history").open()
  local terminal <close> = require("repl.terminal").open(completer(session))
  core_task.session(true)
  local _ <close> = defer(function()
    session:close()
    core_task.session(false)
  end)
  session.history = history
  function session.remember(text)
    history:add(text)
    terminal:recall(history.entries)
  end
  terminal:recall(history.entries)
  if begin then begin() end
  while true do
    local text, event = read_chunk(session, terminal)
    if event == "eof" then return end
    if text and text:find "%S" then
      session.remember(text)
      local state, err = run(session, text)
      if state == "quit" then return end
      if state == "failed" then session.tell(err) end
    end
  end
end

---From a pipe: chunk after chunk, without a prompt. The first failure ends it and is raised.
---@async
---@param session repl.Session
---@param next_line fun(): string?
function M.piped(session, next_line)
  local text
  for line in next_line do
    text = text and text .. "\n" .. line or line
    local state, err
    if text:find "^#!" then
      state = "done"
    else
      state, err = run(session, text)
    end
    if state == "quit" then return end
    if state == "failed" then error(err, 0) end
    if state ~= "incomplete" then text = nil end
  end
  if text then error(reader.syntax_error(reader.read(text, session.env).why or "it ends too early"), 0) end
end

return M
