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

local EIGHT = "<" .. ("i8"):rep(8)
local ODD = 0x00FF00FF00FF00FF -- every other byte of eight: 64 words can be added in 16 bits each

---Whether its checksum is right.
---@param block string 512 bytes
---@return boolean
function M.is_whole(block)
  local sums, unpack, m = 0, string.unpack, ODD
  for at = 1, 449, 64 do
    local a, b, c, d, e, f, g, h = unpack(EIGHT, block, at)
    if a | b | c | d | e | f | g | h ~= 0 then
      sums = sums + (a & m) + (a >> 8 & m) + (b & m) + (b >> 8 & m) + (c & m) + (c >> 8 & m) + (d & m) + (d >> 8 & m)
        + (e & m) + (e >> 8 & m) + (f & m) + (f >> 8 & m) + (g & m) + (g >> 8 & m) + (h & m) + (h >> 8 & m)
    end
  end
  local total = (sums & 0xFFFF) + (sums >> 16 & 0xFFFF) + (sums >> 32 & 0xFFFF) + (sums >> 48)
  local a, b, c, d, e, f, g, h = block:byte(149, 156) -- the field itself counts as spaces
  return total - (a + b + c + d + e + f + g + h) + 256 == M.number(block:sub(149, 156))
end

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
