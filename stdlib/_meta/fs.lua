---@meta
-- core.fs: files and folders in C. Scripts use the module `fs`, which documents each function.

---@class core.fs
local fs = {}

---An open file. Reading and writing pass through a thread; close() is harmless when closed.
---@class core.fs.File
local File = {} -- luacheck: ignore

---Returns at most `max` bytes (default 256 KiB) from where the last call ended; nil at the end.
---@async
---@param max? integer
---@return string?
---@raise fail
function File:read(max) end

---Writes all bytes.
---@async
---@param bytes string
---@raise fail
function File:write(bytes) end

---Goes to a place, counted from the beginning.
---@param offset integer
---@raise fail
function File:seek(offset) end

---Returns when all that was written is on the disk.
---@raise fail
function File:sync() end

---Takes the file for this process alone (flock), until it is closed. false: another process has it.
---@return boolean
---@raise fail
function File:lock() end

function File:close() end

---@param path string
---@param max? integer
---@return string
function fs.read(path, max) end

---@param path string
---@param data string
---@param options? fs.WriteOptions
function fs.write(path, data, options) end

---@param path string
---@return fs.Stat?
function fs.stat(path) end

---@param path string
---@return fs.Stat?
function fs.lstat(path) end

---@param path string
---@return boolean
function fs.exists(path) end

---Names in no order.
---@param path string
---@return string[]
function fs.readdir(path) end

---@param path string
---@param options? {mode?: integer, parents?: boolean}
function fs.mkdir(path, options) end

---@param path string
---@param options? {recursive?: boolean}
function fs.remove(path, options) end

---@param from string
---@param to string
function fs.rename(from, to) end

---@param path string
---@param mode integer
function fs.chmod(path, mode) end

---@param path string
---@param how? "r"|"w"|"a"|"r+"
---@param mode? integer
---@return core.fs.File
function fs.open(path, how, mode) end

---@param path string
---@return string
function fs.realpath(path) end

---@param path string
---@return string
function fs.readlink(path) end

---Makes a folder (0700) with a new name; the caller removes it.
---@param parent? string
---@return string
function fs.temp_dir(parent) end

return fs
