-- What every script finds in place: waiting through user coroutines, try/defer/Error, strict globals.
-- Runs once per runtime, before anything else; nothing here may wait.
local core_task = require "core.task"
local core_error = require "core.error"

-- A wait inside a user's own coroutine must reach the scheduler: the sentinel passes outwards through every
-- resume, and the results come back in.
local raw_resume, raw_wrap, yield = coroutine.resume, coroutine.wrap, coroutine.yield
local SENTINEL = core_task.SENTINEL

local function pump(co, ok, value, ...)
  if ok and value == SENTINEL then return pump(co, raw_resume(co, yield(SENTINEL))) end
  return ok, value, ...
end

coroutine._resume, coroutine._wrap = raw_resume, raw_wrap -- luacheck: ignore

function coroutine.resume(co, ...) return pump(co, raw_resume(co, ...)) end -- luacheck: ignore

local function unwrap(co, ok, ...)
  if ok then return ... end
  coroutine.close(co)
  error((...), 0)
end

function coroutine.wrap(fn) -- luacheck: ignore
  local co = coroutine.create(fn)
  return function(...) return unwrap(co, coroutine.resume(co, ...)) end
end

-- Source text only: crafted bytecode can break the VM.
local raw_load = load
function load(chunk, name, _, ...) return raw_load(chunk, name, "t", ...) end -- luacheck: ignore

function loadfile(path, _, ...) -- luacheck: ignore
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text = file:read "a"
  file:close()
  return raw_load(text:gsub("^#[^\n]*", ""), "@" .. path, "t", ...)
end

---Raises an operational failure.
---@param fields {category: string, code: string, message: string, why?: string, hint?: string, engine?: string}
function Error(fields) -- luacheck: ignore
  error(core_error.new(fields), 0)
end

-- Both would stop every task until the program ends, and put words through a shell.
local function use_proc(name)
  return function() error(name .. " would block every task: use proc.run { argv = { … } }", 2) end
end
os.execute, io.popen = use_proc "os.execute", use_proc "io.popen" -- luacheck: ignore

local function first_failed(ok, ...)
  if ok then return ... end
  local err = ...
  if not core_error.is(err) then error(err, 0) end -- a bug, not an operational failure
  if err.category == "cancelled" then error(err, 0) end
  return nil, err
end

---Calls fn(...). Returns its results, or nil and the Error it raised. Cancellation and bugs go on.
function try(fn, ...) -- luacheck: ignore
  return first_failed(pcall(fn, ...))
end

local deferred = {
  __close = function(self)
    core_task.shield(true)
    local ok, err = pcall(self.fn)
    core_task.shield(false)
    if not ok then error(err, 0) end
  end,
}

---`local _ <close> = defer(fn)`: fn runs when the block ends, however it ends; it may wait (2 s after a cancel).
function defer(fn) -- luacheck: ignore
  return setmetatable({ fn = fn }, deferred)
end

-- Entries for the C host: each returns the function that becomes task 0 and gives the exit code.
local registry = debug.getregistry()

local function entry(fn, n, ...)
  local args = table.pack(...)
  return function() return require("task")._root(fn, table.unpack(args, 1, n)) end
end

registry["qd.command"] = function(n, ...)
  return entry(assert(require("core.embedded").load "lua/main.lua"), n, ...)
end

registry["qd.script"] = function(_, source, name)
  local chunk, why = load(source, name)
  if chunk then return entry(chunk, 0) end
  return function()
    io.stderr:write("error: ", why, "\n")
    return 1
  end
end

setmetatable(_G, {
  __index = function(_, name) error("variable '" .. tostring(name) .. "' is not declared", 2) end,
  __newindex = function(_, name) error("assignment to the undeclared variable '" .. tostring(name) .. "'", 2) end,
})
