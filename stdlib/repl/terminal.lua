-- Lines from a terminal, and what other tasks print meanwhile above the line that is edited.
-- Dependencies: core.edit (libedit), core.tty.
local core_edit = require "core.edit"
local tty = require "core.tty"

local M = {}

local STDIN, MOST = 0, 4096

---@class repl.Terminal
---@field editor core.edit.Editor
---@field complete fun(text: string, cursor: integer): repl.Completion
---@field partial string what was printed above and is no whole line yet
---@field inside boolean what a chunk printed last did not end its line
local Terminal = {}
Terminal.__index = Terminal

-- Whole lines go above the prompt; the rest waits for its end.
local function above(self, bytes)
  local lines, rest = (self.partial .. bytes):match "^(.*\n)(.*)$"
  self.partial = rest or self.partial .. bytes
  if lines then self.editor:above(lines) end
end

local function flush(self)
  if self.partial == "" then return end
  local rest = self.partial
  self.partial = ""
  io.stdout:write(rest, "\n")
end

-- Everything that prints to the terminal comes through here while a line is edited. Returns what puts things back.
local function divert(self)
  local methods = getmetatable(io.stdout).__index
  local write, io_write, tty_write, plain_print = methods.write, io.write, tty.write, print
  local function editing() return self.editor:active() end
  local function note(bytes) self.inside = bytes ~= "" and bytes:sub(-1) ~= "\n" or bytes == "" and self.inside end
  function methods.write(file, ...)
    if file ~= io.stdout and file ~= io.stderr then return write(file, ...) end
    local bytes = table.concat { ... }
    if not editing() then
      note(bytes)
      return write(file, bytes)
    end
    above(self, bytes)
    return file
  end
  io.write = function(...) return io.output():write(...) end -- luacheck: ignore
  function tty.write(fd, bytes)
    if not tty.isatty(fd) then return tty_write(fd, bytes) end
    if not editing() then
      note(bytes)
      return tty_write(fd, bytes)
    end
    above(self, bytes)
  end
  _G.print = function(...)
    if not editing() then
      self.inside = false
      return plain_print(...)
    end
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    above(self, table.concat(words, "\t") .. "\n")
  end
  return function() methods.write, io.write, tty.write, _G.print = write, io_write, tty_write, plain_print end -- luacheck: ignore
end

---Opens the terminal. Its value is to be closed.
---@param complete fun(text: string, cursor: integer): repl.Completion
---@return repl.Terminal
---@raise unsupported "no_libedit"
function M.open(complete)
  local self = setmetatable({ editor = core_edit.open(), complete = complete, partial = "", inside = false }, Terminal)
  self.restore = divert(self)
  self.watch = require("task").spawn(function()
    while true do
      tty.wait_resize()
      self.editor:resize()
    end
  end)
  return self
end

function Terminal:close()
  self.watch:cancel()
  self.restore()
  self.editor:close()
end
Terminal.__close = Terminal.close

-- Tab: what is sure is put in; otherwise the choices are listed.
local function answer(self, text, cursor)
  local ok, found = pcall(self.complete, text, cursor)
  if not ok then
    if require("task").cancelled() then error(found, 0) end
    return self.editor:complete(0, "")
  end
  if found.list then self.editor:above(found.list) end
  return self.editor:complete(found.remove, found.insert)
end

---Reads a line.
---@async
---@param prompt string what stands between two bytes 1 takes no room
---@param text? string what the line begins as
---@return "line"|"eof"|"abandoned" event
---@return string? text of a line
function Terminal:read(prompt, text)
  local _ <close> = defer(function()
    self.editor:stop()
    flush(self)
  end)
  if self.inside then io.stdout:write "\n" end
  local event, line, cursor = self.editor:begin(prompt, text)
  while true do
    if event == "more" then
      local bytes = tty.read(STDIN, MOST)
      if not bytes then return "eof" end
      event, line, cursor = self.editor:feed(bytes)
    elseif event == "complete" then
      event, line, cursor = answer(self, line, cursor)
    else
      return event, line
    end
  end
end

---What can be recalled.
---@param entries string[] the newest last
function Terminal:recall(entries) self.editor:history(entries) end

return M
