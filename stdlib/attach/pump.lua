-- A process's streams on this terminal: stdin to it, its output here, window size, detach keys, signals.
-- Used by run, exec, start -a and attach. Engine API 1.41, "Attach to a container".
local task = require "task"
local tty = require "tty"
local signals = require "core.signals"
local keys = require "attach.keys"
local json = require "json"

local M = {}

local STDIN, STDOUT, STDERR = 0, 1, 2
local CHUNK = 32768

---@class attach.Options
---@field tty boolean the process has a terminal: one raw stream instead of frames
---@field stdin boolean send our stdin
---@field half_close? boolean the end of our stdin ends the process's (only then may it be told)
---@field detach_keys? string "ctrl-p,ctrl-q"
---@field resize? fun(rows: integer, columns: integer) tells the engine
---@field kill? fun(signal: string) passes a signal of ours on (--sig-proxy)

local function show_output(session)
  while true do
    local which, bytes = session:read(CHUNK)
    if not which then return end
    tty.write(which == "stderr" and STDERR or STDOUT, bytes)
  end
end

-- A connection that breaks while we write ends the input; what that means, the output tells.
local function give(session, bytes)
  local taken, err = try(session.write, session, bytes)
  if err and err.category ~= "connect" then error(err, 0) end
  return taken
end

-- Returns "detached" when the user typed the keys; never returns at the end of stdin, the process's output decides.
local function send_input(session, options)
  local filter = options.tty and keys.filter(keys.parse(options.detach_keys))
  while true do
    local bytes = tty.read(STDIN, CHUNK)
    if not bytes then break end
    local detached = false
    if filter then bytes, detached = filter(bytes) end
    if bytes ~= "" and not give(session, bytes) then break end
    if detached then return "detached" end
  end
  if options.half_close then
    session:shutdown()
  elseif options.tty then
    session:write "\4" -- a terminal has no end of input but ^D
  end
  task.sleep(365 * 24 * 3600)
end

local function follow_size(resize)
  while true do
    local columns, rows = tty.size(STDOUT)
    if columns then try(resize, rows, columns) end
    tty.wait_resize()
  end
end

local function pass_signals(claim, kill)
  while true do
    try(kill, claim:next())
  end
end

local function race(session, options, claim)
  local functions = {
    function()
      show_output(session)
      return "ended"
    end,
  }
  if options.stdin then
    functions[#functions + 1] = function() return send_input(session, options) end
  end
  if options.tty and options.resize and tty.isatty(STDOUT) then
    functions[#functions + 1] = function() follow_size(options.resize) end
  end
  if claim then functions[#functions + 1] = function() pass_signals(claim, options.kill) end end
  return task.race(functions)
end

---Connects this terminal with a process until the process ends its output or the user detaches.
---The terminal is restored whatever happens.
---@async
---@param session docker.Session
---@param options attach.Options
---@return "ended"|"detached"
function M.run(session, options)
  local raw <close> = options.tty and options.stdin and tty.isatty(STDIN) and tty.raw(STDIN) or nil -- luacheck: ignore
  local claim <close> = options.kill and not raw and signals.claim() or nil
  return race(session, options, claim)
end

---@return boolean whether stdin and stdout are a terminal
function M.is_terminal() return tty.isatty(STDIN) and tty.isatty(STDOUT) end

---Rows and columns of our terminal as the engine's ConsoleSize wants them; nil without a terminal.
---@return integer[]?
function M.console_size()
  local columns, rows = tty.size(STDOUT)
  return columns and json.array { rows, columns } or nil
end

---Whether -t can be served: docker's own words when stdin is no terminal.
---@param flags {tty: boolean, interactive: boolean}
---@param hint? string
function M.check_tty(flags, hint)
  if flags.tty and flags.interactive and not tty.isatty(STDIN) then
    Error {
      category = "usage", code = "no_tty", message = "the input device is not a TTY", exit_code = 1,
      hint = hint or "leave out -t, or run it in a terminal",
    }
  end
end

return M
