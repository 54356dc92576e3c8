---@meta core.yaml
-- Types of the C module core.yaml (src/bind/yaml.c). Documentation of the functions: stdlib/yaml.lua.

---@class core.yaml
local M = {}

---@param text string
---@param name? string
---@return any value
function M.decode(text, name) end

---@param value any
---@return string
function M.encode(value) end

return M
