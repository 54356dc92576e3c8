-- From words to a command: which one, with which flags, and what becomes of its result or its error.
local command = require "cli.command"
local parse = require "cli.parse"
local output = require "cli.output"
local registry = require "cli.registry"

local M = {}

local function width()
  return require("ui").width()
end

-- `profile frobnicate` or `frobnicate`.
local function unknown_command(argv, from, group)
  local suggest = require "cli.suggest"
  local names = {}
  local typed = argv[from]
  local candidates = {}
  if group ~= "" then
    typed = argv[from] or ""
    for _, member in ipairs(registry.members(group)) do
      candidates[#candidates + 1] = member.word
    end
  else
    candidates = registry.first_words()
    for name in pairs(try(require("cli.own_aliases").all) or {}) do candidates[#candidates + 1] = name end
  end
  local near = suggest.near(typed, candidates)
  for i, name in ipairs(near) do
    names[i] = (group ~= "" and group .. " " or "") .. name
  end
  local shown = (group ~= "" and group .. " " or "") .. typed
  Error {
    category = "usage", code = "unknown_command", message = ("'%s' is no command of qnap-docker"):format(shown),
    hint = (#names > 0 and ("did you mean %s?\n"):format(suggest.either(names)) or "")
      .. ("qnap-docker help%s"):format(group ~= "" and " " .. group or ""),
  }
end

---@class cli.Invocation
---@field spec? cli.Spec
---@field parsed? cli.Parsed flags and arguments
---@field base? cli.Parsed what stood in front of the command
---@field show? fun(): string|integer what to print instead of running a command
---@field unasked? boolean it is shown because words are missing: on stderr

-- Flags in front of the command (or between the words of a group), read with the global flags and the group's only.
local function leading(argv, from, base, group)
  local root = command.root(group)
  local st = parse.scan(root, table.move(argv, from, #argv, 1, {}), base)
  return st, #argv - #st.words + 1
end

-- On a terminal, which NAS commands mean that name none.
local function default_nas()
  local p = require("ui").is_tty "stderr" and try(function()
    local name = require("profile").default()
    return name and require("profile").get(name)
  end)
  return p and ("\nCommands work on %s (%s), the default profile; qnap-docker repl opens a prompt there.\n"):format(p.name, p.host) or ""
end

-- Which command argv means, and everything the user said in front of it.
local function locate_words(argv)
  local st, at = leading(argv, 1)
  if at > #argv then
    return st, nil, at, nil, ""
  end
  local entry, next_at, implied, group = registry.find(argv, at)
  if not entry and group ~= "" then
    local _, last = group:gsub("%S+", "")
    at = at + last
    if argv[at] and argv[at]:sub(1, 1) == "-" then -- flags between "profile" and "list"
      st, at = leading(argv, at, st, group)
    end
    if argv[at] then
      local words = {}
      for word in group:gmatch "%S+" do
        words[#words + 1] = word
      end
      local from = #words + 1
      table.move(argv, at, #argv, from, words)
      entry, next_at, implied, group = registry.find(words, 1)
      next_at = next_at - from + at
    end
    next_at = entry and next_at or at
  end
  return st, entry, entry and next_at or at, implied, group
end

-- The same, where the command may be a word of the user's own; argv is what it stands for, then.
local function locate(argv)
  local st, entry, at, implied, group = locate_words(argv)
  if not entry and group == "" and argv[at] then
    local words = require("cli.own_aliases").replaced(argv, at)
    if words then
      argv = words
      st, entry, at, implied, group = locate_words(argv)
    end
  end
  return argv, st, entry, at, implied, group
end

local function arguments(argv, from, implied)
  local words = table.move(implied or {}, 1, #(implied or {}), 1, {})
  return table.move(argv, from, #argv, #words + 1, words)
end

---Finds the command and reads its flags. Raises usage errors.
---@param argv string[]
---@return cli.Invocation
function M.resolve(argv)
  local st, entry, at, implied, group
  argv, st, entry, at, implied, group = locate(argv)
  local help = require "cli.help"
  if not entry then
    if st.flags.version then
      return { show = function() return require("cli.version").line() end }
    elseif argv[at] then
      unknown_command(argv, at, group)
    elseif group ~= "" then
      return { unasked = not st.flags.help, show = function() return help.group(group, width()) end }
    end
    return { unasked = not st.flags.help, show = function() return help.overview(width()) .. (st.flags.help and "" or default_nas()) end }
  end
  local spec = registry.load(entry)
  local parsed = parse.parse(spec, arguments(argv, at, implied), st)
  if parsed.flags.help then
    return { spec = spec, show = function() return help.command(spec, width()) end }
  elseif parsed.flags.examples then
    return { spec = spec, show = function() return help.examples(spec, width()) end }
  end
  return { spec = spec, parsed = parsed, base = st }
end

-- Whether errors are wanted as JSON; asked for before argv could be read. Where a command has no such flag, or behind the
-- first word of one such as run, the word is somebody else's.
local function wants_json(argv)
  local ok, words, _, entry = pcall(locate, argv)
  local loaded, spec = pcall(registry.load, ok and entry or nil)
  if loaded and (not spec.long.json or spec.def.stop_at_first_arg) then
    return false
  end
  for _, word in ipairs(ok and words or argv) do
    if word == "--" then
      return false
    elseif word == "--json" or word:find "^%-%-json=" then
      return true
    end
  end
  return false
end

---Prints an error where it belongs and gives the exit code.
---@param err any
---@param options {json?: boolean, debug?: boolean}
---@return integer
function M.report(err, options)
  local errors = require "errors"
  local render = require "cli.render_error"
  local code = errors.exit_code(err)
  if errors.is(err) and err.code == "reader_gone" then
    return 141 -- as SIGPIPE would end us: `| head` took what it wanted
  end
  if options.json then
    output.err(require("json").encode(render.object(err)) .. "\n")
  else
    output.err(render.text(err, { debug = options.debug, style = require("ui").style "stderr" }))
  end
  return code
end

-- A mistake on the command line is never left without something to look at.
local function add_hint(err, spec)
  local silent = not err.hint or err.hint == ""
  if err.category == "usage" and silent and spec and not (err.why and err.why ~= "") then
    err.hint = ("qnap-docker %s --help"):format(spec.name)
  end
end

local function execute(argv, seen)
  local call = M.resolve(argv)
  seen.spec = call.spec
  if call.show then
    local print = call.unasked and output.err or output.out
    print(call.show())
    return 0
  end
  for _, line in ipairs(call.parsed.notes) do -- docker's flag library writes them to stdout
    output.out(line .. "\n")
  end
  return require("cli.context").run(call.spec, call.parsed, call.base)
end

---Runs a command line; the exit code is its result. Prints what went wrong.
---@param argv string[]
---@return integer
function M.run(argv)
  local seen = {}
  local ok, result = xpcall(execute, function(err)
    return require("errors").traced(err)
  end, argv, seen)
  if ok then
    return result
  end
  result = require("errors").traced(result) -- where memory ran out, nobody was asked
  if result.category == "cancelled" then
    result = require("task").failure() or error(result, 0)
  end
  add_hint(result, seen.spec)
  require("core.job").failed(result)
  local debug_wanted = false
  for _, word in ipairs(argv) do
    debug_wanted = debug_wanted or word == "--debug"
  end
  return M.report(result, { json = wants_json(argv), debug = debug_wanted })
end

return M
