-- Which commands exist, and how to get at one: an index made at build time, so that help and completion load none.
-- Dependencies: core.embedded.
local embedded = require "core.embedded"

local M = {}

---@class cli.Entry
---@field name string words joined with blanks ("profile add")
---@field words string[]
---@field file string "lua/profile/add.lua", "recipes/port-map.lua"
---@field recipe? recipe.Recipe of the user's, a file of its own
---@field summary string
---@field group string

local entries ---@type cli.Entry[]? all commands; only help and completion want them
local known = {} ---@type table<string, cli.Entry> by file, those that were looked at

local function words_of(name)
  local words = {}
  for word in name:gmatch "%S+" do
    words[#words + 1] = word
  end
  return words
end

-- The entry of a row of the index: a command, or what a group says of itself, which has no name.
local function entry_of(row)
  local entry = known[row.name]
  if not entry then
    local path = row.name:match "^lua/(.+)%.lua$" or row.name:match "^recipes/(.+)%.lua$"
    local recipe = row.name:find "^recipes/" ~= nil
    entry = { file = row.name, summary = row.summary, group = recipe and "recipes" or row.group }
    if not path:find "/init$" then
      entry.name = path:gsub("/", " ")
      entry.words = words_of(entry.name)
      entry.hidden = entry.name:find "^_" ~= nil or nil
    end
    known[row.name] = entry
  end
  return entry
end

local function index()
  if entries then
    return
  end
  entries = {}
  for _, row in ipairs(embedded.list()) do
    local entry = row.name ~= "lua/main.lua" and entry_of(row)
    if entry and entry.name then
      entries[#entries + 1] = entry
    end
  end
end

-- The embedded file of words, whose names have no slash: "lua/profile/add.lua".
local function file_entry(name, behind)
  local row = not name:find("/", 1, true) and embedded.command("lua/" .. name:gsub(" ", "/") .. behind)
  return row and entry_of(row) or nil
end

-- A recipe that comes with the program is a command of one word.
local function recipe_entry(name)
  local row = not name:find "[ /]" and embedded.command(("recipes/%s.lua"):format(name))
  return row and entry_of(row) or nil
end

-- The command of exactly these words; no alias, no override.
local function command(name)
  local entry = name ~= "main" and (file_entry(name, ".lua") or recipe_entry(name))
  return entry and entry.name and entry or nil
end

-- A recipe of the user's own counts where nothing else does.
local function users_recipe(name)
  local recipe = require("recipe").of_user(name)
  if not recipe then return nil end
  return { name = name, words = { name }, file = recipe.path, summary = recipe.summary, group = "recipes", recipe = recipe }
end

---Every command, hidden ones last left out unless asked for; sorted by name.
---@param hidden? boolean
---@return cli.Entry[]
function M.list(hidden)
  index()
  local out = {}
  for _, entry in ipairs(entries) do
    if hidden or not entry.hidden then
      out[#out + 1] = entry
    end
  end
  for _, recipe in ipairs(require("recipe").users()) do
    if not command(recipe.name) then out[#out + 1] = users_recipe(recipe.name) end
  end
  table.sort(out, function(a, b)
    return a.name < b.name
  end)
  return out
end

-- A command that only an override directory has: not in the index.
local function overriding(name)
  local file = ("lua/%s.lua"):format((name:gsub(" ", "/")))
  if #embedded.overrides() == 0 or name:find "[^%w_ -]" or file == "lua/main.lua" or not embedded.exists(file) then
    return nil
  end
  return { name = name, words = words_of(name), file = file, summary = "", group = "" }
end

---The entry of exactly these words, an alias's target included.
---@param name string words joined with blanks
---@return cli.Entry?
---@return string[]? implied flags that an alias adds
function M.get(name)
  local entry = command(name)
  if entry then
    return entry
  end
  local alias = require("cli.aliases")[name]
  entry = alias and command(alias[1])
  if entry then
    return entry, alias.args
  end
  return overriding(name) or users_recipe(name)
end

---Whether the words name a group ("profile"), and the group's own file where it has one.
---@param name string
---@return boolean
---@return cli.Entry?
function M.group(name)
  if embedded.under("lua/" .. name:gsub(" ", "/") .. "/") then
    return true, file_entry(name, "/init.lua")
  end
  for alias, target in pairs(require "cli.aliases") do
    if alias:sub(1, #name + 1) == name .. " " and command(target[1]) then
      return true
    end
  end
  return false
end

---The commands of a group with the word that is typed behind it, aliases included; sorted.
---@param name string
---@return {word: string, entry: cli.Entry, alias: boolean}[]
function M.members(name)
  index()
  local seen, out = {}, {}
  local function add(full, entry, alias)
    local word = full:sub(#name + 2):match "^%S+$"
    if full:sub(1, #name + 1) == name .. " " and word and entry and not seen[word] then
      seen[word] = true
      out[#out + 1] = { word = word, entry = entry, alias = alias }
    end
  end
  for _, entry in ipairs(entries) do
    add(entry.name, entry, false)
  end
  local targets = {}
  for _, member in ipairs(out) do
    targets[member.entry] = true
  end
  for alias, target in pairs(require "cli.aliases") do
    local entry = command(target[1])
    if not targets[entry] then
      add(alias, entry, true)
    end
  end
  table.sort(out, function(a, b)
    return a.word < b.word
  end)
  return out
end

---Other names of a command ("container ls" for ps), sorted.
---@param name string
---@return string[]
function M.aliases_of(name)
  local out = {}
  for alias, target in pairs(require "cli.aliases") do
    if target[1] == name and not target.args then
      out[#out + 1] = alias
    end
  end
  table.sort(out)
  return out
end

---Every first word that can be typed.
---@return string[]
function M.first_words()
  local seen, out = {}, {}
  for _, entry in ipairs(M.list()) do
    local word = entry.words[1]
    if not seen[word] then
      seen[word] = true
      out[#out + 1] = word
    end
  end
  for alias, target in pairs(require "cli.aliases") do
    local word = alias:match "^%S+"
    if not seen[word] and command(target[1]) then
      seen[word] = true
      out[#out + 1] = word
    end
  end
  table.sort(out)
  return out
end

---Loads a command and builds its spec.
---@param entry cli.Entry
---@return cli.Spec
function M.load(entry)
  if entry.recipe then return require("cli.command").build(require("recipe").load(entry.recipe), entry.words) end
  local chunk, why = embedded.load(entry.file)
  if not chunk then
    error(why, 0)
  end
  local def = chunk()
  def.group = def.group or entry.group -- a recipe's
  return require("cli.command").build(def, entry.words)
end

---Finds the command at the beginning of `argv`: the longest words that name one.
---@param argv string[]
---@param from integer index of the first word
---@return cli.Entry? entry
---@return integer next index behind the words
---@return string[]? implied flags of an alias
---@return string group the words that named a group so far
function M.find(argv, from)
  local name, best, best_next, best_implied, group = nil, nil, from, nil, ""
  for i = from, #argv do
    local word = argv[i]
    if word:find "[^%w_.-]" or word:sub(1, 1) == "-" then
      break
    end
    name = name and name .. " " .. word or word
    local entry, implied = M.get(name)
    if entry then
      best, best_next, best_implied = entry, i + 1, implied
    end
    if M.group(name) then
      group = name
    elseif not entry then
      break
    end
  end
  return best, best_next, best_implied, group
end

return M
