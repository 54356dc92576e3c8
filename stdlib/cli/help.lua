-- Help texts, all from the command tables.
local command = require "cli.command"
local registry = require "cli.registry"
local sets = require "cli.sets"
local text = require "ui.text"

local M = {}

---Headings of the overview, in its order. A command says which with its field `group`.
M.groups = {
  { "set-up", "Set-up" },
  { "profiles", "NAS profiles" },
  { "containers", "Containers" },
  { "images", "Images" },
  { "volumes", "Volumes" },
  { "networks", "Networks" },
  { "compose", "Compose projects" },
  { "system", "System" },
  { "backup", "Backup and recovery" },
  { "monitoring", "Monitoring" },
  { "automation", "Automation" },
  { "recipes", "Recipes" },
  { "help", "Help" },
}

-- Two columns: `rows` of {left, right}; the right one is wrapped.
local function columns(out, rows, width, min_left)
  local left = min_left or 0
  for _, row in ipairs(rows) do
    local w = text.width(row[1])
    if w <= 34 then
      left = math.max(left, w)
    end
  end
  local indent = (" "):rep(left + 4)
  for _, row in ipairs(rows) do
    local lines = text.wrap(row[2], math.max(20, width - left - 4))
    if text.width(row[1]) > left then
      out[#out + 1] = "  " .. row[1]
      table.insert(lines, 1, false)
    else
      out[#out + 1] = ("  %s  %s"):format(text.pad(row[1], left), lines[1]):gsub("%s+$", "")
    end
    for i = 2, #lines do
      out[#out + 1] = indent .. lines[i]
    end
  end
end

local function flag_left(flag)
  local left = (flag.short and ("-%s, "):format(flag.short) or "    ") .. "--" .. flag.name
  local value = flag.value
  if flag.type == "bool" or flag.type == "count" then
    return left
  end
  value = value or ({ int = "N", uint = "N", float = "NUMBER", duration = "DURATION", size = "SIZE", map = "KEY=VALUE" })[flag.type]
    or (flag.type == "enum" and table.concat(flag.values, "|")) or "VALUE"
  return flag.optional_value and ("%s[=%s]"):format(left, value) or ("%s %s"):format(left, value)
end

local function flag_right(flag)
  local right = flag.help or ""
  local d = flag.default
  if d ~= nil and d ~= false and d ~= "" and type(d) ~= "table" then
    right = ("%s (default %s)"):format(right, tostring(d))
  end
  return right
end

---The rows of an option list: {"-a, --all", "Include stopped containers"}.
---@param flags cli.Flag[]
---@param set string|nil only flags of that set; nil: the command's own
---@return {[1]: string, [2]: string}[]
function M.flag_rows(flags, set)
  local rows = {}
  for _, flag in ipairs(flags) do
    if flag.set == set and not flag.hidden then
      rows[#rows + 1] = { flag_left(flag), flag_right(flag) }
    end
  end
  return rows
end

local function example_lines(out, examples, width)
  local rows = {}
  for i, example in ipairs(examples) do
    rows[i] = { "qnap-docker " .. example[1], example[2] or "" }
  end
  out[#out + 1] = "Examples:"
  for _, row in ipairs(rows) do
    if row[2] ~= "" then
      for _, line in ipairs(text.wrap("# " .. row[2], width - 2)) do
        out[#out + 1] = "  " .. line
      end
    end
    out[#out + 1] = "  " .. row[1]
  end
end

local function argument_rows(spec)
  local rows = {}
  for _, arg in ipairs(spec.args) do
    if arg.help then
      rows[#rows + 1] = { arg.label, arg.help }
    end
  end
  return rows
end

local function section(out, title, rows, width)
  if #rows > 0 then
    out[#out + 1] = ""
    out[#out + 1] = title .. ":"
    columns(out, rows, width, 22)
  end
end

---Examples of a command alone (--examples).
---@param spec cli.Spec
---@return string
function M.examples(spec, width)
  local out = {}
  if not spec.def.examples then
    return ("No examples for '%s'; see qnap-docker %s --help\n"):format(spec.name, spec.name)
  end
  example_lines(out, spec.def.examples, width or 80)
  return table.concat(out, "\n") .. "\n"
end

---Help of one command.
---@param spec cli.Spec
---@param width? integer columns of the terminal (80)
---@return string
function M.command(spec, width)
  width = width or 80
  local out = text.wrap(spec.def.summary or spec.name, width)
  out[#out + 1] = ""
  out[#out + 1] = "Usage:  " .. command.usage(spec)
  if spec.def.description then
    out[#out + 1] = ""
    table.move(text.wrap(spec.def.description, width), 1, 200, #out + 1, out)
  end
  if spec.def.examples then
    out[#out + 1] = ""
    example_lines(out, spec.def.examples, width)
  end
  section(out, "Arguments", argument_rows(spec), width)
  section(out, "Options", M.flag_rows(spec.flags, nil), width)
  local done = {}
  for _, name in ipairs(spec.def.uses or {}) do
    local title = sets.sets[name].title
    local rows = done[title] and {} or M.flag_rows(spec.flags, name)
    for _, other in ipairs(spec.def.uses) do
      if other ~= name and not done[title] and sets.sets[other].title == title then
        table.move(M.flag_rows(spec.flags, other), 1, 50, #rows + 1, rows)
      end
    end
    done[title] = true
    section(out, title, rows, width)
  end
  local aliases = registry.aliases_of(spec.name)
  for _, alias in ipairs(spec.def.aliases or {}) do
    aliases[#aliases + 1] = alias
  end
  if #aliases > 0 then
    out[#out + 1] = ""
    table.move(text.wrap("Aliases: " .. table.concat(aliases, ", "), width), 1, 20, #out + 1, out)
  end
  out[#out + 1] = ""
  out[#out + 1] = "Options of every command: qnap-docker help options"
  return table.concat(out, "\n") .. "\n"
end

-- "profile COMMAND" for all commands of a group, else the command itself; in the registry's order.
local function overview_rows(group)
  local rows, folded = {}, {}
  for _, entry in ipairs(registry.list()) do
    if entry.group == group then
      local first = entry.words[1]
      if #entry.words == 1 then
        rows[#rows + 1] = { first, entry.summary }
      elseif not folded[first] then
        local names = {}
        for _, member in ipairs(registry.members(first)) do
          names[#names + 1] = not member.alias and member.word or nil
        end
        local _, own = registry.group(first)
        local list = table.concat(names, ", ")
        rows[#rows + 1] = { first .. " …", own and own.summary ~= "" and ("%s: %s"):format(own.summary, list) or list }
        folded[first] = true
      end
    end
  end
  return rows
end

---The list of all commands, by group.
---@param width? integer
---@return string
function M.overview(width)
  width = width or 80
  local out = {
    "Docker on QNAP NAS devices, over SSH", "",
    "Usage:  qnap-docker [OPTIONS] COMMAND [ARGUMENTS]", "",
    "First steps:",
    "  qnap-docker init nas1.local       # log in once, write a profile",
    "  qnap-docker run -d -p 8080:80 nginx",
    "  qnap-docker ps --profile '*'      # on every NAS",
  }
  for _, group in ipairs(M.groups) do
    local rows = overview_rows(group[1])
    if #rows > 0 then
      out[#out + 1] = ""
      out[#out + 1] = group[2] .. ":"
      columns(out, rows, width, 12)
    end
  end
  out[#out + 1] = ""
  out[#out + 1] = "More: qnap-docker COMMAND --help, qnap-docker help TOPIC"
  local names = table.concat(require("cli.topics").names(), ", ")
  table.move(text.wrap("Topics: " .. names, width), 1, 9, #out + 1, out)
  return table.concat(out, "\n") .. "\n"
end

---The commands of a group ("profile").
---@param name string
---@param width? integer
---@return string
function M.group(name, width)
  width = width or 80
  local _, own = registry.group(name)
  local out = {}
  if own then
    out[1] = own.summary
    out[2] = ""
  end
  out[#out + 1] = ("Usage:  qnap-docker %s COMMAND"):format(name)
  out[#out + 1] = ""
  out[#out + 1] = "Commands:"
  local rows = {}
  for _, member in ipairs(registry.members(name)) do
    rows[#rows + 1] = { member.word, member.entry.summary }
  end
  columns(out, rows, width, 12)
  out[#out + 1] = ""
  out[#out + 1] = ("More: qnap-docker %s COMMAND --help"):format(name)
  return table.concat(out, "\n") .. "\n"
end

---The options that every command takes.
---@param width? integer
---@return string
function M.options(width)
  local out = {
    "Options of every command, in front of it or behind it. They have long names only, so that docker's short ones",
    "keep their meaning. A command's own option of the same name wins behind the command (stop --timeout).", "",
  }
  columns(out, M.flag_rows(command.root().flags, "global"), width or 80, 22)
  return table.concat(out, "\n") .. "\n"
end

return M
