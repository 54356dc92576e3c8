---@meta
-- core.proc: child processes in C. Scripts use the module `proc`.

---@class core.proc
local proc = {}

---A running program. Closing it asks it to end (SIGTERM, two seconds later SIGKILL); tasks that wait on it are told.
---@class core.proc.Process
local Process = {} -- luacheck: ignore

---Returns what is there, at most `max` bytes (default 64 KiB); waits when nothing is. nil at the end.
---@async
---@param max? integer
---@param which? "stdout"|"stderr"
---@return string?
function Process:read(max, which) end

---Writes to its standard input, at the pace at which it reads.
---@async
---@param bytes string
---@raise fail "reader_gone", "write_failed"
function Process:write(bytes) end

---Ends its standard input, after what was written.
function Process:close_stdin() end

---Waits for its end.
---@async
---@param timeout? number seconds
---@return proc.Result code and signal
---@raise timeout
function Process:wait(timeout) end

---Sends a signal (default TERM), to what it started, too. false: it ended already.
---@param signal? "TERM"|"KILL"|"INT"|"HUP"|"QUIT"|"USR1"|"USR2"|"STOP"|"CONT"|"WINCH"
---@return boolean
function Process:kill(signal) end

---@return integer? nil once it ended
function Process:pid() end

function Process:close() end

---@async
---@param options proc.Options
---@return proc.Result
function proc.run(options) end

---@param options proc.Options
---@return core.proc.Process
function proc.spawn(options) end

return proc
