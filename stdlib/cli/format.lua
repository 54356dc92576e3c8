-- Rows of a command in docker's formats: tables, --format templates, json, raw, ids. Byte for byte docker's.
local tabwriter = require "ui.tabwriter"

local M = {}

---A record with all fields of its columns filled in.
---@class cli.Row
---@field record table
---@field fields table<string, any> by template name

local function snake(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):gsub("(%u)(%u%l)", "%1_%2"):lower())
end

local PROFILE = {
  "Profile", header = "PROFILE", hidden = true, ours = true, priority = 0, color = "profile",
  get = function(record)
    return record.profile or ""
  end,
}

---All columns of a command; Profile comes first, shown only for several NASes.
---@param def cli.Command
---@param several boolean
---@return cli.Column[]
function M.columns(def, several)
  local profile = several and setmetatable({ hidden = false, ours = false }, { __index = PROFILE }) or PROFILE
  return table.move(def.columns, 1, #def.columns, 2, { profile })
end

---The columns of the default table.
---@param columns cli.Column[]
---@param ctx cli.Context
---@return cli.Column[]
function M.shown(columns, ctx)
  local out = {}
  for _, column in ipairs(columns) do
    if not column.hidden and (not column.when or column.when(ctx)) then
      out[#out + 1] = column
    end
  end
  return out
end

---@param column cli.Column
---@return string
function M.header(column)
  return column.header or column[1]:upper()
end

---One field of a record as the templates see it.
---@param column cli.Column
---@param record table
---@param view cli.View
---@return any
function M.value(column, record, view)
  local value
  if column.get then
    value = column.get(record, view)
  else
    value = record[snake(column[1])]
  end
  return value == nil and "" or value
end

-- Fields that docker does not have are there for templates that name them; `json` shows docker's alone.
local function fields_of(columns, record, view, template)
  local fields = {}
  for _, column in ipairs(columns) do
    if not column.ours or template:uses(column[1]) then
      fields[column[1]] = M.value(column, record, view)
    end
  end
  return fields
end

-- docker trims blanks and takes \t and \n in the shell's quotes for tab and newline.
local function unescape(template)
  return (template:gsub("^ +", ""):gsub(" +$", ""):gsub("\\t", "\t"):gsub("\\n", "\n"))
end

---Raises what a template's error means for the user.
---@param err Error
function M.unusable(err)
  Error {
    category = "usage", code = "bad_template", message = "the template of --format cannot be used", why = err.message,
    hint = "qnap-docker help formatting",
  }
end

---Compiles a user's template; a mistake in it is a usage error.
---@param source string
---@return table
function M.compile(source)
  local template, err = try(require("template").compile, source)
  return template or M.unusable(err)
end

local function compile(source)
  return M.compile(unescape(source))
end

local function run(template, fields, options)
  local text, err = try(template.render, template, fields, options)
  return text or M.unusable(err)
end

-- Headers for {{.Label "com.shop.role"}}: the word behind the last dot.
local function header_methods(source)
  local labels = {}
  for key in source:gmatch '%.Label%s+"([^"]*)"' do
    labels[key] = key:match("[^.]*$"):gsub("[-_]", " ")
  end
  return { Label = labels }
end

local function template_options(def, record)
  return { strict = true, type_name = def.type_name, methods = def.methods and def.methods(record) or nil }
end

---Renders a user's template for one record.
---@param def cli.Command
---@param columns cli.Column[]
---@param view cli.View
---@param source string
---@param record table
---@param instead? table<string, any> fields that have other values than the record's
---@return string
function M.one(def, columns, view, source, record, instead)
  local template = M.compile(source)
  local fields = fields_of(columns, record, view, template)
  for field, value in pairs(instead or {}) do
    fields[field] = value
  end
  return run(template, fields, template_options(def, record))
end

-- One rendering per record, each ended by a newline.
local function each(def, columns, records, view, template)
  local out = {}
  for i, record in ipairs(records) do
    out[i] = run(template, fields_of(columns, record, view, template), template_options(def, record)) .. "\n"
  end
  return table.concat(out)
end

-- `table TEMPLATE`
local function custom_table(def, columns, records, view, source)
  local template = compile(source)
  local headers = {}
  for _, column in ipairs(columns) do
    if not column.ours or template:uses(column[1]) then
      headers[column[1]] = M.header(column)
    end
  end
  local body = each(def, columns, records, view, template)
  local ok, head = pcall(template.render, template, headers, { methods = header_methods(source), header = true })
  return tabwriter.format((ok and head or "") .. "\n" .. body)
end

---docker's default table, tab-separated values laid out.
---@param columns cli.Column[] the shown ones
---@param records table[]
---@param view cli.View
---@param min_width? integer of a column (10)
---@return string
function M.plain_table(columns, records, view, min_width)
  local lines, cells = {}, {}
  for c, column in ipairs(columns) do
    cells[c] = M.header(column)
  end
  lines[1] = table.concat(cells, "\t")
  for r, record in ipairs(records) do
    for c, column in ipairs(columns) do
      cells[c] = tostring(M.value(column, record, view))
    end
    lines[r + 1] = table.concat(cells, "\t")
  end
  return tabwriter.format(table.concat(lines, "\n") .. "\n", min_width)
end

---Only the ids (or what the command's `quiet` says).
function M.quiet(def, columns, records, view)
  local what, out = def.quiet or "ID", {}
  local get = what
  if type(what) == "string" then
    for _, column in ipairs(columns) do
      if column[1] == what then
        get = function(record)
          return M.value(column, record, view)
        end
      end
    end
  end
  for i, record in ipairs(records) do
    out[i] = tostring(get(record, view)) .. "\n"
  end
  return table.concat(out)
end

---Renders by a format that the user (or the command) named; nil: it names the default table.
---@param def cli.Command
---@param columns cli.Column[]
---@param records table[]
---@param view cli.View
---@param format string
---@return string?
function M.named(def, columns, records, view, format)
  if format == "json" then
    return each(def, columns, records, view, compile "{{json .}}")
  elseif format == "raw" and def.raw then
    local raw = def.raw
    return each(def, columns, records, view, compile(type(raw) == "function" and raw(view.flags) or raw))
  elseif format == "table" then
    return nil
  elseif format:sub(1, 5) == "table" then
    return custom_table(def, columns, records, view, format:sub(6))
  end
  return each(def, columns, records, view, compile(format))
end

---A function that renders one record of a stream.
---@param def cli.Command
---@param columns cli.Column[]
---@param view cli.View
---@param format string
---@return fun(record: table): string
function M.streaming(def, columns, view, format)
  local template = compile(format == "json" and "{{json .}}" or format)
  return function(record)
    return run(template, fields_of(columns, record, view, template), template_options(def, record)) .. "\n"
  end
end

return M
