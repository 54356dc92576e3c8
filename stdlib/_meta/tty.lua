---@meta
-- core.tty: this process's stdin (0), stdout (1) and stderr (2), and its terminal. Scripts use the module `ui`.

---@class core.tty
local tty = {}

---Writes all bytes; waits for the reader.
---@async
---@param fd integer
---@param bytes string
---@raise fail "reader_gone", "write_failed"
function tty.write(fd, bytes) end

---Reads what is there, at most `most` bytes; waits when nothing is. nil at the end of the input.
---@async
---@param fd integer
---@param most integer
---@return string?
---@raise fail "read_failed"
function tty.read(fd, most) end

---@param fd integer
---@return boolean
function tty.isatty(fd) end

---Columns and rows; nil when fd is no terminal.
---@param fd integer
---@return integer? columns
---@return integer? rows
function tty.size(fd) end

---Every byte as it is typed, nothing interpreted or shown, until the value is closed. Restored whatever ends the process.
---@param fd integer
---@return userdata to_be_closed
---@raise fail "no_tty"
function tty.raw(fd) end

---Lines as usual, but not shown, until the value is closed.
---@param fd integer
---@return userdata to_be_closed
---@raise fail "no_tty"
function tty.secret(fd) end

---Waits until the terminal's size changes; returns at once when it did since the last call.
---@async
function tty.wait_resize() end

return tty
