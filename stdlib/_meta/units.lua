---@meta core.units
-- Types of the C module core.units (src/bind/units.c). Documentation of the functions: stdlib/units.lua.

---@class core.units
local M = {}

---@param text string
---@return integer bytes
function M.size(text) end

---@param text string
---@return number seconds
function M.duration(text) end

---@param text string
---@return integer nanoseconds
function M.duration_ns(text) end

---@param text string
---@param now? number
---@return integer seconds
---@return integer nanoseconds
function M.time(text, now) end

---@param text string
---@return integer seconds
---@return integer nanoseconds
function M.rfc3339(text) end

---@param bytes number
---@param precision? integer
---@return string
function M.human_size(bytes, precision) end

---@param bytes number
---@return string
function M.bytes_size(bytes) end

---@param seconds number
---@return string
function M.human_duration(seconds) end

return M
