-- The members of a tar stream (POSIX ustar, with GNU's long names) for files that do not lie in one folder as they are to be packed.
local M = {}

---@class tar.Entry
---@field name string
---@field type? "file"|"dir"|"link"|"hardlink" default "file"
---@field size? integer bytes that follow the header
---@field mode? integer permission bits (0644)
---@field uid? integer
---@field gid? integer
---@field mtime? number seconds since the epoch
---@field target? string of a link

local FLAGS = { file = "0", hardlink = "1", link = "2", dir = "5" }

-- Octal digits, or base 256 for what does not fit (as GNU and busybox write it).
local function number(value, width)
  local text = ("%o"):format(value)
  if #text < width then return ("0"):rep(width - 1 - #text) .. text .. "\0" end
  return string.pack(">I" .. math.min(width, 8), value):gsub("^", ("\0"):rep(width - 8)):gsub("^.", "\128")
end

local function field(text, width) return text .. ("\0"):rep(width - #text) end

local function block(e, flag, name, target, size, magic)
  local head = field(name, 100) .. number(e.mode or 420, 8) .. number(e.uid or 0, 8) .. number(e.gid or 0, 8) .. number(size, 12)
    .. number(math.max(0, (math.floor(e.mtime or 0))), 12)
  local rest = flag .. field(target, 100) .. (magic or "ustar  \0") .. ("\0"):rep(80 + 167)
  local sum = 8 * 32
  for i = 1, #head do sum = sum + head:byte(i) end
  for i = 1, #rest do sum = sum + rest:byte(i) end
  return head .. ("%06o\0 "):format(sum) .. rest
end

---What follows the content of a member, up to whole blocks.
---@param size integer
---@return string
function M.padding(size) return ("\0"):rep(-size % 512) end

---GNU's member in front of another one, whose content is what does not fit there.
---@param flag "L"|"K" the name, the target
---@param text string
---@return string
function M.long(flag, text)
  return block({}, flag, "././@LongLink", "", #text + 1) .. text .. "\0" .. M.padding(#text + 1)
end

---POSIX's member in front of another one: what is to be known of it beside its header.
---@param records table<string, string> "path", "mtime", "SCHILY.xattr.user.x" ... -> value
---@return string
function M.extended(records)
  local out = {}
  for key, value in pairs(records) do
    local rest = (" %s=%s\n"):format(key, value)
    local n = #rest + #tostring(#rest)
    if n < #rest + #tostring(n) then n = #rest + #tostring(n) end -- the length counts its own digits
    out[#out + 1] = n .. rest
  end
  table.sort(out)
  local text = table.concat(out)
  return block({}, "x", "PaxHeader", "", #text, "ustar\00000") .. text .. M.padding(#text)
end

---@param e tar.Entry
---@return string header
function M.header(e)
  local name, target, front = e.name, e.target or "", ""
  if e.type == "dir" and name:sub(-1) ~= "/" then name = name .. "/" end
  if #target > 100 then front = M.long("K", target) end
  if #name > 100 then front = front .. M.long("L", name) end
  return front .. block(e, FLAGS[e.type or "file"], name:sub(1, 100), target:sub(1, 100), e.size or 0)
end

---A member of bytes that are at hand.
---@param e tar.Entry
---@param bytes string
---@return string
function M.file(e, bytes)
  e.size = #bytes
  return M.header(e) .. bytes .. M.padding(#bytes)
end

---The end of the stream.
M.END = ("\0"):rep(1024)

return M
