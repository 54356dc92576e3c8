---@meta
-- core.seal: bytes sealed by a passphrase, and SHA-256 (src/bind/seal.c). libsodium is opened on first use.

---@class core.seal
local seal = {}

---@class core.seal.Hash
local Hash = {} -- luacheck: ignore

---@param bytes string
function Hash:update(bytes) end

---The digest of what was added so far, in hexadecimal digits.
---@return string
function Hash:hex() end

---@param passphrase string
---@param plain string at most 1 MiB
---@return string sealed
---@raise unsupported "no_libsodium"
function seal.close(passphrase, plain) end

---@param passphrase string
---@param sealed string
---@return string plain
---@raise auth "wrong_passphrase"
---@raise config "not_sealed"
function seal.open(passphrase, sealed) end

---@return core.seal.Hash
---@raise unsupported "no_libsodium"
function seal.sha256() end

return seal
