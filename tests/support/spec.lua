-- Runs specs in the real runtime: qnap-docker __script tests/support/spec.lua [PATTERN] [--update] FILE...
-- A spec file uses describe, it, before_each, after_each, pending and h (tests/support/helpers.lua). Prints TAP-like
-- lines; the last one is "N passed, N failed, N skipped".
local core_task = require "core.task"
local errors = require "errors"
local task = require "task"

local LIMIT = 30 -- seconds for one `it`

local args = { ... }
local here = debug.getinfo(1, "S").source:match "^@(.*/)" or "./"
local only -- text that a name must contain

-- Specs set up files and programs with a shell; scripts of the program have none (prelude).
local function sh(command)
  return require("proc").run { argv = { "/bin/sh", "-c", command }, stdio = nil, max_output = 64 << 20, timeout = LIMIT }
end
os.execute = function(command) -- luacheck: ignore
  local r = sh(command)
  return r.code == 0 or nil, r.signal and "signal" or "exit", r.code
end
io.popen = function(command) -- luacheck: ignore
  local r = sh(command)
  local pipe = { read = function() return r.stdout end }
  function pipe.close() return r.code == 0 or nil, r.signal and "signal" or "exit", r.code end
  return pipe
end

local count = { passed = 0, failed = 0, skipped = 0 }
local suite -- the describe block whose body runs: {name, parent, before, after}

local function full_name(name)
  local parts, s = { name }, suite
  while s and s.name do
    table.insert(parts, 1, s.name)
    s = s.parent
  end
  return table.concat(parts, " ")
end

local function snapshot()
  local globals, loaded = {}, {}
  for k in pairs(_G) do
    globals[k] = true
  end
  for k in pairs(string) do
    loaded["string." .. tostring(k)] = true
  end
  for k in pairs(table) do
    loaded["table." .. tostring(k)] = true
  end
  return { globals = globals, loaded = loaded, tasks = core_task.count() }
end

-- What a test left behind.
local function leftovers(before)
  local out, after = {}, snapshot()
  for k in pairs(after.globals) do
    if not before.globals[k] then
      out[#out + 1] = "global " .. tostring(k)
    end
  end
  for k in pairs(after.loaded) do
    if not before.loaded[k] then
      out[#out + 1] = k
    end
  end
  if after.tasks ~= before.tasks then
    out[#out + 1] = ("%d task(s)"):format(after.tasks - before.tasks)
  end
  return out
end

local function hooks(kind, s)
  if not s then
    return
  end
  if kind == "before" then
    hooks(kind, s.parent)
  end
  for _, fn in ipairs(s[kind]) do
    fn()
  end
  if kind == "after" then
    hooks(kind, s.parent)
  end
end

local function describe_error(err)
  if errors.is(err) then
    local parts = { err.message }
    for _, key in ipairs { "why", "engine", "hint", "code", "category" } do
      if err[key] then
        parts[#parts + 1] = ("  %s: %s"):format(key, tostring(err[key]))
      end
    end
    parts[#parts + 1] = err.traceback
    return table.concat(parts, "\n")
  end
  return tostring(err)
end

-- Without the runner's own frames at the end of a traceback.
local function indented(text)
  text = text:gsub("\n%s+tests/support/spec%.lua:%d+: in local 'fn'.*$", "")
  return "  # " .. text:gsub("\n", "\n  # ")
end

local function result(ok, name, why)
  count[ok and "passed" or "failed"] = count[ok and "passed" or "failed"] + 1
  print(("%s - %s"):format(ok and "ok" or "not ok", name))
  if why then
    print(indented(why))
  end
end

local function skip(name, why)
  count.skipped = count.skipped + 1
  print(("ok - %s # SKIP %s"):format(name, why or "pending"))
end

local PENDING = {} -- raised by pending() inside a test

local function traced(err)
  if type(err) == "table" then
    return err
  end
  return debug.traceback(tostring(err), 2)
end

local function run_one(name, fn)
  local before, here_suite = snapshot(), suite
  local ok, err = xpcall(function()
    task.deadline(LIMIT, function()
      local _ <close> = defer(function()
        hooks("after", here_suite)
      end)
      hooks("before", here_suite)
      fn()
    end)
  end, traced)
  if not ok and type(err) == "table" and err[PENDING] then
    return skip(name, err.why)
  end
  local left = leftovers(before)
  if ok and #left > 0 then
    ok, err = false, "left behind: " .. table.concat(left, ", ")
  end
  result(ok, name, not ok and describe_error(err) or nil)
end

local words = {}

function words.describe(name, fn)
  suite = { name = name, parent = suite, before = {}, after = {} }
  local ok, err = xpcall(fn, traced)
  if not ok then
    result(false, full_name "(body)", describe_error(err))
  end
  suite = suite.parent
end

function words.it(name, fn)
  local full = full_name(name)
  if not only or full:find(only, 1, true) then
    run_one(full, fn)
  end
end

function words.before_each(fn)
  table.insert(suite.before, fn)
end

function words.after_each(fn)
  table.insert(suite.after, fn)
end

---Outside of a test: counts a test as skipped. Inside: ends it as skipped.
function words.pending(name, why)
  if why == nil then
    error({ [PENDING] = true, why = name }, 0)
  end
  skip(full_name(name), why)
end

local function run_file(path, helpers)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  local env = setmetatable({ h = helpers }, {
    __index = function(_, key)
      return words[key] or _G[key]
    end,
    __newindex = function(_, key)
      error("assignment to the undeclared variable '" .. tostring(key) .. "'", 2)
    end,
  })
  suite = { before = {}, after = {} }
  local chunk, why = load(text, "@" .. path, "t", env)
  if not chunk then
    return result(false, path, why)
  end
  local ok, err = xpcall(chunk, traced)
  if not ok then
    result(false, path, describe_error(err))
  end
end

local files, update = {}, false
for _, word in ipairs(args) do
  if word == "--update" then
    update = true
  elseif word:find "_spec%.lua$" then
    files[#files + 1] = word
  elseif word ~= "" then
    only = word
  end
end
local helpers = assert(loadfile(here .. "helpers.lua"))(here, update)
for _, path in ipairs(files) do
  run_file(path, helpers)
end
print(("%d passed, %d failed, %d skipped"):format(count.passed, count.failed, count.skipped))
return count.failed > 0 and 1 or 0
