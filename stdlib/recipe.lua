-- Recipes: command tables (cli.Command) for what NAS owners do again and again. Some come with the program; those of the user are in
-- <home>/recipes, and run once they have been read and trusted, with the content that was read.
-- Dependencies: core.embedded, cli.command, fs, profile, trusted.
local fs = require "fs"
local trusted = require("trusted").files "recipes"

local M = {}

local MAX = 1 << 20 -- bytes of a file

---@class recipe.Recipe
---@field name string
---@field path string absolute; of one that comes with the program "recipes/NAME.lua"
---@field builtin boolean
---@field text string
---@field trust "built-in"|"trusted"|"changed"|"not trusted"
---@field summary string what its text says of itself; "" where it says nothing

---@return string path of the folder of the user's own
function M.folder() return fs.join(require("profile").home(), "recipes") end

---@param name string
---@return boolean
function M.is_name(name) return name:find "^%l[%l%d-]*$" ~= nil end

-- Without running it.
local function summary_of(text) return text:match '\n%s*summary%s*=%s*"([^"\n]*)"' or "" end

local function of_file(path, name)
  local text = fs.read(path, MAX)
  local trust = trusted:has(path, text) and "trusted" or trusted:knows(path) and "changed" or "not trusted"
  return { name = name, path = path, builtin = false, text = text, trust = trust, summary = summary_of(text) }
end

---The user's recipe of a name.
---@param name string
---@return recipe.Recipe?
function M.of_user(name)
  local path = M.is_name(name) and fs.join(M.folder(), name .. ".lua")
  local found = path and fs.exists(path) and try(fs.realpath, path)
  return found and try(of_file, found, name) or nil
end

---All of the user's own, by name.
---@return recipe.Recipe[]
function M.users()
  local out, folder = {}, M.folder()
  for _, file in ipairs(fs.is_directory(folder) and fs.list(folder) or {}) do
    local name = file:match "^(.*)%.lua$"
    out[#out + 1] = name and M.of_user(name) or nil
  end
  return out
end

local function builtin(name)
  local embedded = require "core.embedded"
  local file = ("recipes/%s.lua"):format(name)
  local row = M.is_name(name) and embedded.command(file)
  if not row then return nil end
  return { name = name, path = file, builtin = true, text = embedded.source(file), trust = "built-in", summary = row.summary }
end

---All recipes, by name. One of the user's whose name a command has is among them: it runs as a file alone.
---@return recipe.Recipe[]
function M.list()
  local out = {}
  for _, row in ipairs(require("core.embedded").list()) do
    local name = row.name:match "^recipes/(.*)%.lua$"
    out[#out + 1] = name and builtin(name) or nil
  end
  table.move(M.users(), 1, MAX, #out + 1, out)
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

---The recipe that a word means: its name, or a file (with a slash, or ending in .lua).
---@param word string
---@return recipe.Recipe
---@raise not_found "no_recipe", "no_file"
function M.find(word)
  if word:find "/" or word:find "%.lua$" then
    local path = try(fs.realpath, word)
    if not path then Error { category = "not_found", code = "no_file", message = ("there is no %s"):format(word) } end
    return of_file(path, fs.basename(path):gsub("%.lua$", ""))
  end
  local recipe = builtin(word) or M.of_user(word)
  if recipe then return recipe end
  local names = {}
  for _, r in ipairs(M.list()) do names[#names + 1] = r.name end
  local suggest = require "cli.suggest"
  local near = suggest.near(word, names)
  Error {
    category = "not_found", code = "no_recipe", message = ("there is no recipe '%s'"):format(word),
    hint = (near[1] and ("did you mean %s?\n"):format(suggest.either(near)) or "") .. "qnap-docker recipe list",
  }
end

---Raises unless it may run.
---@param recipe recipe.Recipe
---@raise auth "not_trusted"
function M.need_trust(recipe)
  if recipe.builtin or recipe.trust == "trusted" then return end
  Error {
    category = "auth", code = "not_trusted", message = ("the recipe %s is not trusted"):format(recipe.path),
    why = recipe.trust == "changed" and "it has changed since it was" or "a recipe may do to your NASes whatever you may",
    hint = ("qnap-docker recipe trust %s shows it, and asks"):format(recipe.path),
  }
end

local function compile(recipe)
  local chunk, why = load(recipe.text, recipe.builtin and "@qd:" .. recipe.path or "@" .. recipe.path)
  if not chunk then
    Error { category = "config", code = "bad_recipe", message = ("%s is no Lua"):format(recipe.path), why = why }
  end
  return chunk
end

---The command table of a recipe that may run.
---@param recipe recipe.Recipe
---@return cli.Command
---@raise auth "not_trusted"
---@raise config "bad_recipe"
function M.load(recipe)
  M.need_trust(recipe)
  local def = compile(recipe)()
  if type(def) ~= "table" or type(def.run) ~= "function" then
    Error {
      category = "config", code = "bad_recipe", message = ("%s is no recipe"):format(recipe.path),
      why = "a recipe returns a table with `summary` and `run = function(ctx) ... end`", hint = "qnap-docker recipe new NAME begins one",
    }
  end
  def.group = "recipes"
  return def
end

---Trusts the content that was read.
---@param recipe recipe.Recipe
function M.trust(recipe) trusted:trust(recipe.path, recipe.text) end

---@param path string
---@return boolean whether it was trusted
function M.forget(path) return trusted:forget(path) end

---What is wrong with a recipe, as far as it can be told without running what it does. Of one that is not trusted only its syntax is read.
---@param recipe recipe.Recipe
---@return string[] findings
function M.check(recipe)
  return require("recipe.check").findings(recipe, compile)
end

return M
