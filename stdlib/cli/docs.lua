-- docs/commands/*.md and man pages, from the command tables: nothing in them is written by hand.
local command = require "cli.command"
local help = require "cli.help"
local registry = require "cli.registry"
local topics = require "cli.topics"

local M = {}

local function cell(text)
  return (text:gsub("|", "\\|"):gsub("<", "&lt;"))
end

local function markdown_options(out, title, rows)
  if #rows == 0 then
    return
  end
  out[#out + 1] = ("\n## %s\n\n| option | |\n|---|---|\n"):format(title)
  for _, row in ipairs(rows) do
    out[#out + 1] = ("| `%s` | %s |\n"):format(cell((row[1]:gsub("^%s+", ""))), cell(row[2]))
  end
end

-- The command's own options and those of its sets, with headings.
local function sections(spec)
  local sets = require "cli.sets"
  local out, by_title = { { "Options", help.flag_rows(spec.flags, nil) } }, {}
  for _, name in ipairs(spec.def.uses or {}) do
    local title = sets.sets[name].title
    if not by_title[title] then
      by_title[title] = {}
      out[#out + 1] = { title, by_title[title] }
    end
    table.move(help.flag_rows(spec.flags, name), 1, 50, #by_title[title] + 1, by_title[title])
  end
  return out
end

local function fields_of(def)
  local names = {}
  for _, column in ipairs(def.columns or {}) do
    names[#names + 1] = ("`.%s`"):format(column[1])
  end
  return names
end

---The page of one command.
---@param spec cli.Spec
---@return string
function M.markdown(spec)
  local def = spec.def
  local out = { ("# qnap-docker %s\n\n%s\n\n```\n%s\n```\n"):format(spec.name, def.summary, command.usage(spec)) }
  if def.description then
    out[#out + 1] = "\n" .. def.description .. "\n"
  end
  for i, example in ipairs(def.examples or {}) do
    out[#out + 1] = i == 1 and "\n## Examples\n" or ""
    out[#out + 1] = ("\n%s```\nqnap-docker %s\n```\n"):format(example[2] and example[2] .. "\n" or "", example[1])
  end
  local args = {}
  for _, arg in ipairs(spec.args) do
    args[#args + 1] = arg.help and { arg.label, arg.help } or nil
  end
  markdown_options(out, "Arguments", args)
  for _, section in ipairs(sections(spec)) do
    markdown_options(out, section[1], section[2])
  end
  local fields = fields_of(def)
  if #fields > 0 then
    out[#out + 1] = "\n## Fields of --format\n\n" .. table.concat(fields, " ") .. " `.Profile`\n"
  end
  local aliases = registry.aliases_of(spec.name)
  if #aliases > 0 then
    out[#out + 1] = "\nOther names: `" .. table.concat(aliases, "`, `") .. "`\n"
  end
  out[#out + 1] = "\n[All commands](README.md) · [Options of every command](options.md)\n"
  return table.concat(out)
end

local function file_name(name)
  return name:gsub(" ", "-") .. ".md"
end

local function index(entries)
  local out = { "# Commands\n\nMade from the command tables by `./dev docs`.\n" }
  for _, group in ipairs(help.groups) do
    local rows = {}
    for _, entry in ipairs(entries) do
      if entry.group == group[1] then
        rows[#rows + 1] = ("| [%s](%s) | %s |\n"):format(entry.name, file_name(entry.name), cell(entry.summary))
      end
    end
    if #rows > 0 then
      out[#out + 1] = ("\n## %s\n\n| | |\n|---|---|\n%s"):format(group[2], table.concat(rows))
    end
  end
  out[#out + 1] = "\n## Topics\n\n"
  for _, name in ipairs(topics.names()) do
    out[#out + 1] = ("- [%s](%s)\n"):format(topics.title(name), file_name(name))
  end
  return table.concat(out)
end

---Every page of docs/commands: {name, text}.
---@return {[1]: string, [2]: string}[]
function M.pages()
  local entries = registry.list()
  local out = { { "README.md", index(entries) } }
  for _, entry in ipairs(entries) do
    out[#out + 1] = { file_name(entry.name), M.markdown(registry.load(entry)) }
  end
  for _, name in ipairs(topics.names()) do
    local text = ("# %s\n\n```\n%s```\n\n[All commands](README.md)\n"):format(topics.title(name), topics.text(name, 100))
    out[#out + 1] = { file_name(name), text }
  end
  return out
end

-- troff: a line must not begin with . or ', backslashes and dashes are escaped.
local function troff(text)
  text = text:gsub("\\", "\\e"):gsub("-", "\\-")
  return (("\n" .. text):gsub("\n([.'])", "\n\\&%1"):sub(2))
end

local function man_options(out, rows)
  for _, row in ipairs(rows) do
    out[#out + 1] = (".TP\n.B %s\n%s\n"):format(troff((row[1]:gsub("^%s+", ""))), troff(row[2]))
  end
end

local function man_head(name, summary)
  local version = require("core.version").program
  return ('.TH "%s" 1 "" "qnap-docker %s" "qnap-docker"\n.SH NAME\n%s \\- %s\n'):format(name:upper(), version, troff(name), troff(summary))
end

---The man page of one command.
---@param spec cli.Spec
---@return string
function M.man(spec)
  local def = spec.def
  local out = { man_head("qnap-docker-" .. spec.name:gsub(" ", "-"), def.summary) }
  out[#out + 1] = (".SH SYNOPSIS\n%s\n"):format(troff(command.usage(spec)))
  if def.description then
    out[#out + 1] = ".SH DESCRIPTION\n" .. troff(def.description) .. "\n"
  end
  for _, section in ipairs(sections(spec)) do
    if #section[2] > 0 then
      out[#out + 1] = (".SH %s\n"):format(section[1]:upper())
      man_options(out, section[2])
    end
  end
  for i, example in ipairs(def.examples or {}) do
    out[#out + 1] = i == 1 and ".SH EXAMPLES\n" or ""
    out[#out + 1] = (".PP\n%s\n.nf\n.RS\nqnap\\-docker %s\n.RE\n.fi\n"):format(troff(example[2] or ""), troff(example[1]))
  end
  out[#out + 1] = ".SH SEE ALSO\n.BR qnap\\-docker (1)\n"
  return table.concat(out)
end

---The man page of the program: every command, every global option, the topics.
---@return string
function M.man_main()
  local out = { man_head("qnap-docker", "Docker on QNAP NAS devices, over SSH") }
  out[#out + 1] = ".SH SYNOPSIS\n.B qnap\\-docker\n[OPTIONS] COMMAND [ARGUMENTS]\n.SH COMMANDS\n"
  for _, entry in ipairs(registry.list()) do
    out[#out + 1] = (".TP\n.BR qnap\\-docker\\-%s (1)\n%s\n"):format(troff(entry.name:gsub(" ", "-")), troff(entry.summary))
  end
  out[#out + 1] = ".SH OPTIONS OF EVERY COMMAND\n"
  man_options(out, help.flag_rows(command.root().flags, "global"))
  for _, name in ipairs(topics.names()) do
    if name ~= "options" then
      out[#out + 1] = (".SH %s\n.nf\n%s\n.fi\n"):format(topics.title(name):upper(), troff(topics.text(name, 78)))
    end
  end
  return table.concat(out)
end

---Every man page: {file name, text}.
---@return {[1]: string, [2]: string}[]
function M.manuals()
  local out = { { "qnap-docker.1", M.man_main() } }
  for _, entry in ipairs(registry.list()) do
    out[#out + 1] = { ("qnap-docker-%s.1"):format(entry.name:gsub(" ", "-")), M.man(registry.load(entry)) }
  end
  return out
end

return M
