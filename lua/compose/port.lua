-- compose port: where a port of a service is published. GET /containers/json.
local tables = require "compose.tables"
local verbs = require "compose.verbs"

local function number(text)
  local port = text:find "^%d+$" and math.tointeger(tonumber(text))
  if port and port <= 65535 then return port end
  Error {
    category = "usage", code = "bad_port", message = ("invalid port (%s)"):format(text), why = "a port is a number up to 65535",
    hint = "for example: qnap-docker compose port web 80", exit_code = 1,
  }
end

local function published(c, port, protocol)
  for _, p in ipairs(c.record.Ports or {}) do
    if p.PrivatePort == port and p.Type == protocol and p.PublicPort then return p end
  end
end

local function listed(c)
  local out = {}
  for _, p in ipairs(c.record.Ports or {}) do out[("%d/%s"):format(p.PrivatePort, p.Type)] = true end
  return table.concat(tables.sorted(out), ", ")
end

return {
  summary = "Print where a port of a service is published",
  group = "compose",
  docker = true,
  args = { { "service", complete = "compose.services" }, { "private-port", label = "PRIVATE_PORT" } },
  flags = {
    verbs.index_flag,
    { "protocol", type = "string", value = "tcp|udp", default = "tcp", complete = { "tcp", "udp" }, help = "tcp or udp" },
  },
  uses = { "target", "json", "compose" },
  examples = { { "compose port web 80" }, { "compose port --protocol udp --index 2 dns 53" } },
  run = function(ctx)
    local port, f = number(ctx.args.private_port), ctx.flags
    local scope = verbs.scope(ctx, { ctx.args.service })
    local nas = ctx:target()
    local c = verbs.one(nas, scope, { index = f.index, states = verbs.RUNNING })
    local p = published(c, port, f.protocol)
    if not p then
      local has = listed(c)
      Error {
        category = "not_found", code = "port_not_published",
        message = ("port %d/%s of container '%s' is not published on %s"):format(port, f.protocol, c.name, nas.name),
        why = has ~= "" and "it has: " .. has or "it has no ports", hint = "qnap-docker port " .. c.name,
      }
    end
    if f.json then return { container = c.name, host_ip = p.IP, host_port = p.PublicPort, port = port, protocol = f.protocol } end
    ctx:out(("%s:%d\n"):format(p.IP or "", p.PublicPort))
  end,
}
