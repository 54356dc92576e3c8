---@meta core.agent
-- The connection holder (src/bind/agent.c): being it, asking it, starting it. Scripts use `ssh`, which uses it by itself.

local M = {}

---Of the conversation between a command and the holder.
M.VERSION = 1

---@class core.AgentStatus
---@field version integer of the conversation it speaks
---@field pid integer
---@field up integer seconds since it began
---@field idle integer seconds without use after which it ends
---@field commands integer connections of commands
---@field connections core.AgentConnection[]

---@class core.AgentConnection
---@field who string "admin@nas1.local:22"
---@field auth string how it logged in
---@field state "connected"|"logging in"|"connecting again"|"closed"
---@field sessions integer
---@field channels integer that commands have
---@field ready integer channels that are open for the next command
---@field idle integer seconds since it was used

---Holds connections until it is told to stop, or nobody used them for `idle` seconds.
---@async
---@param path string socket to listen on; its directory exists
---@param idle number seconds
---@param ready function called once it listens
---@raise conflict "socket_in_use"
---@raise config "socket_path"
function M.serve(path, idle, ready) end

---Asks the holder that listens there. "stop" ends it, "retire" lets it finish what commands have open; both free the path at once.
---@async
---@param path string
---@param question "status"|"stop"|"retire"
---@param timeout? number seconds, default 5
---@return core.AgentStatus
---@raise connect "agent_gone"
---@raise auth "foreign_socket"
function M.ask(path, question, timeout) end

---Starts a program in a session of its own, with nothing of ours but a pipe as its standard output.
---@async
---@param argv string[] absolute path first
---@param timeout? number seconds, default 3
---@return boolean ready it wrote a byte within that time
---@raise fail "no_program"
function M.start(argv, timeout) end

---Lets go of the standard streams and of the working folder.
function M.alone() end

return M
