-- What lives from one chunk to the next: variables, results, the NAS, settings. Errors end a chunk and nothing else.
-- Dependencies: core.task, task, repl.*.
local core_task = require "core.task"
local reader = require "repl.reader"
local task = require "task"

local M = {}

---@class repl.Session
---@field env table the chunks' globals
---@field interactive boolean a person types; otherwise the first failure ends it
---@field count integer results so far
---@field settings {depth: integer, raw: boolean, expanded: boolean, format: "auto"|"json", dry: boolean}
local Session = {}
Session.__index = Session

---@param options {interactive: boolean, profile?: string, out: fun(text: string), style: ui.Style}
---@return repl.Session
function M.new(options)
  local self = setmetatable({
    interactive = options.interactive, profile = options.profile, out = options.out, style = options.style, count = 0, chunks = {},
    settings = { depth = 4, raw = false, expanded = false, format = "auto", dry = false },
  }, Session)
  self.env = require("repl.environment").new(self)
  return self
end

---Runs fn(...) as a task of its own that Ctrl-C stops.
---@async
---@return boolean ok
---@return any ... results, or the error
function Session:run(fn, ...)
  local chunk = task.spawn(fn, ...)
  if self.interactive then core_task.front(chunk.handle) end
  local results = table.pack(pcall(chunk.wait, chunk))
  if self.interactive then core_task.front(nil) end
  if not results[1] and task.cancelled() then error(results[2], 0) end -- the program is ended, not the chunk
  return table.unpack(results, 1, results.n)
end

---Keeps results as `_` and `_1`, `_2` …; returns the last number.
---@param values table of table.pack
function Session:keep(values)
  for i = 1, values.n do
    self.count = self.count + 1
    rawset(self.env, "_" .. self.count, values[i])
    rawset(self.env, "_", values[i])
  end
end

local function show(self, values)
  if values.n == 0 then return end
  local first = self.count + 1
  self:keep(values)
  local printer = require "repl.printer"
  for i = 1, values.n do self.out(printer.result(values[i], first + i - 1, self)) end
end

---Runs a chunk and shows what comes of it.
---@async
---@param text string
---@return "done"|"incomplete"|"failed"
---@return any err of a failure
function Session:evaluate(text)
  local chunk = reader.read(text, self.env)
  if chunk.kind == "empty" or chunk.kind == "incomplete" then return chunk.kind == "empty" and "done" or "incomplete", chunk.why end
  if chunk.kind == "error" then
    return "failed", require("errors").new { category = "usage", code = "bad_syntax", message = chunk.why }
  end
  local results = table.pack(self:run(chunk.fn))
  if not results[1] then return "failed", results[2] end
  self.chunks[#self.chunks + 1] = text
  local values = table.pack(table.unpack(results, 2, results.n))
  if chunk.expression or values.n > 0 then
    local ok, err = self:run(show, self, values) -- a value's own __tostring may fail, or go on for ever
    if not ok then return "failed", err end
  end
  return "done"
end

return M
