-- A running SHA-256; nothing where libsodium is not installed (a digest is no reason to fail). Dependencies: core.seal.
local M = {}

---@class transfer.Digest
---@field hash? core.seal.Hash
local Digest = {}
Digest.__index = Digest

---@return transfer.Digest
function M.new()
  return setmetatable({ hash = try(require("core.seal").sha256) }, Digest)
end

---@param bytes string
function Digest:update(bytes)
  if self.hash then self.hash:update(bytes) end
end

---@return string? nil: libsodium is not there
function Digest:hex() return self.hash and self.hash:hex() end

return M
