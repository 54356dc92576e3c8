---@meta core.compose
-- Types of the C module core.compose (src/bind/compose.c). Documentation of the functions: stdlib/compose.lua.

---@class core.compose
local M = {}

---@param options table
---@return table project
function M.load(options) end

---@param text string
---@return string
function M.project_name(text) end

return M
