-- The fields of a tar header, and POSIX's extended headers, read strictly: what two tars could read in two ways is not read. Pure.
local M = {}

-- Octal digits, or a positive number in base 256.
---@param field string
---@return integer?
---@return string? why
function M.number(field)
  if field:byte() == 0x80 then
    local digits = field:sub(2):gsub("^\0+", "")
    if #digits > 7 then return nil, "a number in the archive is out of range" end
    return digits == "" and 0 or (string.unpack(">I" .. #digits, digits))
  end
  local digits = field:match "^ *([0-7]*)[ \0]*$"
  if not digits then return nil, "a number in the archive is not readable" end
  return digits == "" and 0 or tonumber(digits, 8)
end

local byte = string.byte

local function sum(block)
  local total = 0
  for run in block:gmatch "[^\0]+" do
    local n = #run
    for i = 1, n - 7, 8 do
      local a, b, c, d, e, f, g, h = byte(run, i, i + 7)
      total = total + a + b + c + d + e + f + g + h
    end
    for i = n - n % 8 + 1, n do total = total + byte(run, i) end
  end
  return total
end

---Whether its checksum is right.
---@param block string 512 bytes
---@return boolean
function M.is_whole(block) return sum(block:sub(1, 148)) + sum(block:sub(157)) + 256 == M.number(block:sub(149, 156)) end

local function text_of(block, from, to)
  return (block:sub(from, to):match "^[^\0]*")
end

---The name in it; GNU's headers have other things where POSIX has its beginning.
---@param block string
---@return string
function M.name(block)
  local name = text_of(block, 1, 100)
  local prefix = block:sub(258, 263) == "ustar\0" and text_of(block, 346, 500) or ""
  return prefix == "" and name or prefix .. "/" .. name
end

---@param block string
---@return string
function M.target(block) return text_of(block, 158, 257) end

local KEYS = {
  path = true, linkpath = true, size = true, mtime = true, atime = true, ctime = true, uid = true, gid = true, uname = true,
  gname = true, ["SCHILY.acl.access"] = true, ["SCHILY.acl.default"] = true, ["GNU.sparse.major"] = true,
  ["GNU.sparse.minor"] = true, ["GNU.sparse.name"] = true, ["GNU.sparse.realsize"] = true,
}

---@param text string content of an extended header
---@return table<string, string>? records
---@return string? why
---@return string? key
function M.extended(text)
  local out, at = {}, 1
  while at <= #text do
    local digits = text:match("^(%d+) ", at)
    local stop = digits and #digits < 9 and at + tonumber(digits) - 1
    local record = stop and stop <= #text and text:sub(at + #digits + 1, stop)
    local key, value = (record or ""):match "^([^=]+)=(.*)\n$"
    if not key or out[key] then return nil, "an extended header in the archive is broken" end
    if not KEYS[key] and key:sub(1, 13) ~= "SCHILY.xattr." then return nil, "an extended header holds what it should not", key end
    out[key] = value
    at = stop + 1
  end
  return out
end

return M
