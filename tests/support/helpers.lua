-- What specs call as h.*: checks, captured command lines, temporary changes of modules.
local here, update = ...
local errors = require "errors"

local h = { support = here }

local function show(value, depth)
  if type(value) == "string" then
    return ("%q"):format(value):gsub("\\\n", "\\n")
  elseif type(value) ~= "table" or (depth or 0) > 4 then
    return tostring(value)
  end
  local keys, parts = {}, {}
  for k in pairs(value) do
    keys[#keys + 1] = k
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, k in ipairs(keys) do
    local key = type(k) == "string" and k or ("[%s]"):format(tostring(k))
    parts[#parts + 1] = ("%s = %s"):format(key, show(value[k], (depth or 0) + 1))
  end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and math.type(a) == math.type(b)
  end
  for k, v in pairs(a) do
    if not same(v, b[k]) then
      return false
    end
  end
  for k in pairs(b) do
    if a[k] == nil then
      return false
    end
  end
  return true
end

local function fail(text)
  error(text, 3)
end

---Deeply equal (1 is not 1.0).
function h.eq(got, want, what)
  if not same(got, want) then
    fail(("%sgot  %s\nwant %s"):format(what and what .. ": " or "", show(got), show(want)))
  end
end

function h.ne(got, other)
  if same(got, other) then
    fail("both are " .. show(got))
  end
end

function h.ok(value, what)
  if not value then
    fail(what or ("got " .. show(value)))
  end
  return value
end

---The text holds `part`, literally.
function h.contains(text, part)
  if type(text) ~= "string" or not text:find(part, 1, true) then
    fail(("%s\ndoes not contain %s"):format(show(text), show(part)))
  end
end

function h.lacks(text, part)
  if text:find(part, 1, true) then
    fail(("%s\ncontains %s"):format(show(text), show(part)))
  end
end

function h.matches(text, pattern)
  if type(text) ~= "string" or not text:find(pattern) then
    fail(("%s\ndoes not match %s"):format(show(text), show(pattern)))
  end
end

---fn raises an Error with these fields (or, for a string, an error whose text contains it). Returns the error.
function h.raises(want, fn, ...)
  local ok, err = pcall(fn, ...)
  if ok then
    fail("nothing was raised")
  end
  if type(want) == "string" then
    if not tostring(err):find(want, 1, true) then
      fail(("raised %s, want %s"):format(show(tostring(err)), show(want)))
    end
    return err
  end
  if not errors.is(err) then
    fail("raised a string: " .. tostring(err))
  end
  for key, value in pairs(want) do
    if not same(err[key], value) then
      fail(("raised %s = %s, want %s (message: %s)"):format(key, show(err[key]), show(value), tostring(err.message)))
    end
  end
  return err
end

---Replaces fields of a module while fn runs.
function h.with(module, fields, fn)
  local old = {}
  for k, v in pairs(fields) do
    old[k] = module[k]
    module[k] = v
  end
  local _ <close> = defer(function()
    for k in pairs(fields) do
      module[k] = old[k]
    end
  end)
  return fn()
end

-- Runs fn with stdout and stderr caught. `terminal`: {width=, stdin=, stderr=} pretends that stdout (and those) is one.
local function captured(terminal, fn)
  local output, ui = require "cli.output", require "ui"
  local out, err = {}, {}
  local function out_to(list)
    return function(text)
      list[#list + 1] = text
    end
  end
  local code = h.with(output, { out = out_to(out), err = out_to(err) }, function()
    return h.with(ui, {
      is_tty = function(stream)
        return terminal ~= nil and (stream == "stdout" or terminal[stream] == true)
      end,
      width = function()
        return terminal and terminal.width or 80
      end,
      read_line = function()
        return table.remove(terminal.answers, 1)
      end,
    }, fn)
  end)
  return { code = code, out = table.concat(out), err = table.concat(err) }
end

---Runs a command line in this process and catches what it prints.
---@param argv string[]
---@param terminal? {width?: integer, stdin?: boolean, stderr?: boolean, answers?: string[]}
---@return {code: integer, out: string, err: string}
function h.run(argv, terminal)
  return captured(terminal, function()
    return require("cli.dispatch").run(argv)
  end)
end

---Runs a command table as the command `thing`.
---@param def cli.Command
---@param argv string[]
---@param terminal? table
---@return {code: integer, out: string, err: string}
function h.command(def, argv, terminal)
  def.summary = def.summary or "Test"
  return captured(terminal, function()
    local ok, result = pcall(function()
      local spec = require("cli.command").build(def, { "thing" })
      return require("cli.context").run(spec, require("cli.parse").parse(spec, argv))
    end)
    return ok and result or require("cli.dispatch").report(result, {})
  end)
end

-- A NAS without an engine: fields of `spec` are its methods. A table is what the method returns, a function is called
-- with the method's arguments (without self). `fails` is the category of the error that connecting raises.
local function fake_nas(name, spec, calls)
  return setmetatable({ name = name, profile = { name = name, host = name .. ".local", labels = {}, defaults = {} } }, {
    __index = function(_, method)
      local answer = spec[method]
      if answer == nil then
        return nil
      end
      return function(_, ...)
        calls[#calls + 1] = { name, method, ... }
        if type(answer) == "function" then
          return answer(...)
        end
        return answer
      end
    end,
  })
end

---NASes that exist only here: `h.fake { a = { containers = {...} }, b = { fails = "auth" } }:run { "ps", "--all-profiles" }`.
---The first by name is the default. `calls` of the result lists {nas, method, arguments...}.
---@param nases table<string, table>
function h.fake(nases)
  local fake, names = { calls = {} }, {}
  for name in pairs(nases) do
    names[#names + 1] = name
  end
  table.sort(names)
  local function get(name)
    local color = nases[name] and nases[name].color
    return { name = name, host = name .. ".local", labels = {}, defaults = {}, color = color }
  end
  local profile = setmetatable({
    resolve = function(selectors, options)
      return options and options.all and names or #selectors > 0 and selectors or { names[1] }
    end,
    get = get,
    get_all = function(wanted)
      local out = {}
      for i, name in ipairs(wanted) do out[i] = get(name) end
      return out
    end,
  }, { __index = require "profile" })
  local docker = {
    connect = function(p)
      local spec = nases[p.name]
      if spec.fails then
        Error { category = spec.fails, code = "fake_" .. spec.fails, message = "cannot reach " .. p.name, why = "told to fail" }
      end
      return fake_nas(p.name, spec, fake.calls)
    end,
  }
  function fake:run(argv, terminal) -- luacheck: ignore self
    return h.with(package.loaded, { profile = profile, docker = docker }, function()
      return h.run(argv, terminal)
    end)
  end
  function fake:command(def, argv, terminal) -- luacheck: ignore self
    return h.with(package.loaded, { profile = profile, docker = docker }, function()
      return h.command(def, argv, terminal)
    end)
  end
  return fake
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  return text
end

---Runs the program as a process of its own, its stdin empty. `words` is a shell's text behind the program's name, `env`
---one in front of it.
---@return {code: integer, out: string, err: string}
function h.program(words, env)
  local work = os.getenv "SPEC_WORK"
  local line = ("%s'%s' </dev/null >'%s/out' 2>'%s/err' %s"):format(env or "", os.getenv "SPEC_PROGRAM", work, work, words)
  local _, _, code = os.execute(line)
  return { code = code, out = read(work .. "/out"), err = read(work .. "/err") }
end

---The result (of h.run or h.program) is what tests/golden/NAME.golden says; --update writes it.
function h.golden(result, name)
  local path = ("%s../golden/%s.golden"):format(here, name)
  local text = ("%s--- stderr\n%s--- exit %d\n"):format(result.out, result.err, result.code)
  if update then
    os.execute(("mkdir -p '%s'"):format(path:match "^(.*)/"))
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return
  end
  local want = read(path)
  if text ~= want then
    fail(("differs from %s:\ngot:\n%s\nwant:\n%s"):format(path, text, tostring(want)))
  end
end

return h
