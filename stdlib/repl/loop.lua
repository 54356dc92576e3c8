-- The conversation: prompt, chunk, what comes of it, until the input ends.
-- Dependencies: core.task, repl.*.
local core_task = require "core.task"

local M = {}

local CONTINUATION = "…> "

-- One chunk, over as many lines as it takes; nil and why when there is none.
local function read_chunk(session, terminal, prompt)
  local event, text = terminal:read(prompt)
  while event == "line" do
    if text:find "^%s*[:\\]" then return text end
    if require("repl.reader").read(text, session.env).kind ~= "incomplete" then return text end
    local more
    event, more = terminal:read(CONTINUATION)
    text = more and text .. "\n" .. more
  end
  return nil, event
end

---@async
---@param session repl.Session
function M.interactive(session)
  local terminal <close> = require("repl.terminal").open(function() return { remove = 0, insert = "" } end)
  core_task.session(true)
  local _ <close> = defer(function() core_task.session(false) end)
  while true do
    local text, event = read_chunk(session, terminal, session:prompt())
    if event == "eof" then return end
    if text then
      local state, err = session:evaluate(text)
      if state == "failed" then session:tell(err) end
    end
  end
end

return M
