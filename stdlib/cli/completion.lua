-- What the shell may offer for the word under the cursor, from the command tables. Never asks, never prints errors.
local command = require "cli.command"
local registry = require "cli.registry"

local M = {}

---@class cli.Candidate
---@field [1] string
---@field [2]? string description

-- What is typed so far, read leniently: a broken line must complete, too.
---@class cli.Typed
---@field spec cli.Spec of the command, or of the bare program
---@field group string words of a group that a command must follow
---@field words string[] arguments in front of the cursor
---@field flags table<string, any> raw texts of flags in front of the cursor
---@field pending? cli.Flag whose value is under the cursor
---@field closed boolean behind `--` or the first word of a command like run

local function find_flag(spec, token)
  local name = token:match "^%-%-([^=]+)"
  if name then
    return spec.long[name], token:match "^%-%-[^=]+=(.*)$"
  end
  local last = token:match "^%-%w*(%w)$"
  return last and spec.short[last] or nil, nil
end

local function note_flag(st, token)
  local flag, text = find_flag(st.spec, token)
  if not flag then
    return
  end
  local key = flag.key
  if text or flag.optional_value then
    local v = text or flag.optional_value
    st.flags[key] = flag.type == "list" and table.move({ v }, 1, 1, #(st.flags[key] or {}) + 1, st.flags[key] or {}) or v
  else
    st.pending = flag
  end
end

local function take_value(st, token)
  local key = st.pending.key
  if st.pending.type == "list" then
    st.flags[key] = st.flags[key] or {}
    table.insert(st.flags[key], token)
  else
    st.flags[key] = token
  end
  st.pending = nil
end

local function own_aliases() return try(require("cli.own_aliases").all) or {} end

-- A word of the user's own is read as what it stands for; its placeholders are arguments to come.
local function take_alias(st, token)
  local text = not st.aliased and st.group == "" and own_aliases()[token]
  local words = text and require("cli.own_aliases").split(text)
  st.aliased = true
  for _, word in ipairs(words or {}) do
    if not word:find "^%$" then st:take(word) end
  end
  return words ~= nil
end

-- A word that is no flag: part of the command's name, or an argument.
local function take_word(st, token)
  if st.named then
    st.words[#st.words + 1] = token
    st.closed = st.closed or (st.spec.def.stop_at_first_arg and not st.spec.def.after_args) or false
    return
  end
  local name = st.group ~= "" and st.group .. " " .. token or token
  local entry = registry.get(name)
  if entry then
    st.spec, st.named = registry.load(entry), true
  end
  if registry.group(name) then
    st.group, st.named = name, false
    st.spec = entry and st.spec or command.root(name) -- flags that may stand in front of its commands
  elseif not entry and not take_alias(st, token) then
    st.lost = true
  end
end

local function take(st, token)
  if st.pending then
    take_value(st, token)
  elseif st.closed then
    st.words[#st.words + 1] = token
  elseif token == "--" then
    st.closed = true
  elseif #token > 1 and token:sub(1, 1) == "-" then
    note_flag(st, token)
  else
    take_word(st, token)
  end
end

---@param words string[] without the one under the cursor
---@return cli.Typed
function M.read(words)
  local st = { spec = command.root(), group = "", words = {}, flags = {}, closed = false, named = false, take = take }
  for _, token in ipairs(words) do st:take(token) end
  return st
end

local function starts(text, prefix)
  return text:sub(1, #prefix) == prefix
end

local function flag_candidates(spec, word)
  local out = {}
  for _, flag in ipairs(spec.flags) do
    local long = "--" .. flag.name
    if not flag.hidden and starts(long, word) and (flag.set ~= "global" or #word > 2 or spec.root) then
      out[#out + 1] = { long, flag.help }
    end
  end
  return out
end

local function command_candidates(group, word)
  local out, seen = {}, {}
  local function add(name, help)
    if starts(name, word) and not seen[name] then
      seen[name] = true
      out[#out + 1] = { name, help }
    end
  end
  if group ~= "" then
    for _, member in ipairs(registry.members(group)) do
      add(member.word, member.entry.summary)
    end
    return out
  end
  for _, entry in ipairs(registry.list()) do
    local _, own = registry.group(entry.words[1])
    add(entry.words[1], #entry.words == 1 and entry.summary or own and own.summary or entry.words[1] .. " commands")
  end
  for _, name in ipairs(registry.first_words()) do
    add(name)
  end
  for name, text in pairs(own_aliases()) do add(name, "stands for: " .. text) end
  return out
end

-- Names that a `complete` field stands for.
local function named(what, word, st)
  if type(what) == "table" then
    return what
  end
  local ctx = { word = word, flags = st.flags, words = st.words }
  if type(what) == "function" then
    return what(ctx)
  end
  local provider = require("cli.candidates")[what]
  return provider and provider(ctx) or {}
end

-- Candidates that begin with the word; a list value a,b completes behind its last comma.
local function matching(list, word)
  local out = {}
  for _, item in ipairs(list) do
    local value, help = item, nil
    if type(item) == "table" then
      value, help = item[1], item[2]
    end
    if starts(value, word) then
      out[#out + 1] = { value, help }
    end
  end
  return out
end

local function value_candidates(what, values, word, st)
  if values then
    return matching(values, word)
  elseif what == "files" then
    return {}, "files"
  elseif what == nil then
    return {}
  end
  local ok, list = pcall(named, what, word, st)
  return ok and matching(list, word) or {}
end

local function prefixed(list, prefix)
  for _, item in ipairs(list) do
    item[1] = prefix .. item[1]
  end
  return list
end

local function argument_candidates(st, word)
  local args = st.spec.args
  local arg = args[#st.words + 1]
  if not arg and #args > 0 and args[#args].variadic then
    arg = args[#args]
  end
  if not arg then
    return {}
  end
  return value_candidates(arg.complete, nil, word, st)
end

---What fits the last of the words.
---@async
---@param words string[] everything behind the program's name; the last is under the cursor (perhaps "")
---@return cli.Candidate[]
---@return "files"|nil also_files
function M.candidates(words)
  local word = words[#words] or ""
  local st = M.read(table.move(words, 1, #words - 1, 1, {}))
  if st.lost then
    return {}
  elseif st.pending then
    return value_candidates(st.pending.complete, st.pending.values, word, st)
  elseif not st.closed and word:sub(1, 1) == "-" then
    local flag, text = find_flag(st.spec, word)
    if flag and text then
      local list, files = value_candidates(flag.complete, flag.values, text, st)
      return prefixed(list, word:sub(1, #word - #text)), files
    end
    return flag_candidates(st.spec, word)
  elseif not st.named then
    return command_candidates(st.group, word)
  end
  return argument_candidates(st, word)
end

return M
