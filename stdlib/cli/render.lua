-- What a command returned, on stdout: which form the flags ask for, and whether a terminal reads it.
local format = require "cli.format"
local ui = require "ui"

local M = {}

---@param ctx cli.Context
---@return cli.View
function M.view(ctx)
  return { no_trunc = ctx.flags.no_trunc or false, flags = ctx.flags, now = os.time(), tty = ui.is_tty "stdout" }
end

---The fields of a record that --json=a,b names; null for those it lacks.
---@param record table
---@param wanted string
---@return table
function M.fields(record, wanted)
  local out = {}
  for field in wanted:gmatch "[^,%s]+" do
    local value = record[field]
    if value == nil then
      value = require("json").null
    end
    out[field] = value
  end
  return out
end

---The record as --json shows it.
---@param ctx cli.Context
---@param record table
---@return any
function M.json_record(ctx, record)
  local def, wanted = ctx.spec.def, ctx.flags.json
  local value = def.json and def.json(record) or record
  if type(value) ~= "table" then
    return value
  elseif value.profile == nil and record.profile then
    local copy = { profile = record.profile }
    for k, v in pairs(value) do
      copy[k] = v
    end
    value = copy
  end
  return wanted ~= "*" and M.fields(value, wanted) or value
end

local function encode(value)
  return require("json").encode(value, { indent = ui.is_tty "stdout" and 2 or 0 }) .. "\n"
end

local function json_list(ctx, records)
  local out = {}
  for i, record in ipairs(records) do
    out[i] = M.json_record(ctx, record)
  end
  return encode(require("json").array(out))
end

-- Cells for terminals: control characters of remote text are taken out.
local function cells(columns, records, view)
  local text = require "ui.text"
  local rows = {}
  for r, record in ipairs(records) do
    local row = {}
    for c, column in ipairs(columns) do
      row[c] = text.clean(tostring(format.value(column, record, view)))
    end
    rows[r] = row
  end
  return rows
end

-- Colours that depend on what stands in a cell.
local function colours()
  return { state = require("ui.style").of_state, profile = require("cli.targets").color }
end

local function terminal_columns(columns)
  local by_cell, out = colours(), {}
  for c, column in ipairs(columns) do
    out[c] = setmetatable({
      header = format.header(column), color = by_cell[column.color] or column.color,
    }, { __index = column })
  end
  return out
end

---The table for a terminal, and how many columns did not fit it.
---@param ctx cli.Context
---@param columns cli.Column[]
---@param records table[]
---@param view cli.View
---@return string
---@return integer dropped
function M.terminal_text(ctx, columns, records, view)
  return require("ui.table").render(terminal_columns(columns), cells(columns, records, view), {
    width = ctx.flags.no_trunc and math.huge or ui.width(), style = ui.style "stdout",
  })
end

local function terminal_table(ctx, columns, records, view)
  local shown, dropped = M.terminal_text(ctx, columns, records, view)
  ctx:out(shown)
  if dropped > 0 and ctx.flags.expanded ~= nil then
    ctx:note(("%d column%s did not fit; -x shows all"):format(dropped, dropped == 1 and "" or "s"))
  end
end

local function expanded(ctx, columns, records, view)
  ctx:out(require("ui.table").expanded(terminal_columns(columns), cells(columns, records, view), { style = ui.style "stdout" }))
end

local function default_table(ctx, columns, records, view)
  local def = ctx.spec.def
  if not view.tty then
    return ctx:out(format.plain_table(columns, records, view, def.min_width))
  elseif #records == 0 and def.empty then
    return ctx:note(type(def.empty) == "function" and def.empty(ctx) or def.empty)
  end
  terminal_table(ctx, columns, records, view)
end

-- docker's ps lets --quiet win over a template of the user's and says so; its other lists do the opposite.
local function wants_quiet(ctx)
  local flags, def = ctx.flags, ctx.spec.def
  if not flags.quiet then
    return false
  elseif not ctx.given.format or flags.format == "table" or flags.format == "" then
    return true
  elseif flags.format == "raw" and def.raw then
    return false
  elseif def.quiet_wins then
    require("cli.output").err "WARNING: Ignoring custom format, because both --format and --quiet are set.\n"
    return true
  end
  return false
end

---Prints a list of records.
---@param ctx cli.Context
---@param records table[]
function M.list(ctx, records)
  local def, flags = ctx.spec.def, ctx.flags
  if flags.json or not def.columns then
    return ctx:out(json_list(ctx, records))
  end
  local view = M.view(ctx)
  local columns = format.columns(def, ctx.several)
  if wants_quiet(ctx) then
    return ctx:out(format.quiet(def, columns, records, view))
  end
  local wanted = ctx.given.format and flags.format ~= "" and flags.format or def.format or "table"
  wanted = def.amend_format and def.amend_format(wanted, flags) or wanted
  local text = not flags.expanded and format.named(def, columns, records, view, wanted)
  if text then
    return ctx:out(text)
  end
  local shown = format.shown(columns, ctx)
  if flags.expanded then
    return expanded(ctx, shown, records, view)
  end
  default_table(ctx, shown, records, view)
end

---Prints records of a stream as they come: one JSON object per line with --json, else by --format, else by `line`.
---@param ctx cli.Context
---@param iterator fun(): table?
function M.stream(ctx, iterator)
  local def, flags = ctx.spec.def, ctx.flags
  local view, line = M.view(ctx), def.line
  if flags.json then
    line = function(record)
      return require("json").encode(M.json_record(ctx, record)) .. "\n"
    end
  elseif ctx.given.format and flags.format ~= "" then
    line = format.streaming(def, format.columns(def, ctx.several), view, flags.format)
  end
  for record in iterator do
    ctx:out(line(record, view))
  end
end

---Prints whatever run() returned.
---@param ctx cli.Context
---@param result any
function M.result(ctx, result)
  if result == nil then
    return
  elseif type(result) == "function" then
    return M.stream(ctx, result)
  elseif type(result) == "string" then
    return ctx:out(result)
  elseif #result > 0 or next(result) == nil or require("json").is_array(result) then
    return M.list(ctx, result)
  elseif ctx.flags.json or not ctx.spec.def.columns then
    return ctx:out(encode(M.json_record(ctx, result)))
  end
  M.list(ctx, { result })
end

return M
