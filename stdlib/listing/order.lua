-- The order of docker's lists of volumes and networks: numbers inside names count as numbers ("v2" before "v10").
local M = {}

local function digits(text, from)
  local zeros = #text:match("^0*", from)
  return text:match("^%d*", from + zeros), zeros
end

---Whether a comes before b (as fvbommel/sortorder's NaturalLess).
---@param a string
---@param b string
---@return boolean
function M.before(a, b)
  local i, k = 1, 1
  while i <= #a and k <= #b do
    local left, right = a:sub(i, i), b:sub(k, k)
    local left_digit, right_digit = left:find "%d" ~= nil, right:find "%d" ~= nil
    if left_digit ~= right_digit then return left_digit end
    if not left_digit then
      if left ~= right then return left:byte() < right:byte() end
      i, k = i + 1, k + 1
    else
      local n, n_zeros = digits(a, i)
      local m, m_zeros = digits(b, k)
      if #n ~= #m then return #n < #m end
      if n ~= m then return n < m end
      if n_zeros ~= m_zeros then return n_zeros < m_zeros end
      i, k = i + n_zeros + #n, k + m_zeros + #m
    end
  end
  return #a - i < #b - k
end

---Sorts records by the string under a key.
---@generic T: table
---@param list T[]
---@param key string
---@return T[] list the same
function M.by(list, key)
  table.sort(list, function(a, b) return M.before(a[key] or "", b[key] or "") end)
  return list
end

return M
