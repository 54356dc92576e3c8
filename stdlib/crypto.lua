-- Digests. Dependencies: core.seal (libsodium, opened on first use).
local M = {}

---The digest of bytes, or of what an iterator gives piece by piece.
---@async
---@param algorithm "sha256" FIPS 180-4
---@param bytes string|fun(): string?
---@return string hex lower case
---@raise unsupported "unknown_digest" for another algorithm
---@raise unsupported "no_libsodium"
function M.hash(algorithm, bytes)
  if algorithm ~= "sha256" then
    Error { category = "unsupported", code = "unknown_digest", hint = "sha256",
      message = ("there is no digest '%s'"):format(tostring(algorithm)) }
  end
  local hash = require("core.seal").sha256()
  if type(bytes) == "string" then
    hash:update(bytes)
  else
    for piece in bytes do hash:update(piece) end
  end
  return hash:hex()
end

return M
