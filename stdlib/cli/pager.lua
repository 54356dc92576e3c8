-- Long output on a terminal goes through a pager: what does not fit one screen is handed to $QNAP_DOCKER_PAGER, $PAGER or
-- less. Nothing starts before there is more than a screen of it. Dependencies: cli.output, core.signals, core.tty, proc, ui.text.
local output = require "cli.output"
local signals = require "core.signals"

local M = {}

local DEFAULT = { "less", "-FIRX" }

---@class cli.Pager
---@field argv string[]
---@field rows integer of the terminal
---@field columns integer
---@field lines integer rows that were taken up so far
---@field kept string[] what was not shown yet
---@field held string[] words for stderr that come behind the output
---@field process? core.proc.Process
---@field claim? userdata signals are ours while it runs
---@field signal? string that ended the pager
---@field gone? boolean the reader has left: the rest is not wanted
---@field over? boolean everything goes to the terminal itself
local Pager = {}
Pager.__index = Pager

---The program and its arguments; nil where none is wanted. A variable that is empty, or "cat", says so.
---@return string[]?
function M.program()
  local words = os.getenv "QNAP_DOCKER_PAGER" or os.getenv "PAGER"
  if not words then return DEFAULT end
  words = words:match "^%s*(.-)%s*$"
  if words == "" or words == "cat" then return nil end
  return { "sh", "-c", words } -- it may hold arguments and quotes: it is the user's own
end

local function wanted(ctx)
  local def, flags = ctx.spec.def, ctx.flags
  if ctx.global.no_pager or flags.watch then return false end
  local term = os.getenv "TERM" or "dumb"
  return term ~= "dumb" and (def.pager == true or def.pager(ctx))
end

---Begins to collect what a command with `pager` writes to a terminal; nil when no pager is wanted. Hold it in a `<close>` variable.
---@param ctx cli.Context
---@return cli.Pager?
function M.begin(ctx)
  local argv = wanted(ctx) and M.program()
  local columns, rows = require("core.tty").size(1)
  if not argv or not columns or rows < 2 then return nil end
  local self = setmetatable({ argv = argv, rows = rows, columns = columns, lines = 0, kept = {}, held = {} }, Pager)
  output.pager = self
  return self
end

-- Rows of the terminal that the text takes; lines that are too long wrap.
local function rows_of(text, columns)
  local width, rows = require("ui.text").width, 0
  for line in text:gmatch "([^\n]*)\n" do
    rows = rows + math.max(1, (width((line:gsub("\27%[[%d;:]*m", ""))) + columns - 1) // columns)
  end
  return rows
end

local function start(self)
  local environment = { LESS = os.getenv "LESS" or "FRX", LV = os.getenv "LV" or "-c" }
  local stdio = { stdin = "pipe", stdout = "inherit", stderr = "inherit" }
  self.process = try(require("proc").spawn, { argv = self.argv, env = environment, stdio = stdio })
  if self.process then self.claim = signals.claim(false) end
  self.over = not self.process -- no such program: better without than not at all
end

-- Runs fn while somebody reads. Ctrl-C is the pager's own; what else ends us ends it, too.
local function attended(self, fn)
  local function watch()
    if not self.claim then require("task").sleep(365 * 86400) end
    self.signal = self.claim:next()
    self.process:kill "TERM"
  end
  require("task").race { fn, watch }
  self.gone = self.gone or self.signal ~= nil
end

local function send(self)
  local bytes = table.concat(self.kept)
  self.kept = {}
  if not self.process then return require("core.tty").write(1, bytes) end
  attended(self, function()
    local _, err = try(self.process.write, self.process, bytes)
    if err and err.code ~= "reader_gone" then error(err, 0) end
    self.gone = err ~= nil
  end)
end

---@async
---@param bytes string
function Pager:write(bytes)
  if self.gone then return end
  self.kept[#self.kept + 1] = bytes
  if not self.process and not self.over then
    self.lines = self.lines + rows_of(bytes, self.columns)
    if self.lines < self.rows then return end
    start(self)
  end
  send(self)
end

---Whether words for stderr have to wait until the output is read.
---@return boolean
function Pager:is_busy() return self.process ~= nil or #self.kept > 0 end

---Shows what is left and waits until it is read; afterwards output is as always.
---@async
---@raise cancelled by a signal that ended the pager
function Pager:finish()
  if output.pager ~= self then return end
  output.pager = nil
  local _ <close> = defer(function()
    if self.claim then self.claim:release() end
    for _, text in ipairs(self.held) do output.err(text) end
  end)
  if #self.kept > 0 and not self.gone then send(self) end
  if not self.process then return end
  local process <close> = self.process
  process:close_stdin()
  attended(self, function() process:wait() end)
  if self.signal then Error { category = "cancelled", code = "interrupted", message = "interrupted", why = "SIG" .. self.signal } end
end

Pager.__close = Pager.finish

return M
