-- Words on tables that compose, and what stands beside it, needs in many places. Pure.
local M = {}

---The keys of a map, in order.
---@param map? table<string, any>
---@return string[]
function M.sorted(map)
  local keys = {}
  for key in pairs(map or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

---What a list holds, to be asked for by name.
---@generic T
---@param list? T[]
---@return table<T, true>
function M.set(list)
  local out = {}
  for _, item in ipairs(list or {}) do out[item] = true end
  return out
end

---The engine's records, to be asked for by their names.
---@param records table[]
---@return table<string, table>
function M.by_name(records)
  local out = {}
  for _, record in ipairs(records) do out[record.Name] = record end
  return out
end

---Several lists behind each other, as a list of its own.
---@generic T
---@param a? T[]
---@param b? T[]
---@param ... T[]
---@return T[]
function M.joined(a, b, ...)
  local out = {}
  for _, list in ipairs { a or {}, b or {}, ... } do table.move(list, 1, #list, #out + 1, out) end
  return out
end

---A table with the same members. For one whose tables are its own, too: plan.secrets.copy.
---@param map? table
---@return table
function M.copy(map)
  local out = {}
  for key, value in pairs(map or {}) do out[key] = value end
  return out
end

return M
