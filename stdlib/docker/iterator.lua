-- An iterator over a stream that closes it: `for record in iterator do`, also when the loop is left early.
local M = {}

---@class docker.Iterator
---@field stream docker.Stream
---@field step fun(): any
local Iterator = {}
Iterator.__index = Iterator

function Iterator:__call()
  return self.step()
end

---The next record, nil at the end. The same as calling the iterator.
---@async
---@return any
function Iterator:next()
  return self.step()
end

---Ends the stream.
function Iterator:close()
  self.stream:close()
end

Iterator.__close = Iterator.close

---Made for `for`: returns the iterator, and itself as the value that the loop closes.
---@param stream docker.Stream
---@param step fun(): any
---@return docker.Iterator
function M.new(stream, step)
  local it = setmetatable({ stream = stream, step = step }, Iterator)
  return it, nil, nil, it ---@diagnostic disable-line
end

return M
