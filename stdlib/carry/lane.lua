-- Connections for many bytes. libssh2 encrypts and decrypts 16 bytes at a time, both sides of a copy in our one thread; the user's own ssh
-- is twice as cheap and a process of its own for each side. So a whole tree goes through it where it can log in without a question.
-- Dependencies: ssh.openssh, carry.hands, task.
local M = {}

local lanes = setmetatable({}, { __mode = "k" }) ---@type table<docker.Nas, ssh.OpenSsh|false>

local opening = {} ---@type table<docker.Nas, true>

-- A login that needs an answer would fail, and NASes count failed logins.
local SILENT = { publickey = true, agent = true }

local AES = { "aes128-gcm@openssh.com", "aes256-gcm@openssh.com" }

-- ssh prefers ChaCha20, which costs twice as much where the processor has instructions for AES.
local function knows_aes(nas)
  local hands, words = require "carry.hands", try(require("fs").read, "/proc/cpuinfo")
  if not words or not words:find "%f[%w]aes%f[%W]" then return false end
  return try(function()
    local child = hands.on_nas(nas, { "grep", "-qw", "aes", "/proc/cpuinfo" })
    local _ <close> = defer(child.close)
    return hands.talk(child, nil, function() end) == 0
  end) or false
end

-- Those that are offered anyway, in another order.
local function preferred(ciphers)
  local rank, out = {}, {}
  for i, name in ipairs(ciphers) do rank[name] = i end
  for _, name in ipairs(AES) do
    if rank[name] then out[#out + 1], rank[name] = name, nil end
  end
  for _, name in ipairs(ciphers) do
    if rank[name] then out[#out + 1] = name end
  end
  return table.concat(out, ",")
end

local function open(nas)
  local session, openssh = nas.session, require "ssh.openssh"
  if not SILENT[session:info().auth or ""] then return false end
  local settings = setmetatable({ alone = true }, { __index = session.settings })
  local ciphers, aes = table.unpack(require("task").all {
    function() return openssh.ciphers(settings) or false end, function() return knows_aes(nas) end,
  })
  if not ciphers then return false end
  if aes then settings.ciphers = preferred(ciphers) end
  return openssh.connect(settings, { timeout = 20 })
end

---@async
---@param nas docker.Nas
---@return ssh.OpenSsh? nil: the session that is there is the way
function M.of(nas)
  local session = nas.session
  if not session or session.transport == "openssh" then return nil end
  while opening[nas] do require("task").sleep(0.02) end -- another tree's copy asks, too
  if lanes[nas] == nil then
    opening[nas] = true
    local _ <close> = defer(function() opening[nas] = nil end)
    lanes[nas] = try(open, nas) or false
  end
  return lanes[nas] or nil
end

return M
