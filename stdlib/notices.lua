-- Lines for the reader that no result carries: warnings and notes of modules. The command line shows them on stderr;
-- without a listener they are dropped.
local M = {}

local listener
local seen = {}

---@alias notices.Kind "warning"|"note"

---Who is told from now on; nil: nobody. A line that was told once is told again to a new listener.
---@param fn? fun(kind: notices.Kind, text: string)
function M.listen(fn)
  listener, seen = fn, {}
end

-- The same line once only: several NASes and several modules may find the same thing.
local function tell(kind, text)
  if listener and not seen[text] then
    seen[text] = true
    listener(kind, text)
  end
end

---Something is not as it should be; the command goes on.
---@param text string
function M.warn(text)
  tell("warning", text)
end

---Something the reader should know.
---@param text string
function M.note(text)
  tell("note", text)
end

return M
