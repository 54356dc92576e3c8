---@meta core.known_hosts
-- OpenSSH known_hosts files (src/bind/known_hosts.c). Nothing here waits.

local M = {}

---@class core.KnownKey
---@field type string "ssh-ed25519"
---@field fingerprint string "SHA256:..."
---@field file string
---@field line integer
---@field blob string base64
---@field marker? "revoked"|"cert-authority"
---@field without_port? boolean the line names the bare host, and another port than 22 was asked for

---@param files string[] a missing one counts as empty
---@param host string as ssh looks it up: HostName, or HostKeyAlias (then without a port)
---@param port? integer default 22
---@return core.KnownKey[] keys in the files' order
---@return integer malformed lines that were skipped
---@raise config "known_hosts_unreadable"
function M.lookup(files, host, port) end

---@param file string made where it is missing (0600, its directory 0700)
---@param host string
---@param port? integer
---@param type string
---@param blob string base64
---@raise config "known_hosts_unwritable"
---@raise usage "bad_host_key"
function M.append(file, host, port, type, blob) end

---Drops the host's other keys of that file; what is marked @revoked stays.
---@param file string
---@param host string
---@param port? integer
---@param type string
---@param blob string base64
---@raise config "known_hosts_unwritable"
---@raise usage "bad_host_key"
function M.replace(file, host, port, type, blob) end

---Drops the host's keys of that file; what is marked @revoked stays.
---@param file string
---@param host string
---@param port? integer
---@raise config "known_hosts_unwritable"
function M.remove(file, host, port) end

---@param blob string base64
---@return string fingerprint "SHA256:..."
---@raise usage "bad_host_key"
function M.fingerprint(blob) end

return M
