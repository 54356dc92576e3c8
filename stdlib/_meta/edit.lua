---@meta
-- core.edit: the line editor of the REPL (src/bind/edit.c, src/term). libedit is opened on first use. It reads nothing itself: what was
-- read from the terminal is fed to it, and each call says what came of it.

---@class core.edit
local edit = {}

---@alias core.edit.Event
---| "more" feed it what is typed next
---| "line" Enter; the text is behind it
---| "eof" Ctrl-D on an empty line
---| "abandoned" Ctrl-C
---| "complete" Tab; text and cursor are behind it; wants complete()

---An editor on stdin and stdout, which are a terminal.
---@return core.edit.Editor
---@raise unsupported "no_libedit"
function edit.open() end

---To be closed.
---@class core.edit.Editor
local Editor = {}

---Shows the prompt and begins a line. What was fed before and not used comes first.
---@param prompt string what stands between two bytes 1 takes no room
---@param text? string what the line begins as
---@return core.edit.Event event
---@return string? text
---@return integer? cursor bytes in front of it
function Editor:begin(prompt, text) end

---@param bytes string
---@return core.edit.Event event
---@return string? text
---@return integer? cursor
function Editor:feed(bytes) end

---Answers "complete".
---@param remove integer characters in front of the cursor that give way
---@param insert string
---@return core.edit.Event event
---@return string? text
---@return integer? cursor
function Editor:complete(remove, insert) end

---@return boolean whether a line is edited
function Editor:active() end

---Shows whole lines above the line that is edited; without one nothing happens.
---@param lines string
function Editor:above(lines) end

---The terminal has another size.
function Editor:resize() end

---Gives up the line that is edited.
function Editor:stop() end

---What can be recalled.
---@param entries string[] the newest last
function Editor:history(entries) end

function Editor:close() end

return edit
