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

registry["qd.command"] = function(...)
  local args = table.pack(...)
  return function()
    local main = assert(require("core.embedded").load "lua/main.lua")
    return require("task")._root(true, main, table.unpack(args, 1, args.n))
  end
end

-- What a script returns goes to the caller as JSON.
local function script(source, name, arguments)
  local chunk, why = raw_load(source, name, "t")
  if not chunk then
    Error { category = "usage", code = "bad_script", message = "cannot run " .. name:gsub("^[@=]", ""), why = why }
  end
  local value
  if arguments then
    local list = require("core.json").decode(arguments)
    if not require("core.json").is_array(list) and (type(list) ~= "table" or next(list) ~= nil) then
      Error { category = "usage", code = "bad_arguments", message = "the arguments of a script are a JSON array" }
    end
    value = chunk(table.unpack(list))
  else
    value = chunk()
  end
  if value ~= nil then require("core.job").result(require("core.json").encode(value)) end
  return 0
end

registry["qd.script"] = function(source, name, arguments)
  return function() return require("task")._root(false, script, source, name, arguments) end
end

-- Functions of the embedding program: `require("host").NAME`.
registry["qd.host"] = function(name, fn)
  local host = package.loaded.host or {}
  package.loaded.host = host
  host[name] = fn
end

setmetatable(_G, {
  __index = function(_, name) error("variable '" .. tostring(name) .. "' is not declared", 2) end,
  __newindex = function(_, name) error("assignment to the undeclared variable '" .. tostring(name) .. "'", 2) end,
})
