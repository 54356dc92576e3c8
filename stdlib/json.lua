-- JSON text and Lua values: integers stay exact, null is json.null, empty arrays stay apart from empty objects.
-- Dependencies: core.json.
local core = require "core.json"

---@class json
local M = {
  ---What JSON null becomes, and what is written as null.
  null = core.null,
}

---Reads one document. Raises `bad_json` with line and column.
---@param text string
---@param limits? {max_bytes?: integer, max_depth?: integer}
---@return any
function M.decode(text, limits)
  return core.decode(text, limits)
end

---Writes a value. Tables that json.array marked, and non-empty sequences, are arrays; keys of objects are sorted.
---@param value any
---@param style? {indent?: integer, html_safe?: boolean} indent: blanks per level, 0 = one line
---@return string
function M.encode(value, style)
  return core.encode(value, style)
end

---Marks a table as an array, so that it is one when empty, too.
---@param list? table
---@return table
function M.array(list)
  return core.array(list or {})
end

---Whether encode writes it as an array.
---@param value any
---@return boolean
function M.is_array(value)
  return core.is_array(value)
end

---Whether it is nil or JSON null.
---@param value any
---@return boolean
function M.is_null(value)
  return value == nil or value == core.null
end

return M
