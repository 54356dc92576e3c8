---@meta core.json
-- Types of the C module core.json (src/bind/json.c). Documentation of the functions: stdlib/json.lua.

---@class json.null: lightuserdata

---@class json.DecodeOptions
---@field max_bytes? integer of text (default 64 MiB)
---@field max_depth? integer levels of nesting, 1 to 1000 (default 200)

---@class json.EncodeOptions
---@field indent? integer spaces per level, 0 to 16 (default 0: one line)
---@field html_safe? boolean <, > and & as \u003c ..., as docker's {{json .}} does

---@class core.json
---@field null json.null
local M = {}

---@param text string
---@param options? json.DecodeOptions
---@return any value
function M.decode(text, options) end

---@param value any
---@param options? json.EncodeOptions
---@return string
function M.encode(value, options) end

---@param text string
---@param indent integer
---@return string
function M.reformat(text, indent) end

---@param list? table
---@return table
function M.array(list) end

---@param value any
---@return boolean
function M.is_array(value) end

return M
