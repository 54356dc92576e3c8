-- A short name for a state: the same for the same JSON. It finds changes, and is no protection against forgery.
local json = require "json"

local M = {}

---FNV-1a with 64 bits over the JSON text, whose members are sorted.
---@param value any JSON; nil counts, too
---@return string sixteen hex digits
function M.of(value)
  local hash = 0xcbf29ce484222325
  for _, byte in utf8.codes(json.encode(value), true) do
    hash = (hash ~ byte) * 0x100000001b3
  end
  return ("%016x"):format(hash)
end

return M
