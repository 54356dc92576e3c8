-- Connections for many bytes. libssh2 encrypts and decrypts 16 bytes at a time, both sides of a copy in our one thread; the user's own ssh
-- is twice as cheap and a process of its own for each side. So a whole tree goes through it where it can log in without a question.
-- Dependencies: ssh.openssh.
local M = {}

local lanes = setmetatable({}, { __mode = "k" }) ---@type table<docker.Nas, ssh.OpenSsh|false>

-- A login that needs an answer would fail, and NASes count failed logins.
local SILENT = { publickey = true, agent = true }

local function open(session)
  local openssh = require "ssh.openssh"
  if not SILENT[session:info().auth or ""] or not openssh.available() then return false end
  return openssh.connect(setmetatable({ alone = true }, { __index = session.settings }), { timeout = 20 })
end

---@async
---@param nas docker.Nas
---@return ssh.OpenSsh? nil: the session that is there is the way
function M.of(nas)
  local session = nas.session
  if not session or session.transport == "openssh" then return nil end
  if lanes[nas] == nil then lanes[nas] = try(open, session) or false end
  return lanes[nas] or nil
end

return M
