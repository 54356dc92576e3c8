-- Near names for "did you mean".
local M = {}

-- Optimal string alignment distance (insert, delete, replace, swap neighbours), given up beyond `limit`.
local function distance(a, b, limit)
  if math.abs(#a - #b) > limit then
    return limit + 1
  end
  local before, prev, cur = {}, {}, {}
  for j = 0, #b do
    prev[j] = j
  end
  for i = 1, #a do
    cur[0] = i
    local best = i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local cost = math.min(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        cost = math.min(cost, before[j - 2] + 1)
      end
      cur[j] = cost
      best = math.min(best, cost)
    end
    if best > limit then
      return limit + 1
    end
    before, prev, cur = prev, cur, before
  end
  return prev[#b]
end

---The names nearest to `word`, best first. Names that begin with `word` count as near.
---@param word string
---@param names string[]
---@param max? integer how many at most (3)
---@return string[]
function M.near(word, names, max)
  local limit = math.max(1, math.min(3, #word // 3))
  local lower, found = word:lower(), {}
  for _, name in ipairs(names) do
    local d = distance(lower, name:lower(), limit)
    if d > limit and #word >= 2 and name:sub(1, #word):lower() == lower then
      d = limit
    end
    if d <= limit then
      found[#found + 1] = { name = name, d = d }
    end
  end
  table.sort(found, function(x, y)
    if x.d ~= y.d then
      return x.d < y.d
    end
    return x.name < y.name
  end)
  local out = {}
  for i = 1, math.min(max or 3, #found) do
    out[i] = found[i].name
  end
  return out
end

---"a", "a or b", "a, b or c".
---@param names string[]
---@return string
function M.either(names)
  if #names < 2 then
    return names[1] or ""
  end
  return table.concat(names, ", ", 1, #names - 1) .. " or " .. names[#names]
end

return M
