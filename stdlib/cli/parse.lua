-- argv against a command's flags, as docker's parser (pflag) reads it: -abc, -n5, -n=5, --x=y, --x y,
-- --flag=false, repeated flags, `--`. Raises usage errors; connects to nothing.
local sets = require "cli.sets"
local values = require "cli.values"

local M = {}

---@class cli.Parsed
---@field flags table<string, any> by key ("no_trunc"); defaults filled in
---@field given table<string, boolean> keys that the user typed
---@field words string[] everything that is no flag
---@field args table<string, any> declared arguments by key; a variadic one is a list
---@field rest string[] words behind the last non-variadic argument
---@field notes string[] what docker prints about old names of flags
---@field global table<string, any> the global flags alone, also where a command's own flag of that name hides one

-- usage_exit of a command: docker ends with 125 for a bad flag of run and exec, with 1 for missing words.
local function usage_exit(st, kind)
  local exit = st.spec.def.usage_exit
  if type(exit) == "function" then
    exit = exit(st.flags)
  end
  if type(exit) == "table" then
    exit = exit[kind]
  end
  return exit
end

local function usage(st, kind, fields)
  local name = st.spec.name
  fields.category = "usage"
  fields.exit_code = usage_exit(st, kind)
  fields.hint = fields.hint or ("qnap-docker %s--help"):format(name ~= "" and name .. " " or "")
  Error(fields)
end

local function where(st)
  return st.spec.name ~= "" and (" of '%s'"):format(st.spec.name) or ""
end

local function flag_label(flag)
  return flag.short and ("--%s (-%s)"):format(flag.name, flag.short) or "--" .. flag.name
end

local function unknown(st, shown, name)
  local suggest = require "cli.suggest"
  local hint = (#name > 1 or st.spec.root) and sets.foreign[name]
  if not hint and #name > 1 then
    local names = {}
    for _, flag in ipairs(st.spec.flags) do
      if not flag.hidden then
        names[#names + 1] = flag.name
      end
    end
    local near = suggest.near(name, names, 2)
    for i, n in ipairs(near) do
      near[i] = "--" .. n
    end
    hint = near[1] and ("did you mean %s?"):format(suggest.either(near))
  end
  local help = ("qnap-docker %s--help"):format(st.spec.name ~= "" and st.spec.name .. " " or "")
  usage(st, "flag", {
    code = "unknown_flag",
    message = st.spec.name ~= "" and ("'%s' has no flag %s"):format(st.spec.name, shown) or ("no flag %s is known"):format(shown),
    hint = hint and hint .. "\n" .. help or help,
  })
end

local function set(st, flag, text)
  local key = flag.key
  if flag.type == "count" and text == "+1" then
    st.flags[key] = (st.given[key] and st.flags[key] or 0) + 1
    st.given[key], st.global[key] = true, st.flags[key]
    return
  end
  local v, why = values.read(flag, text)
  if why then
    usage(st, "flag", {
      code = "bad_flag_value", why = why,
      message = ("invalid value \"%s\" for %s%s"):format(text, flag_label(flag), where(st)),
    })
  end
  if flag.type == "list" or flag.type == "map" then
    local into = st.given[key] and st.flags[key] or {}
    if flag.type == "map" then
      into[v[1]] = v[2]
    else
      into[#into + 1] = v
    end
    v = into
  end
  st.flags[key], st.given[key] = v, true
  if flag.set then
    st.global[key] = v
  end
end

local function next_value(st, flag, shown)
  st.i = st.i + 1
  local text = st.argv[st.i]
  if text == nil then
    usage(st, "flag", {
      code = "flag_needs_value",
      message = ("flag %s%s needs a value"):format(shown, where(st)),
      why = flag.value and ("--%s %s"):format(flag.name, flag.value) or nil,
    })
  end
  return text
end

local function long_flag(st, token)
  local body = token:sub(3)
  local name, text = body, nil
  local eq = body:find("=", 1, true)
  if eq then
    name, text = body:sub(1, eq - 1), body:sub(eq + 1)
  end
  if name == "" or name:sub(1, 1) == "-" then
    usage(st, "flag", { code = "bad_flag_syntax", message = ("bad flag syntax: %s"):format(token) })
  end
  local flag = st.spec.long[name]
  if not flag then
    unknown(st, "--" .. name, name)
  end
  if flag.deprecated and flag.deprecated[name] then
    st.notes[#st.notes + 1] = ("Flag --%s has been deprecated, %s"):format(name, flag.deprecated[name])
  end
  if text == nil then
    text = flag.optional_value or next_value(st, flag, "--" .. name)
  end
  set(st, flag, text)
end

local function short_flags(st, token)
  local left = token:sub(2)
  while left ~= "" do
    local c = left:match("^" .. utf8.charpattern) or left:sub(1, 1)
    local after = left:sub(#c + 1)
    local flag = st.spec.short[c]
    if not flag then
      unknown(st, #token > 2 and ("-%s (in %s)"):format(c, token) or "-" .. c, c)
    end
    local text
    if #after > 1 and after:sub(1, 1) == "=" then
      text, left = after:sub(2), ""
    elseif flag.optional_value then
      text, left = flag.optional_value, after
    elseif after ~= "" then
      text, left = after, ""
    else
      text, left = next_value(st, flag, "-" .. c), ""
    end
    set(st, flag, text)
  end
end

-- Behind the first word of a command such as `run`: which long flags are still ours (Decision 2).
local function ours_behind(st, token)
  local list = st.spec.def.after_args
  if not list or (list.unless and st.given[list.unless]) then
    return false
  end
  local name = token:match "^%-%-([^=]+)"
  for _, n in ipairs(list) do
    if n == name then
      return true
    end
  end
  return false
end

local function take_words(st, from)
  table.move(st.argv, from, #st.argv, #st.words + 1, st.words)
  st.i = #st.argv
end

-- The first word was seen and flags end here, but for those of ours_behind.
local function behind_first_word(st)
  local list = st.spec.def.after_args
  local closed = not list or (list.unless and st.given[list.unless])
  while st.i < #st.argv do
    st.i = st.i + 1
    local token = st.argv[st.i]
    if token == "--" and not closed then
      return take_words(st, st.i + 1)
    elseif ours_behind(st, token) then
      long_flag(st, token)
    else
      return take_words(st, st.i)
    end
  end
end

local function scan(st)
  while st.i < #st.argv do
    st.i = st.i + 1
    local token = st.argv[st.i]
    if token == "--" then
      return take_words(st, st.i + 1)
    elseif token:sub(1, 2) == "--" then
      long_flag(st, token)
    elseif #token > 1 and token:sub(1, 1) == "-" then
      short_flags(st, token)
    else
      st.words[#st.words + 1] = token
      if st.spec.def.stop_at_first_arg then
        return behind_first_word(st)
      end
    end
  end
end

local function fill_defaults(st)
  for _, flag in ipairs(st.spec.flags) do
    if not st.given[flag.key] then
      st.flags[flag.key] = values.default(flag)
    end
  end
  for _, flag in ipairs(sets.global) do
    local key = flag[1]:gsub("-", "_")
    if st.global[key] == nil then
      st.global[key] = values.default { type = flag.type or "bool", default = flag.default, of = flag.of }
    end
  end
end

local function plural(n, word)
  return n == 1 and ("%d %s"):format(n, word) or ("%d %ss"):format(n, word)
end

---Puts the words into the declared arguments. Raises when there are too few or too many.
---@param st cli.Parsed
function M.bind(st)
  local args, words, at = st.spec.args, st.words, 1
  for _, arg in ipairs(args) do
    if words[at] == nil and not arg.optional then
      usage(st, "args", {
        code = "missing_argument",
        message = ("'%s' needs %s"):format(st.spec.name, arg.label),
        why = arg.help, hint = require("cli.command").usage(st.spec),
      })
    end
    if arg.variadic then
      st.args[arg.key] = table.move(words, at, #words, 1, {})
      st.rest = table.move(words, at, #words, 1, {})
      at = #words + 1
    else
      st.args[arg.key] = words[at]
      at = at + 1
    end
  end
  if words[at] ~= nil then
    local most = #args
    usage(st, "args", {
      code = "too_many_arguments",
      message = most == 0 and ("'%s' takes no arguments"):format(st.spec.name)
        or ("'%s' takes %s at most"):format(st.spec.name, plural(most, "argument")),
      why = ("there is also: %s"):format(table.concat(words, " ", at)),
    })
  end
end

---Reads flags and words. With a `base` (flags that stood in front of the command) these count as given.
---@param spec cli.Spec
---@param argv string[]
---@param base? cli.Parsed
---@return cli.Parsed
function M.scan(spec, argv, base)
  local st = { spec = spec, argv = argv, i = 0, flags = {}, given = {}, global = {}, words = {}, args = {}, rest = {}, notes = {} }
  for key in pairs(base and base.given or {}) do
    local flag = spec.long[(key:gsub("_", "-"))]
    st.global[key] = base.flags[key]
    if flag and flag.set then -- a command's own flag of that name has nothing to do with the global one
      st.flags[key], st.given[key] = base.flags[key], true
    end
  end
  scan(st)
  fill_defaults(st)
  return st
end

---Flags and arguments of a command.
---@param spec cli.Spec
---@param argv string[]
---@param base? cli.Parsed
---@return cli.Parsed
function M.parse(spec, argv, base)
  local st = M.scan(spec, argv, base)
  if not st.flags.help and not st.flags.examples then
    M.bind(st)
  end
  return st
end

return M
