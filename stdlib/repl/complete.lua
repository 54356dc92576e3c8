-- Completion: what may stand at the cursor. Nothing is called that the user did not call, but for objects that are made without asking
-- (nas:container "web"). Dependencies: repl.docs.
local M = {}

---@class repl.Candidate
---@field [1] string the whole word
---@field [2]? string what it is

---@class repl.Surroundings
---@field env table
---@field commands {[1]: string, [2]: string}[] ":help" and what it does
---@field live fun(kind: string): repl.Candidate[] "containers", "images", "volumes", "networks", "profiles"
---@field files fun(prefix: string): repl.Candidate[]

local KEYWORDS = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or", "repeat",
  "return", "then", "true", "until", "while",
}

-- The word in front of a string -> what its text names.
local KINDS = {
  container = "containers", inspect = "containers", containers = "containers", name = "containers",
  image = "images", images = "images", pull = "images", Image = "images", ref = "images",
  volume = "volumes", volumes = "volumes", network = "networks", networks = "networks",
  connect = "profiles", get = "profiles", profile = "profiles",
  loadfile = "files", dofile = "files", read = "files", write = "files", open = "files", path = "files", lines = "files",
}

-- Where the string that the text ends in begins, and its mark; nil outside of strings. Comments count as strings of no kind.
local function open_string(text)
  local at = 1
  while true do
    local start, _, what = text:find("([\"'%-%[])", at)
    if not start then return nil end
    if what == "-" then
      if text:find("^%-%-", start) then
        local stop = text:find("\n", start, true)
        if not stop then return start, "--" end
        at = stop
      else
        at = start + 1
      end
    elseif what == "[" then
      local level = text:match("^%[(=*)%[", start)
      if level then
        local _, stop = text:find("]" .. level .. "]", start, true)
        if not stop then return start + #level + 2, "[" end
        at = stop + 1
      else
        at = start + 1
      end
    else
      local from = start + 1
      while true do
        local hit, _, c = text:find("([\\" .. what .. "])", from)
        if not hit then return start + 1, what end
        from = hit + (c == "\\" and 2 or 1)
        if c == what then break end
      end
      at = from
    end
  end
end

local function with_prefix(list, prefix)
  local out = {}
  for _, item in ipairs(list) do
    if item[1]:sub(1, #prefix) == prefix then out[#out + 1] = item end
  end
  return out
end

local function in_string(text, start, around)
  local word = text:sub(start)
  local before = text:sub(1, start - 2)
  local kind = KINDS[before:match "([%a_][%w_]*)%s*=?%s*[%(%[{]*%s*$"] or KINDS[before:match "([%a_][%w_]*)%s*[%({][^%({]*$"]
  if kind == "files" or (not kind and word:find "^[~./]") then return with_prefix(around.files(word), word), word end
  local found = {}
  for _, one in ipairs(kind and { kind } or { "containers", "images", "volumes", "networks" }) do
    for _, item in ipairs(with_prefix(around.live(one), word)) do found[#found + 1] = item end
  end
  return found, word
end

-- The table behind a value; nil where there is none, or only a function would know. Where methods have files of their own, those are
-- loaded; a stand-in says whose methods it has.
local function behind(value)
  local meta = debug.getmetatable(value)
  if type(meta) ~= "table" then return nil end
  local class = rawget(meta, "__class") or meta
  local homes = rawget(class, "__homes")
  for key in pairs(homes or {}) do local _ = class.__index(class, key) end
  local next_one = homes and class or rawget(meta, "__index")
  return type(next_one) == "table" and next_one ~= value and next_one or nil
end

local DEEPEST = 10 -- tables behind tables

-- A field without a question to the NAS: tables and the tables behind them.
local function field(value, key)
  for _ = 1, DEEPEST do
    if type(value) == "table" and rawget(value, key) ~= nil then return rawget(value, key) end
    value = behind(value)
    if value == nil then return nil end
  end
end

local MAKERS = { container = true, image = true, volume = true, network = true }

-- What the path in front of the last word is: "a.b:c", or an object made by one call with a name.
local function resolve(path, env)
  local head, maker = path:match "^(.*)[:](%a+)%s*%(?%s*[\"'][^\"']*[\"']%s*%)?$"
  if maker and MAKERS[maker] then
    local owner = resolve(head, env)
    local make = owner and field(owner, maker)
    local ok, made = pcall(function() return make(owner, "x") end)
    return ok and made or nil
  end
  if not path:find "^[%a_][%w_.:]*$" then return nil end
  local value
  for name in path:gmatch "[^.:]+" do
    if value == nil then
      local ok, found = pcall(function() return env[name] end)
      if not ok then return nil end
      value = found
    else
      value = field(value, name)
    end
    if value == nil then return nil end
  end
  return value
end

M.resolve = resolve

-- Names below a value, methods alone behind a colon.
local function members(value, methods_only)
  local out, seen = {}, {}
  for _ = 1, DEEPEST do
    if type(value) == "table" then
      for key, item in next, value do
        local fits = type(key) == "string" and key:find "^[%a_][%w_]*$" and key:sub(1, 2) ~= "__"
        if fits and not seen[key] and (not methods_only or type(item) == "function") then
          seen[key] = true
          out[#out + 1] = { key, type(item) == "function" and require("repl.docs").summary(item) or nil }
        end
      end
    end
    value = behind(value)
    if value == nil then break end
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

local function globals(env, word)
  local out, seen = {}, {}
  local function add(name, help)
    if type(name) == "string" and not seen[name] and name:sub(1, #word) == word then
      seen[name] = true
      out[#out + 1] = { name, help }
    end
  end
  for name in next, env do add(name) end
  for name in next, _G do add(name) end
  for _, name in ipairs(require("repl.environment").modules) do add(name, "module") end
  add("nas", "Docker on the NAS of this session")
  add("spawn", "spawn(fn, ...)  Runs beside the prompt")
  for _, name in ipairs(KEYWORDS) do add(name) end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

local function command(text, around)
  local name, rest = text:match "^%s*(:%a*)%s+(.*)$"
  if not name then
    local word = text:match "^%s*(:%a*)$"
    return with_prefix(around.commands, word), word
  end
  local word = rest:match "%S*$"
  if name == ":profile" then return with_prefix(around.live "profiles", word), word end
  if name == ":load" or name == ":save" then return with_prefix(around.files(word), word), word end
  if name == ":help" then return with_prefix(around.commands, word), word end
  if name == ":dry" then return with_prefix({ { "off" }, { "on" } }, word), word end
  if name == ":set" then return with_prefix({ { "depth" }, { "json" }, { "raw" }, { "table" }, { "tree" }, { "expanded" } }, word), word end
  return M.find(rest, around)
end

---What may stand at the end of `text`.
---@param text string everything in front of the cursor
---@param around repl.Surroundings
---@return repl.Candidate[]
---@return string word that they would replace
function M.find(text, around)
  if text:find "^%s*:%a*$" or text:find "^%s*:%a+%s" then return command(text, around) end
  local start, mark = open_string(text)
  if mark == "--" then return {}, "" end
  if start then return in_string(text, start, around) end
  local path, separator, word = text:match "([%a_][%w_.:]*)([.:])([%w_]*)$"
  local called, sep, rest = text:match "([%a_][%w_.]*:%a+%s*%(?%s*[\"'][^\"']*[\"']%s*%)?)([.:])([%w_]*)$"
  if called then path, separator, word = called, sep, rest end
  if not path then
    word = text:match "[%a_]?[%w_]*$"
    if word == "" and text:find "%S" or text:sub(-#word - 1, -#word - 1):find "[.:]" then return {}, word end
    return globals(around.env, word), word
  end
  local value = resolve(path, around.env)
  if value == nil then return {}, word end
  return with_prefix(members(value, separator == ":"), word), word
end

-- The longest beginning that all have, whole characters only.
local function common(list)
  local prefix = list[1][1]
  for _, item in ipairs(list) do
    while item[1]:sub(1, #prefix) ~= prefix do prefix = prefix:sub(1, #prefix - 1) end
  end
  while prefix ~= "" and not utf8.len(prefix) do prefix = prefix:sub(1, -2) end
  return prefix
end

local MOST = 200

-- Words side by side; with what they are, where there are few.
local function listing(list, width)
  local text = require "ui.text"
  local out, wide, helps = {}, 0, false
  for i = 1, math.min(#list, MOST) do
    wide = math.max(wide, text.width(list[i][1]))
    helps = helps or list[i][2] ~= nil
  end
  if helps and #list <= 30 then
    for _, item in ipairs(list) do
      local line = text.pad(text.clean(item[1]), wide) .. "  " .. text.clean(item[2] or "")
      out[#out + 1] = text.cut(line, width - 1):gsub("%s+$", "") .. "\n"
    end
    return table.concat(out)
  end
  local columns = math.max(1, width // (wide + 2))
  local rows = -(-math.min(#list, MOST) // columns)
  for r = 1, rows do
    local line = {}
    for c = 0, columns - 1 do
      local item = list[c * rows + r]
      if item and c * rows + r <= MOST then line[#line + 1] = text.pad(text.clean(item[1]), wide) end
    end
    out[r] = table.concat(line, "  "):gsub("%s+$", "") .. "\n"
  end
  return table.concat(out) .. (#list > MOST and ("… %d more\n"):format(#list - MOST) or "")
end

---@class repl.Completion
---@field remove integer characters in front of the cursor
---@field insert string
---@field list? string what may stand there, for people

---What Tab does: puts in what is sure, or lists what may stand there.
---@param text string the line
---@param cursor integer bytes in front of the cursor
---@param around repl.Surroundings
---@param width integer columns
---@return repl.Completion
function M.tab(text, cursor, around, width)
  local before = text:sub(1, cursor)
  local list, word = M.find(before, around)
  if #list == 0 then return { remove = 0, insert = "" } end
  local prefix = common(list)
  local start, mark = open_string(before)
  local folder = prefix:sub(-1) == "/"
  if #list == 1 and start and (mark == '"' or mark == "'") and not folder and text:sub(cursor + 1, cursor + 1) ~= mark then
    prefix = prefix .. mark
  end
  if prefix ~= word then return { remove = utf8.len(word) or #word, insert = prefix } end
  return { remove = 0, insert = "", list = #list > 1 and listing(list, width) or nil }
end

return M
