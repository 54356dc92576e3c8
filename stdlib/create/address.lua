-- Addresses and names in flags, read as Go's net package and docker's own validators read them.
local problem = require "create.problem"

local M = {}

local function ipv4(text)
  local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  if #parts == 0 then return nil end
  for i, part in ipairs(parts) do
    if #part > 3 or tonumber(part) > 255 or (#part > 1 and part:sub(1, 1) == "0") then return nil end
    parts[i] = tonumber(part)
  end
  return parts
end

-- "1:2:3.4.5.6" -> {1, 2, 0x304, 0x506}; nil when a group is none. Only the last one may be an IPv4 address.
local function groups(text, with_ipv4)
  local out = {}
  if text == "" then return out end
  local parts = problem.split(text, ":")
  for i, part in ipairs(parts) do
    local v4 = with_ipv4 and i == #parts and ipv4(part)
    if v4 then
      out[#out + 1] = v4[1] * 256 + v4[2]
      out[#out + 1] = v4[3] * 256 + v4[4]
    elseif part:find "^%x%x?%x?%x?$" then
      out[#out + 1] = tonumber(part, 16)
    else
      return nil
    end
  end
  return out
end

local function ipv6(text)
  local at = text:find("::", 1, true)
  local head = groups(at and text:sub(1, at - 1) or text, not at)
  local tail = groups(at and text:sub(at + 2) or "", true)
  if not head or not tail or (at and #head + #tail > 7) or (not at and #head ~= 8) then return nil end
  local out = table.move(head, 1, #head, 1, {})
  for _ = 1, 8 - #head - #tail do out[#out + 1] = 0 end
  return table.move(tail, 1, #tail, #out + 1, out)
end

-- RFC 5952: small letters, the longest run of two or more zeros as "::".
local function ipv6_text(g)
  local best, length, i = nil, 1, 1
  while i <= 8 do
    local from = i
    while g[i] == 0 do i = i + 1 end
    if i - from > length then best, length = from, i - from end
    i = i + 1
  end
  local words = {}
  for n, v in ipairs(g) do words[n] = ("%x"):format(v) end
  if not best then return table.concat(words, ":") end
  return table.concat(words, ":", 1, best - 1) .. "::" .. table.concat(words, ":", best + length, 8)
end

---An IP address in its canonical form, as Go's net.IP prints it.
---@param text string
---@return string? ip nil when it is none
function M.ip(text)
  if ipv4(text) then return text end
  local g = text:find(":", 1, true) and ipv6(text)
  if not g then return nil end
  if g[1] + g[2] + g[3] + g[4] + g[5] == 0 and g[6] == 0xFFFF then
    return ("%d.%d.%d.%d"):format(g[7] >> 8, g[7] & 255, g[8] >> 8, g[8] & 255)
  end
  return ipv6_text(g)
end

local MAC = {}
for _, octets in ipairs { 6, 8, 20 } do
  MAC[#MAC + 1] = "^%x%x" .. (":%x%x"):rep(octets - 1) .. "$"
  MAC[#MAC + 1] = "^%x%x" .. ("%-%x%x"):rep(octets - 1) .. "$"
  MAC[#MAC + 1] = "^%x%x%x%x" .. ("%.%x%x%x%x"):rep(octets // 2 - 1) .. "$"
end

---@param text string
---@return boolean whether it is a hardware address (IEEE 802, EUI-64 or InfiniBand)
function M.is_mac(text)
  for _, pattern in ipairs(MAC) do
    if text:find(pattern) then return true end
  end
  return false
end

---A search domain of resolv.conf: "." or a host name, its last dot and blanks around it taken off.
---@param text string
---@return string? domain nil when it is none
function M.search_domain(text)
  local name = text:match "^ *(.-) *$"
  if name == "." then return name end
  name = name:gsub("%.?%s*$", "", 1)
  if #name > 254 or not name:find "%a" then return nil end
  for _, label in ipairs(problem.split(name, ".")) do
    if not label:find "^%w[%w-]*$" or label:sub(-1) == "-" then return nil end
  end
  return name
end

return M
