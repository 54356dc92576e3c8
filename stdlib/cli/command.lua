-- From the table that a command file returns to the form the parser, help, docs and completion work on.
local sets = require "cli.sets"
local values = require "cli.values"

local M = {}

---A command as a whole, ready for use.
---@class cli.Spec
---@field words string[] what is typed to reach it ("profile", "add")
---@field name string the words joined with blanks
---@field def cli.Command
---@field flags cli.Flag[] all flags: own first, then the sets', then the global ones
---@field long table<string, cli.Flag> by long name and alias
---@field short table<string, cli.Flag>
---@field args cli.Arg[]

local function copy(t)
  local out = {}
  for k, v in pairs(t) do
    out[k] = v
  end
  return out
end

local function normal_flag(raw, set)
  local flag = copy(raw)
  flag.name = flag.name or flag[1]
  flag.type = flag.type or "bool"
  flag.key = flag.name:gsub("-", "_")
  flag.set = set
  if flag.type == "bool" then
    flag.optional_value = "true"
  elseif flag.type == "count" then
    flag.optional_value = "+1"
  end
  if not values.known(flag.type) then
    error(("flag --%s has the unknown type '%s'"):format(flag.name, tostring(flag.type)), 0)
  end
  return flag
end

-- First come, first served: a command's own flag hides one of a set, and docker's short ones stay docker's.
local function add(spec, raw, set)
  local flag = normal_flag(raw, set)
  if spec.long[flag.name] then
    return
  end
  spec.flags[#spec.flags + 1] = flag
  spec.long[flag.name] = flag
  for _, alias in ipairs(flag.alias or {}) do
    if #alias == 1 then
      spec.short[alias] = spec.short[alias] or flag
    else
      spec.long[alias] = spec.long[alias] or flag
    end
  end
  if flag.short and not spec.short[flag.short] then
    spec.short[flag.short] = flag
  elseif set then
    flag.short = nil
  end
end

local function normal_arg(raw)
  local arg = type(raw) == "string" and { raw } or copy(raw)
  arg.name = arg.name or arg[1]
  arg.key = arg.name:gsub("-", "_")
  arg.label = arg.label or arg.name:upper()
  return arg
end

---Builds the spec of a command table.
---@param def cli.Command
---@param words string[]
---@return cli.Spec
function M.build(def, words)
  local spec = {
    words = words, name = table.concat(words, " "), def = def,
    flags = {}, long = {}, short = {}, args = {},
  }
  for _, raw in ipairs(def.flags or {}) do
    add(spec, raw, nil)
  end
  for _, name in ipairs(def.uses or {}) do
    local set = sets.sets[name]
    if not set then
      error(("command '%s' uses the unknown set '%s'"):format(spec.name, tostring(name)), 0)
    end
    for _, raw in ipairs(set.flags) do
      -- On commands that docker lacks, -n is --dry-run.
      if raw[1] == "dry-run" and not def.docker then
        raw = copy(raw)
        raw.short = "n"
      end
      add(spec, raw, name)
    end
  end
  for _, raw in ipairs(sets.global) do
    add(spec, raw, "global")
  end
  for i, raw in ipairs(def.args or {}) do
    spec.args[i] = normal_arg(raw)
  end
  return spec
end

---The spec of the bare program or of a group's words: global flags and the group's, no command.
---@param group? string
---@return cli.Spec
function M.root(group)
  local def = { summary = "Docker on QNAP NAS devices", flags = sets.root, stop_at_first_arg = true, uses = { sets.of_group[group] } }
  local spec = M.build(def, {})
  spec.root = true
  return spec
end

---Whether the command uses a set.
---@param spec cli.Spec
---@param name string
---@return boolean
function M.uses(spec, name)
  for _, used in ipairs(spec.def.uses or {}) do
    if used == name then
      return true
    end
  end
  return false
end

---"qnap-docker logs [OPTIONS] CONTAINER [CONTAINER...]"
---@param spec cli.Spec
---@return string
function M.usage(spec)
  local parts = { "qnap-docker" }
  if spec.name ~= "" then
    parts[2] = spec.name
  end
  parts[#parts + 1] = "[OPTIONS]"
  if spec.def.usage then
    parts[#parts + 1] = spec.def.usage
    return table.concat(parts, " ")
  end
  for _, arg in ipairs(spec.args) do
    local text = arg.label
    if arg.variadic then
      text = arg.optional and ("[%s...]"):format(text) or ("%s [%s...]"):format(text, text)
    elseif arg.optional then
      text = ("[%s]"):format(text)
    end
    parts[#parts + 1] = text
  end
  return table.concat(parts, " ")
end

return M
