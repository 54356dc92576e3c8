---@meta core.sshlogin
-- One login over libssh2 (src/bind/sshlogin.c); its blocking half runs in a thread of its own. Scripts use the module `ssh`.

local M = {}

---@class core.SshLoginOptions
---@field host string address, as resolved
---@field alias? string the name the user typed, for messages
---@field profile? string for hints ("qnap-docker profile trust NAME")
---@field port? integer
---@field user string
---@field host_key_alias? string
---@field identity_files? string[] named by the user: one that cannot be used is an error
---@field default_identities? string[] passed over where missing or unusable
---@field identities_only? boolean
---@field no_agent? boolean
---@field agent_socket? string default: $SSH_AUTH_SOCK
---@field known_hosts? string[] the first is ours: new keys are appended there
---@field pinned_key? string "SHA256:..."
---@field legacy_crypto? boolean
---@field libssh2_only? boolean pass over keys that only ssh itself can use instead of failing with rsa_needs_openssh
---@field no_prompt? boolean never ask
---@field scan? boolean end with "host_key" after the key exchange; nothing is trusted, nobody is logged in
---@field agent? string socket of the connection holder, which logs in, or has done so
---@field connect_timeout? number seconds, default 15
---@field login_timeout? number seconds without the time that questions wait, default 60

---@class core.SshQuestion
---@field kind "host_key"|"passphrase"|"password"|"prompt"
---@field text string
---@field fingerprint? string of a host key
---@field key_type? string of a host key
---@field echo boolean the answer may be seen while it is typed
---@field attempt integer from 1

---@class core.SshLogin
local login = {}

---Waits for the next question, or the end. "session" comes with a core.ssh session, once; "host_key" with {type=, fingerprint=,
---blob=} of a scan.
---@async
---@return "question"|"session"|"host_key" what
---@return core.SshQuestion|userdata|table value
---@raise auth
---@raise connect
---@raise timeout
---@raise unsupported "rsa_needs_openssh", "fido_needs_openssh", "no_common_algorithm": ssh itself can do it
---@raise config
---@raise not_found "key_file_missing"
---@raise aborted "declined"
function login:wait() end

---Answers the question. A host key is accepted by "yes" or by its fingerprint.
---@param text? string nil declines
function login:answer(text) end

---Gives up what is under way.
function login:close() end

---@param options core.SshLoginOptions
---@return core.SshLogin
function M.start(options) end

return M
