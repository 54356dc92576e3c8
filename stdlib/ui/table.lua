-- Tables for terminals: they fit the width, columns go by priority, states have colours.
-- (Where output is no terminal, tables are docker's: ui.tabwriter.)
local text = require "ui.text"

local M = {}
local GUTTER = 2
local READABLE = 20 -- cells below which a column would rather go than be cut

---@class ui.Column
---@field header string
---@field priority? integer the highest number is dropped first
---@field min? integer
---@field max? integer
---@field middle? boolean
---@field right? boolean
---@field color? string|fun(cell: string): string|nil

-- Natural width of each column, and the least it makes sense at.
local function measure(columns, rows)
  local wide, least = {}, {}
  for c, column in ipairs(columns) do
    local w = text.width(column.header)
    for _, row in ipairs(rows) do
      w = math.max(w, text.width(row[c]))
    end
    if column.max then
      w = math.max(math.min(w, column.max), text.width(column.header))
    end
    wide[c] = w
    least[c] = math.min(w, math.max(column.min or READABLE, text.width(column.header)))
  end
  return wide, least
end

local function total(shown, widths)
  local sum = GUTTER * (#shown - 1)
  for _, c in ipairs(shown) do
    sum = sum + widths[c]
  end
  return sum
end

-- Columns that are left when those of the highest priority number gave way until the least widths fit.
local function choose(columns, least, width)
  local shown = {}
  for c in ipairs(columns) do
    shown[c] = c
  end
  while #shown > 1 and total(shown, least) > width do
    local worst = 1
    for i, c in ipairs(shown) do
      if (columns[c].priority or c) >= (columns[shown[worst]].priority or shown[worst]) then
        worst = i
      end
    end
    table.remove(shown, worst)
  end
  return shown
end

-- Takes from the widest column, cell by cell, until the table fits.
local function squeeze(shown, wide, least, width)
  local over = total(shown, wide) - width
  while over > 0 do
    local widest
    for _, c in ipairs(shown) do
      if wide[c] > least[c] and (not widest or wide[c] > wide[widest]) then
        widest = c
      end
    end
    if not widest then
      return
    end
    wide[widest] = wide[widest] - 1
    over = over - 1
  end
end

local function cell_text(column, cell, width, last, style)
  local short = text.shorten(cell, width, column.middle)
  local padded = last and not column.right and short or text.pad(short, width, column.right)
  local color = column.color
  if type(color) == "function" then
    color = color(cell)
  end
  if not color then
    return padded
  end
  local painted = style:paint(color, short)
  return column.right and padded:sub(1, #padded - #short) .. painted or painted .. padded:sub(#short + 1)
end

---Lays out rows of cells (strings without control characters) under headers.
---@param columns ui.Column[]
---@param rows string[][]
---@param options {width: integer, style: ui.Style}
---@return string
---@return integer dropped how many columns did not fit
function M.render(columns, rows, options)
  local wide, least = measure(columns, rows)
  local shown = choose(columns, least, options.width)
  squeeze(shown, wide, least, options.width)
  local out = {}
  local function line(cells, is_header)
    local parts = {}
    for i, c in ipairs(shown) do
      local column = columns[c]
      if is_header then
        column = { right = column.right, color = "head" }
      end
      parts[i] = cell_text(column, cells[c], wide[c], i == #shown, options.style)
    end
    out[#out + 1] = table.concat(parts, (" "):rep(GUTTER)) .. "\n"
  end
  local headers = {}
  for c, column in ipairs(columns) do
    headers[c] = column.header
  end
  line(headers, true)
  for _, row in ipairs(rows) do
    line(row, false)
  end
  return table.concat(out), #columns - #shown
end

---One record after the other, a line for each field, as psql's \x.
---@param columns ui.Column[]
---@param rows string[][]
---@param options {style: ui.Style}
---@return string
function M.expanded(columns, rows, options)
  local left, out = 0, {}
  for _, column in ipairs(columns) do
    left = math.max(left, text.width(column.header))
  end
  for r, row in ipairs(rows) do
    out[#out + 1] = r > 1 and "\n" or nil
    for c, column in ipairs(columns) do
      local color = type(column.color) == "function" and column.color(row[c]) or nil
      local name = options.style:paint("head", text.pad(column.header, left))
      out[#out + 1] = ("%s  %s"):format(name, options.style:paint(color, row[c])):gsub("%s+$", "") .. "\n"
    end
  end
  return table.concat(out)
end

return M
