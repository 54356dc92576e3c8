-- Sending a body whose source may keep us waiting (a pipe), while the answer, or the end of the connection, is heard at once.
-- Dependencies: task.
local task = require "task"

local M = {}

local function feed(stream, pieces)
  for bytes in pieces do
    if not stream:write(bytes) then break end -- the engine takes no more: its answer says why
  end
  stream:finish()
end

---Writes all pieces, and hears the answer meanwhile. When the answer ends first, the rest is not sent.
---@async
---@param stream docker.Stream of a request with upload = true
---@param pieces fun(): string?
---@param answer fun(): ... reads the answer to its end
---@return any ... what answer returns
function M.run(stream, pieces, answer)
  local broken
  local feeder = task.spawn(function()
    local _, err = try(feed, stream, pieces)
    if err then
      broken = err
      stream:close() -- half a body must not look like a whole one
    end
  end)
  local results = table.pack(pcall(answer))
  feeder:cancel()
  pcall(feeder.wait, feeder) -- its end is ours to take, or it would cancel us in turn
  if broken and not (not results[1] and type(results[2]) == "table" and results[2].engine_status) then error(broken, 0) end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

return M
