-- What lies in a folder of the NAS itself, seen by its shell. Dependencies: proc, ssh.
local M = {}

local LIMIT = 15 -- seconds

---Names in a folder, folders with a "/" behind; nil when this account cannot see it.
---@async
---@param nas docker.Nas
---@param path string
---@return string[]?
function M.names(nas, path)
  local result
  if nas.session then
    local word = require("ssh").quote(path)
    result = nas.session:run(("ls -1Ap %s 2>/dev/null || sudo -n ls -1Ap %s"):format(word, word), { timeout = LIMIT, max_output = 1 << 20 })
  else
    result = require("proc").run { argv = { "ls", "-1Ap", path }, timeout = LIMIT }
  end
  if (result.status or result.code) ~= 0 then return nil end
  local names = {}
  for name in result.stdout:gmatch "[^\n]+" do names[#names + 1] = name end
  return names
end

return M
