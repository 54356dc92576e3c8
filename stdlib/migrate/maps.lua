-- --map KIND=A:B of migrate and profile sync: what is called otherwise on the other NAS. Pure.
local M = {}

---@class migrate.Maps
---@field volume table<string, string>
---@field port table<string, string> as text: "8080"; "8080/udp" counts before it
---@field env table<string, string> variable -> value
---@field path {from: string, to: string}[] the longest first

local HINT = "--map volume=A:B, --map port=8080:9090, --map path=/share/a:/share/b, --map env=NAME:VALUE"

local function refuse(text, why)
  Error { category = "usage", code = "bad_map", message = ("--map %s cannot be read"):format(text), why = why, hint = HINT }
end

local function port(text, value)
  local n = math.tointeger(tonumber(value:match "^(%d+)$" or value:match "^(%d+)/%l+$"))
  if not n or n < 1 or n > 65535 then refuse(text, ("'%s' is no port"):format(value)) end
end

local function path(text, value)
  if value:sub(1, 1) ~= "/" or ("/" .. value .. "/"):find "/%.%./" then refuse(text, ("'%s' is no absolute path"):format(value)) end
  return value == "/" and value or (value:gsub("/+$", ""))
end

local CHECKS = {
  volume = function(text, from, to)
    for _, name in ipairs { from, to } do
      if not name:find "^[%w][%w_.-]*$" then refuse(text, ("'%s' is no name of a volume"):format(name)) end
    end
    return from, to
  end,
  port = function(text, from, to)
    port(text, from)
    port(text, to)
    return from, to
  end,
  path = function(text, from, to) return path(text, from), path(text, to) end,
  env = function(text, from, to)
    if not from:find "^[%a_][%w_.-]*$" then refuse(text, ("'%s' is no name of a variable"):format(from)) end
    return from, to
  end,
}

---@param list? string[] of --map
---@return migrate.Maps
---@raise usage "bad_map"
function M.parse(list)
  local out = { volume = {}, port = {}, env = {}, path = {} }
  for _, text in ipairs(list or {}) do
    local kind, from, to = text:match "^(%l+)=([^:]+):(.*)$"
    local check = CHECKS[kind or ""]
    if not check or (to == "" and kind ~= "env") then
      refuse(text, not check and "it begins with volume=, port=, path= or env=" or "nothing stands behind the colon")
    end
    from, to = check(text, from, to)
    if kind == "path" then
      table.insert(out.path, { from = from, to = to })
    else
      out[kind][from] = to
    end
  end
  table.sort(out.path, function(a, b) return #a.from > #b.from end)
  return out
end

---@param maps migrate.Maps
---@param name string
---@return string
function M.volume(maps, name) return maps.volume[name] or name end

---Where a path of the source lies on the target: the longest rule that it lies below counts.
---@param maps migrate.Maps
---@param text string
---@return string
function M.path(maps, text)
  for _, rule in ipairs(maps.path) do
    if text == rule.from then return rule.to end
    local below = rule.from == "/" and "/" or rule.from .. "/"
    if text:sub(1, #below) == below then return (rule.to == "/" and "" or rule.to) .. "/" .. text:sub(#below + 1) end
  end
  return text
end

---Another rule for paths.
---@param maps migrate.Maps is changed
---@param from string
---@param to string
function M.add_path(maps, from, to)
  table.insert(maps.path, { from = from, to = to })
  table.sort(maps.path, function(a, b) return #a.from > #b.from end)
end

---@param maps migrate.Maps
---@param published string "8080"
---@param protocol string "tcp"
---@return string
function M.port(maps, published, protocol)
  local to = maps.port[published .. "/" .. protocol] or maps.port[published] or published
  return (to:gsub("/.*$", ""))
end

---@param maps migrate.Maps
---@param list? string[] "NAME=value"
---@return string[]?
function M.env(maps, list)
  if not list or next(maps.env) == nil then return list end
  local out, seen = require("json").array {}, {}
  for i, text in ipairs(list) do
    local name = text:match "^[^=]*"
    out[i] = maps.env[name] and ("%s=%s"):format(name, maps.env[name]) or text
    seen[name] = true
  end
  for name, value in pairs(maps.env) do
    if not seen[name] then out[#out + 1] = ("%s=%s"):format(name, value) end
  end
  return out
end

return M
