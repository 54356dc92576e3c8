-- Two models, field by field. Values of variables, arguments and contents are never shown. Pure.
local M = {}

---@class compose.Change
---@field field string "services.web.ports[0].published"
---@field symbol "+"|"-"|"~"
---@field was? any
---@field is? any

local HIDDEN = { environment = true, args = true, content = true }
M.MASK = "********"

local function is_list(value) return require("json").is_array(value) or #value > 0 end

local function absent(value) return value == nil or require("json").is_null(value) or (type(value) == "table" and next(value) == nil) end

local function copy(value, hidden)
  if type(value) ~= "table" or require("json").is_null(value) then return hidden and M.MASK or value end
  local out = is_list(value) and require("json").array {} or {}
  for key, item in pairs(value) do out[key] = copy(item, hidden or HIDDEN[key] or false) end
  return out
end

local function equal(a, b)
  if absent(a) and absent(b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not equal(value, b[key]) then return false end
  end
  for key, value in pairs(b) do
    if a[key] == nil and not absent(value) then return false end
  end
  return true
end

local function keys_of(a, b)
  local seen, out = {}, {}
  for _, map in ipairs { a, b } do
    for key in pairs(map) do
      if not seen[key] then
        seen[key] = true
        out[#out + 1] = key
      end
    end
  end
  table.sort(out, function(x, y)
    if type(x) == type(y) then return x < y end
    return type(x) == "number"
  end)
  return out
end

-- Lists whose lengths differ are told as a whole: what was moved is not what was changed.
local function goes_into(a, b)
  if type(a) ~= "table" or type(b) ~= "table" or absent(a) or absent(b) then return false end
  return is_list(a) == is_list(b) and (not is_list(a) or #a == #b)
end

local function compare(out, field, a, b, hidden)
  if equal(a, b) then return end
  if goes_into(a, b) then
    for _, key in ipairs(keys_of(a, b)) do
      local step = type(key) == "number" and ("[%d]"):format(key - 1) or (field == "" and key or "." .. key)
      compare(out, field .. step, a[key], b[key], hidden or HIDDEN[key] or false)
    end
    return
  end
  local symbol = absent(a) and "+" or absent(b) and "-" or "~"
  local before, after = not absent(a) and copy(a, hidden) or nil, not absent(b) and copy(b, hidden) or nil
  out[#out + 1] = { field = field, symbol = symbol, was = before, is = after }
end

---What changes from one model to the other.
---@param was table
---@param is table
---@return compose.Change[]
function M.models(was, is)
  local out = {}
  compare(out, "", was, is, false)
  return out
end

return M
