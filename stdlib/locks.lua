-- Waiting for what another command holds. Dependencies: task, sys.
local M = {}

M.PATIENCE = 10 -- seconds; --lock-wait says otherwise
local PAUSE = 0.05

---Runs fn(...) again while it raises `locked`, without blocking the loop.
---@async
---@param seconds? number how long (default PATIENCE)
---@param fn function
---@return any ...
---@raise conflict "locked"
function M.patiently(seconds, fn, ...)
  local stop = require("sys").now() + (seconds or M.PATIENCE)
  while true do
    local results = table.pack(pcall(fn, ...))
    if results[1] then return table.unpack(results, 2, results.n) end
    local err = results[2]
    if type(err) ~= "table" or err.code ~= "locked" or require("sys").now() >= stop then error(err, 0) end
    require("task").sleep(PAUSE)
  end
end

return M
