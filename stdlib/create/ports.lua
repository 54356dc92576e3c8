-- -p/--publish and --expose -> PortBindings and ExposedPorts (Engine API 1.41, ContainerCreate). The grammar is
-- docker's: [ip:][host[-host]]:container[-container][/proto], or target=80,published=8080,protocol=tcp.
local address = require "create.address"
local problem = require "create.problem"
local json = require "json"

local M = {}

local PROTOCOLS = { tcp = true, udp = true, sctp = true }

local function bad(value, why) problem.argument("-p, --publish", value, why) end

-- "80" or "80-90" -> first, last; nil when it is no range of ports.
local function range(text)
  local first, last = text:match "^(%d+)%-(%d+)$"
  if not first then first, last = text:match "^(%d+)$", text:match "^(%d+)$" end
  first, last = math.tointeger(tonumber(first)), math.tointeger(tonumber(last))
  if first and last and first <= last and last <= 65535 then return first, last end
end

-- From the right, so that an IPv6 address may hold colons.
local function sections(text)
  local parts = problem.split(text, ":")
  local n = #parts
  if n == 1 then return "", "", parts[1] end
  if n == 2 then return "", parts[1], parts[2] end
  return table.concat(parts, ":", 1, n - 2), parts[n - 1], parts[n]
end

-- "80/udp"; what stands behind a second slash counts for nothing.
local function split_protocol(text)
  local parts = problem.split(text, "/")
  return parts[1], (parts[2] or "") == "" and "tcp" or parts[2]
end

local function from_long_form(text)
  local params = { protocol = "tcp", published = "", target = "" }
  for _, part in ipairs(problem.split(text, ",")) do
    local key, value = problem.cut(part, "=")
    if not value or key == "" then bad(text, "a field must be name=value, but one is '" .. part .. "'") end
    params[key] = value
  end
  return ("%s:%s/%s"):format(params.published, params.target, params.protocol)
end

local function host_address(text, ip)
  local bare = ip:match "^%[(.*)%]$" or ip
  if bare ~= "" and not address.ip(bare) then bad(text, "invalid IP address: " .. ip) end
  return bare
end

---Adds one -p value to `bindings` ("80/tcp" -> list) and `exposed` ("80/tcp" -> {}).
---@param text string
---@param bindings table<string, table>
---@param exposed table<string, table>
function M.publish(text, bindings, exposed)
  local spec = text:find("=", 1, true) and from_long_form(text) or text
  local ip, host, container = sections(spec)
  local port, protocol = split_protocol(container)
  protocol = protocol:lower()
  ip = host_address(text, ip)
  if port == "" then bad(text, "no port specified: " .. spec) end
  if not PROTOCOLS[protocol] then bad(text, "invalid proto: " .. protocol) end
  local first, last = range(port)
  if not first then bad(text, "invalid containerPort: " .. port) end
  local host_first, host_last
  if host ~= "" then
    host_first, host_last = range(host)
    if not host_first then bad(text, "invalid hostPort: " .. host) end
    if host_last - host_first ~= last - first and first ~= last then
      bad(text, ("invalid ranges specified for container and host Ports: %s and %s"):format(port, host))
    end
  end
  for i = 0, last - first do
    local key = ("%d/%s"):format(first + i, protocol)
    local host_port = ""
    if host_first and first == last and host_first ~= host_last then
      host_port = host_first .. "-" .. host_last -- the engine picks one
    elseif host_first then
      host_port = tostring(host_first + i)
    end
    exposed[key] = {}
    bindings[key] = bindings[key] or json.array {}
    table.insert(bindings[key], { HostIp = ip, HostPort = host_port })
  end
end

---Adds one --expose value.
---@param text string "80", "8000-8010/udp"
---@param exposed table<string, table>
function M.expose(text, exposed)
  if text:find(":", 1, true) then problem.argument("--expose", text, "invalid port format for --expose: " .. text) end
  local port, protocol = split_protocol(text)
  local first, last = range(port)
  if not first then problem.argument("--expose", text, "invalid range format for --expose: " .. text) end
  for i = first, last do exposed[("%d/%s"):format(i, protocol)] = {} end
end

return M
