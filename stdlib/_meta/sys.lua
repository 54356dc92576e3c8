---@meta
-- core.sys: the process and its user in C. Scripts use the module `sys`.

---@class core.sys
local sys = {}

---@param name string
---@return string?
function sys.env(name) end

---@return table<string, string>
function sys.environ() end

---@return integer
function sys.pid() end

---Effective user number.
---@return integer
function sys.uid() end

---@return string?
function sys.user() end

---@return string?
function sys.home() end

---@return string
function sys.hostname() end

---@return string
function sys.cwd() end

---@return number
function sys.now() end

---@return integer seconds
---@return integer nanoseconds
function sys.time() end

---@return {os: string, machine: string, release: string}
function sys.platform() end

---@return string?
function sys.exe() end

---What may be started as connection holder.
---@return string?
function sys.program() end

---@param bits? integer
---@return integer
function sys.umask(bits) end

return sys
