-- port: published ports of a container, or where one of its ports is published. NetworkSettings.Ports of its inspection.
local less = require("listing.natural").less

local function host_port(b)
  local ip = b.HostIp or ""
  return (ip:find("[:%%]") and "[" .. ip .. "]" or ip) .. ":" .. (b.HostPort or "")
end

local function bindings_of(ports)
  local out = {}
  for private, list in pairs(ports) do
    for _, b in ipairs(type(list) == "table" and list or {}) do
      out[#out + 1] = {
        private = private, host_ip = b.HostIp or "", host_port = math.tointeger(tonumber(b.HostPort)), address = host_port(b),
      }
    end
  end
  return out
end

-- "80" or "80/udp" as the key of NetworkSettings.Ports.
local function key_of(text)
  local port, protocol = text:match "^([^/]*)/?(.*)$"
  local number = port:find "^%d+$" and math.tointeger(tonumber(port))
  if not number or number > 65535 then
    Error {
      category = "usage", code = "bad_port", message = ("invalid port (%s)"):format(port), why = "a port is a number up to 65535",
      hint = "for example: qnap-docker port web 80/tcp", exit_code = 1,
    }
  end
  return port .. "/" .. (protocol ~= "" and protocol or "tcp")
end

local function published(nas, name, wanted)
  local key = wanted and key_of(wanted)
  local c = nas:container(name):inspect()
  local ports = c.NetworkSettings.Ports or {}
  if not key then return bindings_of(ports) end
  local found = bindings_of { [key] = ports[key] }
  if #found == 0 then
    Error {
      category = "not_found", code = "port_not_published", message = ("port '%s' of container '%s' is not published on %s"):format(
        wanted, name, nas.name),
      why = (c.Config.ExposedPorts or {})[key] and "the container has that port, but no port of the NAS leads to it"
        or "the container has no such port",
      hint = "qnap-docker port " .. name,
    }
  end
  return found
end

return {
  summary = "List port mappings or a specific mapping for the container",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers.running" }, { "private-port", optional = true, label = "PRIVATE_PORT[/PROTO]" } },
  uses = { "targets", "json" },
  examples = { { "port web", "All of them" }, { "port web 80", "Where its port 80/tcp is published" } },
  run = function(ctx)
    local wanted = ctx.args.private_port
    if wanted == "" then wanted = nil end
    local rows = ctx:each_target(function(nas) return published(nas, ctx.args.container, wanted) end)
    for _, row in ipairs(rows) do
      local text = wanted and row.address or ("%s -> %s"):format(row.private, row.address)
      row.text = ctx.several and row.profile .. ": " .. text or text
    end
    table.sort(rows, function(a, b) return less(a.text, b.text) end)
    if ctx.flags.json then
      for _, row in ipairs(rows) do row.text = nil end
      return require("json").array(rows)
    end
    for _, row in ipairs(rows) do ctx:out(row.text .. "\n") end
  end,
}
