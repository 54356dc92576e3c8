-- Base64 (RFC 4648) for the two places where the Engine API puts JSON into a header, and for docker's config.json.
local M = {}

local STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local URL = STANDARD:sub(1, 62) .. "-_"

local function digits(alphabet, a, b, c)
  local n = a << 16 | (b or 0) << 8 | (c or 0)
  local out = {}
  for i = 0, 3 do
    local k = (n >> (18 - 6 * i) & 63) + 1
    out[i + 1] = alphabet:sub(k, k)
  end
  if not b then
    out[3] = "="
  end
  if not c then
    out[4] = "="
  end
  return table.concat(out)
end

local function encode(alphabet, bytes)
  local out = {}
  for i = 1, #bytes, 3 do
    out[#out + 1] = digits(alphabet, bytes:byte(i, i + 2))
  end
  return table.concat(out)
end

---Standard alphabet, with padding.
---@param bytes string
---@return string
function M.encode(bytes)
  return encode(STANDARD, bytes)
end

---URL-safe alphabet, with padding, as X-Registry-Auth wants it.
---@param bytes string
---@return string
function M.encode_url(bytes)
  return encode(URL, bytes)
end

---Either alphabet, with or without padding; nil when it is not base64.
---@param text string
---@return string?
function M.decode(text)
  text = text:gsub("=+$", ""):gsub("-", "+"):gsub("_", "/")
  local out, n, bits = {}, 0, 0
  for i = 1, #text do
    local k = STANDARD:find(text:sub(i, i), 1, true)
    if not k then
      return nil
    end
    n, bits = (n << 6 | (k - 1)) & 0xffffff, bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(n >> bits & 0xff)
    end
  end
  return table.concat(out)
end

return M
