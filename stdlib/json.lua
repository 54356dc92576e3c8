-- JSON text and Lua values. Integers stay integers (64 bits), 1.0 stays a float, [] stays apart from {}.
-- Dependencies: core.json.
local core = require "core.json"

local M = {}

---What stands for JSON's null, which a Lua table cannot hold. It counts as true in conditions: compare with `json.null`.
---@type json.null
M.null = core.null

---Reads one JSON document. Arrays are marked (see json.array), objects are plain tables without an order.
---Text that is not UTF-8 becomes U+FFFD, of members with the same name the last one counts.
---@param text string
---@param options? json.DecodeOptions
---@return any value
---@raise fail "bad_json" with line and column, or the limit that was passed
function M.decode(text, options)
  return core.decode(text, options)
end

---Writes a value as Go's encoding/json does, with sorted keys. A table is an array when it is marked or a non-empty
---sequence. Functions, userdata, mixed keys, lists with gaps, cycles and NaN raise and name the place.
---@param value any nil is null
---@param options? json.EncodeOptions
---@return string
function M.encode(value, options)
  return core.encode(value, options)
end

---Sets the white space between the tokens of a JSON text anew, as Go's json.Indent or (indent 0) json.Compact does; order,
---numbers and escapes stay as they were sent.
---@param text string
---@param indent integer spaces per level, 0 to 16
---@return string
---@raise fail "bad_json" where a bracket or string is not closed
function M.reformat(text, indent)
  return core.reformat(text, indent)
end

---Marks a table (default: a new one) as an array, so that it is written as [] even when it is empty.
---@generic T: table
---@param list? T
---@return T list the same table
function M.array(list)
  return core.array(list)
end

---Whether encode takes the value for an array: a marked table or a non-empty sequence.
---@param value any
---@return boolean
function M.is_array(value)
  return core.is_array(value)
end

---Whether the value is nil or JSON's null.
---@param value any
---@return boolean
function M.is_null(value)
  return value == nil or value == core.null
end

return M
