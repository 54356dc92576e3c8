-- Elastic tabstops as Go's text/tabwriter lays them out with docker's settings (minwidth 10, padding 3, blanks),
-- so that tables come out byte for byte. A column is a run of lines that have a tab behind the same cell.
local text = require "ui.text"

local M = {}

local function split(line, separator)
  local cells, from = {}, 1
  while true do
    local at = line:find(separator, from, true)
    if not at then
      cells[#cells + 1] = line:sub(from)
      return cells
    end
    cells[#cells + 1] = line:sub(from, at - 1)
    from = at + 1
  end
end

---Lays out tab-separated lines.
---@param input string lines, each ended by a newline but perhaps the last
---@param minwidth? integer (10)
---@param padding? integer (3)
---@return string
function M.format(input, minwidth, padding)
  minwidth, padding = minwidth or 10, padding or 3
  local lines, widths = {}, {}
  for i, line in ipairs(split(input, "\n")) do
    lines[i], widths[i] = split(line, "\t"), {}
  end
  -- Column by column: the last cell of a line belongs to none.
  local column, busy = 1, true
  while busy do
    busy = false
    local i = 1
    while i <= #lines do
      local last, width = i, minwidth
      while lines[last] and #lines[last] > column do
        width = math.max(width, text.runes(lines[last][column]) + padding)
        last = last + 1
      end
      for k = i, last - 1 do
        widths[k][column] = width
        busy = true
      end
      i = math.max(last, i + 1)
    end
    column = column + 1
  end
  local out = {}
  for i, cells in ipairs(lines) do
    for k = 1, #cells - 1 do
      cells[k] = cells[k] .. (" "):rep(widths[i][k] - text.runes(cells[k]))
    end
    out[i] = table.concat(cells)
  end
  return table.concat(out, "\n")
end

return M
