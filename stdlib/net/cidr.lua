-- IP addresses and networks in CIDR form, as Go's net.ParseIP and net.ParseCIDR read them.
local M = {}

---@class net.Address
---@field bytes string 4 or 16 bytes
---@field bits? integer of a network

local function v4(text)
  local a, b, c, d = text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  if not a then return nil end
  local bytes = {}
  for i, part in ipairs { a, b, c, d } do
    if #part > 3 or tonumber(part) > 255 or (#part > 1 and part:sub(1, 1) == "0") then return nil end
    bytes[i] = string.char(tonumber(part))
  end
  return table.concat(bytes)
end

local function groups(text)
  if text == "" then return "" end
  local out = {}
  for group in (text .. ":"):gmatch "([^:]*):" do
    local last = v4(group)
    if last and not out.last then
      out[#out + 1], out.last = last, true
    elseif out.last or not group:find "^%x%x?%x?%x?$" then
      return nil
    else
      out[#out + 1] = string.pack(">I2", tonumber(group, 16))
    end
  end
  return table.concat(out)
end

local function v6(text)
  local head, tail = text:match "^(.-)::(.*)$"
  if not head then
    local all = groups(text)
    return all and #all == 16 and all or nil
  elseif tail:find("::", 1, true) then
    return nil
  end
  local left, right = groups(head), groups(tail)
  if not left or not right or #left + #right > 14 then return nil end
  return left .. ("\0"):rep(16 - #left - #right) .. right
end

---Bytes of an address; nil when it is none.
---@param text string
---@return string?
function M.address(text) return v4(text) or (text:find(":", 1, true) and v6(text)) or nil end

---A network, its host bits as they were written; nil when it is none.
---@param text string "10.0.3.0/24"
---@return net.Address?
function M.parse(text)
  local host, bits = text:match "^(.-)/(%d%d?%d?)$"
  local bytes = host and M.address(host)
  bits = math.tointeger(tonumber(bits))
  if not bytes or not bits or bits > #bytes * 8 then return nil end
  return { bytes = bytes, bits = bits }
end

-- The first `bits` bits of both are the same.
local function same(a, b, bits)
  local whole, rest = bits // 8, bits % 8
  if a:sub(1, whole) ~= b:sub(1, whole) then return false end
  return rest == 0 or (a:byte(whole + 1) ~ b:byte(whole + 1)) >> (8 - rest) == 0
end

---Whether an address lies in a network.
---@param network net.Address
---@param bytes string of M.address
---@return boolean
function M.contains(network, bytes) return #network.bytes == #bytes and same(network.bytes, bytes, network.bits) end

---Whether two networks share addresses.
---@param a net.Address
---@param b net.Address
---@return boolean
function M.overlap(a, b) return #a.bytes == #b.bytes and same(a.bytes, b.bytes, math.min(a.bits, b.bits)) end

return M
