---@meta core.tar
-- tar streams of local folders (src/bind/tar.c). Scripts use the module `tar`.

local M = {}

---@class core.TarPacker: userdata
local Packer = {}

---A file of its own, behind the others.
---@param name string
---@param bytes string
function Packer:add(name, bytes) end

---The next bytes; with `folder` and `names` (those of folders end in a slash) these wait for judge(). nil alone is the end.
---@async
---@return string? bytes
---@return string? folder below the root; "" is the root
---@return string[]? names
function Packer:step() end

---@param verdicts ("take"|"enter"|"skip")[] in the order of the names; enter: a folder without an entry of its own
function Packer:judge(verdicts) end

---@return string lines
---@return integer n how many there were; a hundred are kept
function Packer:notes() end

function Packer:close() end

---@param options {path: string, name?: string, ask?: boolean, uid?: integer, gid?: integer, gzip?: boolean, xattrs?: boolean}
---@return core.TarPacker
function M.pack(options) end

---@class core.TarUnpacker: userdata
local Unpacker = {}

---@async
---@param bytes string
---@return boolean taken false: it takes no more, finish() says why
function Unpacker:write(bytes) end

---@async
---@return {entries: integer, bytes: integer, notes: string, noted: integer}
function Unpacker:finish() end

---Gives up what is not finished.
function Unpacker:close() end

---@param options {dir: string, from?: string, to?: string, owner?: boolean, devices?: boolean, max_entries?: integer}
---@return core.TarUnpacker
function M.unpack(options) end

return M
