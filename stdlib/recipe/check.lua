-- What can be told of a recipe without doing what it does. Dependencies: cli.command, cli.parse, errors.
local M = {}

local NEEDS = { profiles = true, docker = true, files = true, http = true, secrets = true }

local function check_needs(def, add)
  for key, value in pairs(type(def.needs) == "table" and def.needs or {}) do
    if not NEEDS[key] then
      add(("needs.%s: there is no such need (profiles, docker, files, http, secrets)"):format(tostring(key)))
    elseif type(value) ~= "table" then
      add(("needs.%s: a list is expected"):format(key))
    end
  end
  if def.needs ~= nil and type(def.needs) ~= "table" then add "needs: a table is expected" end
end

-- Examples are read as the program would.
local function check_examples(recipe, def, spec, add)
  if not def.examples or #def.examples == 0 then return add "it has no examples" end
  for i, example in ipairs(def.examples) do
    local words = require("cli.own_aliases").split(type(example) == "table" and tostring(example[1]) or "")
    if not words or words[1] ~= recipe.name then
      add(("example %d does not begin with '%s'"):format(i, recipe.name))
    else
      local _, err = try(require("cli.parse").parse, spec, table.move(words, 2, #words, 1, {}))
      if err then add(("example %d: %s"):format(i, err.message)) end
    end
  end
end

local function check_table(recipe, def, add)
  if type(def) ~= "table" then return add "it returns no table" end
  if type(def.summary) ~= "string" or def.summary == "" then
    add "it has no summary"
  elseif def.summary:find "\n" or def.summary:find "%.$" then
    add "its summary is not one line without a full stop"
  elseif recipe.summary ~= def.summary then
    add "its summary does not stand on a line of its own, so that lists cannot show it"
  end
  if type(def.run) ~= "function" then add "it has no run = function(ctx) ... end" end
  check_needs(def, add)
  local ok, spec = pcall(require("cli.command").build, def, { recipe.name })
  if not ok then return add("its flags or arguments are wrong: " .. tostring(type(spec) == "table" and spec.message or spec)) end
  local uses = require("cli.command").uses
  if def.writes and not (uses(spec, "dry_run") or uses(spec, "plan")) then
    add 'it changes something, and cannot say beforehand what: uses = { "plan" } or { "dry_run" }'
  end
  check_examples(recipe, def, spec, add)
end

---See recipe.check.
---@param recipe recipe.Recipe
---@param compile fun(recipe: recipe.Recipe): function
---@return string[]
function M.findings(recipe, compile)
  local out = {}
  local function add(text) out[#out + 1] = text end
  local chunk, err = try(compile, recipe)
  if not chunk then return { err.why } end
  if recipe.text:find "require%s*%(?%s*[\"']core%." then add "it requires core.*: recipes use the library above it" end
  if not recipe.builtin and recipe.trust ~= "trusted" then return out end -- its table is made by running its first lines
  local ok, def = pcall(chunk)
  if not ok then
    add("it fails before it runs: " .. tostring(type(def) == "table" and def.message or def))
  else
    check_table(recipe, def, add)
  end
  return out
end

return M
