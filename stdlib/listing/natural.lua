-- Order of names as people count: "a2" before "a10" (docker CLI 28 sorts so, by sortorder.NaturalLess).
local M = {}

-- Digits from `at`: their value without leading zeros, how many zeros, and what comes behind.
local function number(text, at)
  local zeros, digits, behind = text:match("^(0*)(%d*)()", at)
  return digits, #zeros, behind
end

---@param a string
---@param b string
---@return boolean whether a comes before b
function M.less(a, b)
  local i, k = 1, 1
  while i <= #a and k <= #b do
    local x, y = a:sub(i, i), b:sub(k, k)
    local dx, dy = x:find "%d" ~= nil, y:find "%d" ~= nil
    if dx ~= dy then return dx end
    if dx then
      local n, zeros_n, behind_n = number(a, i)
      local m, zeros_m, behind_m = number(b, k)
      if #n ~= #m then return #n < #m end
      if n ~= m then return n < m end
      if zeros_n ~= zeros_m then return zeros_n < zeros_m end
      i, k = behind_n, behind_m
    else
      if x ~= y then return x:byte() < y:byte() end
      i, k = i + 1, k + 1
    end
  end
  return #a < #b
end

---Sorts records by the string under a key.
---@generic T: table
---@param list T[]
---@param key string
---@return T[] list the same
function M.by(list, key)
  table.sort(list, function(a, b) return M.less(a[key] or "", b[key] or "") end)
  return list
end

return M
