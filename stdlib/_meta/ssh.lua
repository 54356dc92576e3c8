---@meta core.ssh
-- SSH sessions and dialers (src/bind/ssh*.c). Scripts use the module `ssh`.

local M = {}

---An authenticated session. close() ends it and everything that uses it (connection_closed); a session that is only
---collected lives as long as the dialers made of it.
---@class core.SshSession: userdata
local Session = {}

---@return {server_version?: string, host_key?: string, host_key_type?: string, kex?: string, cipher?: string, mac?: string, auth?: string}
function Session:info() end

---A unix socket there, by direct-streamlocal@openssh.com. Dialling raises unsupported "forwarding_refused" where that is not allowed.
---@param path string absolute
---@return userdata dialer
function Session:socket_dialer(path) end

---A command for every stream: its stdin and stdout. What it does wrong is told by the stream's end: command_not_found,
---socket_permission, sudo_password, bad_greeting (its first bytes are not `expect`), command_failed.
---@param command string finished POSIX sh command line
---@param expect? string at most 63 bytes
---@return userdata dialer
function Session:exec_dialer(command, expect) end

---Opens a channel for the next command already, and again whenever one is taken: commands then cost one round trip, not two.
function Session:prepare() end

---Runs a command to its end. Any status is a result.
---@async
---@param command string finished POSIX sh command line
---@param options? {stdin?: string, timeout?: number, max_output?: integer} max_output: bytes of each output (16 MiB)
---@return {status?: integer, signal?: string, stdout: string, stderr: string}
---@raise unsupported "too_many_sessions", "exec_refused"
---@raise connect "connection_lost", "connection_closed"
---@raise fail "too_large"
function Session:run(command, options) end

---Starts a command that is talked to while it runs.
---@param command string finished POSIX sh command line
---@param options? {bulk?: boolean} bulk: many bytes one way (a larger window)
---@return core.SshCommand
function Session:exec(command, options) end

---@async
---@param path string
---@param max? integer bytes (16 MiB)
---@return string
---@raise not_found "no_such_file"
---@raise auth "permission_denied"
---@raise unsupported "sftp_unavailable"
---@raise fail "file_too_large", "sftp_failed"
function Session:read_file(path, max) end

---@async
---@param path string
---@param bytes string
---@param mode? integer of a new file (0644)
function Session:write_file(path, bytes, mode) end

---@class core.SshStat
---@field type "file"|"directory"|"link"|"other"
---@field size integer
---@field mtime integer
---@field mode integer permission bits
---@field uid integer
---@field gid integer
---@field name? string in a list

---@async
---@param path string
---@return core.SshStat
function Session:stat(path) end

---@async
---@param path string
---@return core.SshStat[]
function Session:list(path) end

---@async
---@param path string
---@param mode? integer (0755)
function Session:mkdir(path, mode) end

---Replaces `to` where the server can.
---@async
---@param from string
---@param to string
function Session:rename(from, to) end

---@async
---@param path string a file
function Session:remove(path) end

---@async
---@param path string an empty directory
function Session:rmdir(path) end

function Session:close() end

---A command that runs on the server. Closed (also by <close>) it is let go; it may run on there.
---@class core.SshCommand: userdata
local Command = {}

---@async
---@param max? integer bytes
---@return "stdout"|"stderr"|nil kind nil at the end of both
---@return string? bytes
function Command:read(max) end

---Returns when there is room for more.
---@async
---@param bytes string
---@raise fail "reader_gone"
function Command:write(bytes) end

---The end of its standard input.
function Command:shutdown() end

---Output that nobody reads keeps a command from ending.
---@async
---@param timeout? number seconds
---@return integer? status
---@return string? signal "KILL"
function Command:wait(timeout) end

function Command:close() end

---Words of a POSIX shell command line.
---@param ... string
---@return string
function M.quote(...) end

---@param path string absolute
---@return userdata dialer
function M.unix_dialer(path) end

---@param host string
---@param port integer
---@param timeout? number seconds for look-up and connect (15)
---@return userdata dialer
function M.tcp_dialer(host, port, timeout) end

---@class core.ProcessDialer
---@field argv string[] at most 63 words; the program is looked for in PATH
---@field env? string[] "NAME=value"; default: ours
---@field what? string for messages: "ssh to nas1"

---A process for every stream: its stdin and stdout, killed when the stream is closed.
---@param options core.ProcessDialer
---@return userdata dialer
function M.process_dialer(options) end

return M
