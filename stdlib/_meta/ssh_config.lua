---@meta core.ssh_config
-- What ~/.ssh/config says about a host (src/bind/ssh_config.c). Nothing here waits.

local M = {}

---@class core.SshConfig
---@field host_name string where to connect to
---@field user? string
---@field port? integer
---@field identity_files string[] expanded
---@field default_identities boolean nothing was configured: identity_files is the standard list
---@field identities_only boolean
---@field no_agent boolean
---@field identity_agent? string
---@field user_known_hosts string[]
---@field global_known_hosts string[]
---@field proxy_jump? string
---@field proxy_command? string
---@field host_key_alias? string
---@field connect_timeout? integer seconds
---@field gssapi boolean
---@field needs_openssh? string why only ssh itself can reach the host ("ProxyJump bastion")
---@field notes string[] for the user

---@class core.SshConfigQuery
---@field alias string the host as it was typed
---@field user? string remote user given elsewhere
---@field local_user? string
---@field home? string
---@field files? string[] default: ~/.ssh/config and /etc/ssh/ssh_config
---@field text? string instead of files

---@param query core.SshConfigQuery
---@return core.SshConfig
function M.resolve(query) end

---@param text string what `ssh -G alias` printed
---@param query core.SshConfigQuery
---@return core.SshConfig
function M.parse_g(text, query) end

return M
