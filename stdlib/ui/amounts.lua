-- Counters and times in few characters, for progress.
local M = {}

local UNITS = { "B", "kB", "MB", "GB", "TB" }

---"43.2 MB" for unit "bytes", else "3" or "3 layers".
---@param n number
---@param unit? string
---@return string
function M.text(n, unit)
  if unit ~= "bytes" then
    return ("%d%s"):format(n, unit and " " .. unit or "")
  end
  local i = 1
  while n >= 1000 and i < #UNITS do
    n, i = n / 1000, i + 1
  end
  return i == 1 and ("%d B"):format(n) or ("%.1f %s"):format(n, UNITS[i])
end

---"9s", "3m05s", "2h10m".
---@param s number seconds
---@return string
function M.seconds(s)
  s = math.floor(s)
  if s < 60 then
    return ("%ds"):format(s)
  elseif s < 3600 then
    return ("%dm%02ds"):format(s // 60, s % 60)
  end
  return ("%dh%02dm"):format(s // 3600, (s % 3600) // 60)
end

return M
