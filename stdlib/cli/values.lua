-- Texts of flags to typed values, by Go's rules where docker has the flag (strconv, time, go-units).
local M = {}

local BOOL = {
  ["1"] = true, t = true, T = true, ["true"] = true, TRUE = true, True = true,
  ["0"] = false, f = false, F = false, ["false"] = false, FALSE = false, False = false,
}

local read = {}

function read.string(_, text)
  return text
end

function read.bool(_, text)
  local v = BOOL[text]
  if v == nil then
    return nil, "true or false is expected"
  end
  return v
end

-- Go's strconv.ParseInt with base 0: sign, 0x, 0o or 0, 0b, and _ between digits.
local function integer(text)
  local sign, digits = text:match "^([+-]?)(.+)$"
  if not digits or digits:find "^_" or digits:find "_$" or digits:find "__" then
    return nil
  end
  digits = digits:gsub("_", "")
  local prefix = digits:sub(1, 2):lower()
  local base, body = 10, digits
  if prefix == "0x" then
    base, body = 16, digits:sub(3)
  elseif prefix == "0b" then
    base, body = 2, digits:sub(3)
  elseif prefix == "0o" then
    base, body = 8, digits:sub(3)
  elseif digits:find "^0." then
    base, body = 8, digits:sub(2)
  end
  if not body:find "^%x+$" or #body > 18 then
    return nil
  end
  local v = tonumber(body, base)
  return v and (sign == "-" and -v or v)
end

function read.int(flag, text)
  local v = integer(text)
  if not v then
    return nil, "a whole number is expected"
  end
  if flag.min and v < flag.min then
    return nil, ("the least is %d"):format(flag.min)
  end
  if flag.max and v > flag.max then
    return nil, ("the most is %d"):format(flag.max)
  end
  return v
end

function read.uint(flag, text)
  local v, why = read.int(flag, text)
  if v and (v < 0 or text:find "^[+-]") then
    return nil, "a whole number, 0 or more, is expected"
  end
  return v, why
end

read.count = read.uint

function read.float(_, text)
  local v = text:find "^[+-]?[%d.]+[eE]?[+-]?%d*$" and tonumber(text)
  if not v then
    return nil, "a number is expected"
  end
  return v + 0.0
end

-- Seconds. Flags of ours (plain_seconds) also take a bare number; docker's do not.
function read.duration(flag, text)
  if flag.plain_seconds and text:find "^%d+%.?%d*$" then
    return tonumber(text)
  end
  local ok, v = pcall(require("units").duration, text)
  if not ok then
    return nil, "a duration such as 30s, 5m or 1h30m is expected"
  end
  if flag.plain_seconds and v < 0 then
    return nil, "a time to wait is not negative"
  end
  return v
end

function read.size(_, text)
  local ok, v = pcall(require("units").size, text)
  if not ok then
    return nil, "a size such as 512m or 1.5g is expected"
  end
  return v
end

function read.enum(flag, text)
  for _, value in ipairs(flag.values) do
    if value == text then
      return text
    end
  end
  return nil, "one of " .. table.concat(flag.values, ", ") .. " is expected"
end

-- KEY=VALUE; a key alone has the value "".
function read.map(_, text)
  local key, value = text:match "^([^=]*)=(.*)$"
  return { key or text, value or "" }
end

---Converts one text for a flag.
---@param flag cli.Flag
---@param text string
---@return any value nil when the text is not valid
---@return string? why what is expected instead
function M.read(flag, text)
  local kind = flag.type
  if kind == "list" then
    kind = flag.of or "string"
  end
  local v, why = read[kind](flag, text)
  if why == nil and flag.check then
    local problem = flag.check(v)
    if problem then
      return nil, problem
    end
  end
  return v, why
end

---Whether `kind` is a type of ours.
function M.known(kind)
  return kind == "list" or read[kind] ~= nil
end

---The value of a flag that was not given.
---@param flag cli.Flag
---@return any
function M.default(flag)
  local kind, default = flag.type, flag.default
  if kind == "list" then
    local copy = {}
    for i, v in ipairs(default or {}) do
      copy[i] = v
    end
    return copy
  elseif kind == "map" then
    local copy = {}
    for k, v in pairs(default or {}) do
      copy[k] = v
    end
    return copy
  elseif default == nil then
    if kind == "bool" then
      return false
    end
    return kind == "count" and 0 or nil
  elseif type(default) == "string" and kind ~= "string" and kind ~= "enum" then
    return (assert(M.read(flag, default)))
  end
  return default
end

return M
