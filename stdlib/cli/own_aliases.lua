-- Words of the user's own for commands: <home>/aliases.yaml, `up: compose up --rolling`. No command is ever hidden by one.
-- Dependencies: cli.registry, fs, profile, yaml.
local M = {}

local DEPTH = 10 -- aliases of aliases
local MAX = 1 << 20 -- bytes of the file

local function path() return require("fs").join(require("profile").home(), "aliases.yaml") end

local function bad(name, why)
  Error {
    category = "config", code = "bad_alias", message = ("the alias '%s' makes no sense"):format(require("ui.text").clean(name)), why = why,
    hint = "qnap-docker alias set NAME 'WORDS'",
  }
end

local QUOTED = { ["'"] = "^'([^']*)'()", ['"'] = '^"([^"]*)"()' }

---The words of a text, by blanks; quotes of both kinds hold them together, a backslash takes the next character as it is.
---@param text string
---@return string[]? nil where a quote is not closed
function M.split(text)
  local words, word, at = {}, nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c:find "%s" then
      words[#words + 1] = word
      word, at = nil, at + 1
    elseif QUOTED[c] then
      local inside, behind = text:match(QUOTED[c], at)
      if not inside then return nil end
      word, at = (word or "") .. inside, behind
    else
      if c == "\\" then at = at + 1 end
      if at > #text then return nil end
      word, at = (word or "") .. text:sub(at, at), at + 1
    end
  end
  words[#words + 1] = word
  return words
end

---All of them: name -> words, as they were written.
---@return table<string, string>
---@raise config
function M.all()
  local fs = require "fs"
  local text = fs.exists(path()) and fs.read(path(), MAX) or ""
  local doc = require("yaml").decode(text, path())
  local out = {}
  if require("json").is_null(doc) then return out end
  if type(doc) ~= "table" then bad("aliases.yaml", "a map of names to words is expected") end
  for name, words in pairs(doc) do
    if type(words) ~= "string" then bad(tostring(name), "its words are no text") end
    out[name] = words
  end
  return out
end

-- `$1` ... `$9` are the arguments, `$@` is all of them; those that have no place go behind.
local function filled(name, words, rest)
  local used, out = 0, {}
  for _, word in ipairs(words) do
    if word == "$@" then
      table.move(rest, 1, #rest, #out + 1, out)
      used = #rest
    else
      out[#out + 1] = word:gsub("%$([1-9])", function(digit)
        local n = tonumber(digit)
        used = math.max(used, n)
        if rest[n] then return rest[n] end
        return Error {
          category = "usage", code = "alias_argument", message = ("the alias '%s' wants an argument $%d"):format(name, n),
          why = ("it stands for: %s"):format(table.concat(words, " ")),
        }
      end)
    end
  end
  return table.move(rest, used + 1, #rest, #out + 1, out)
end

---What stands for a word and what is behind it.
---@param name string the first word
---@param rest string[] what is behind it
---@return string[]? words nil: it is no alias
---@raise config "bad_alias"
---@raise usage "alias_argument"
function M.expand(name, rest)
  local text = M.all()[name]
  if not text then return nil end
  local words = M.split(text)
  if not words or #words == 0 then bad(name, "a quote in it is not closed, or there is nothing in it") end
  return filled(name, words, rest)
end

---A command line with the alias at its word `at` replaced, as long as there is one: that of an alias may be another one.
---@param argv string[]
---@param at integer
---@return string[]? nil: there is none
---@raise config "bad_alias"
function M.replaced(argv, at)
  local registry, found = require "cli.registry", nil
  for _ = 1, DEPTH do
    local word = argv[at]
    if not word or word:sub(1, 1) == "-" or registry.get(word) or registry.group(word) then return found end
    local words = M.expand(word, table.move(argv, at + 1, #argv, 1, {}))
    if not words then return found end
    argv = table.move(words, 1, #words, at, table.move(argv, 1, at - 1, 1, {}))
    found = argv
  end
  return bad(argv[at], "it stands for itself")
end

---Sets one; nil as words takes it away.
---@param name string
---@param words? string
---@return string? before what it stood for
function M.put(name, words)
  local fs, all = require "fs", M.all()
  local before = all[name]
  all[name] = words
  fs.mkdir(require("profile").home(), { parents = true })
  fs.write(path(), next(all) and require("yaml").encode(all) or "", { mode = 384 }) -- 0600
  return before
end

return M
