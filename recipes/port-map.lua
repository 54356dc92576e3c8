-- port-map: who has which port of a NAS, over all of them: before a new service is given one, and to see what the network can reach.

-- Addresses that other machines cannot reach.
local function is_local(ip) return ip:find "^127%." ~= nil or ip == "::1" end

-- A port of several addresses (0.0.0.0 and ::) is one line.
local function rows_of(nas)
  local rows, by = {}, {}
  for _, c in ipairs(nas:containers {}) do
    for _, p in ipairs(c.Ports or {}) do
      if p.PublicPort then
        local name, ip = c.Names[1]:sub(2), p.IP or ""
        local key = ("%s %d %s %d"):format(name, p.PublicPort, p.Type, p.PrivatePort)
        if not by[key] then
          by[key] = { port = p.PublicPort, protocol = p.Type, container = name, target = p.PrivatePort, addresses = {}, exposed = false }
          rows[#rows + 1] = by[key]
        end
        table.insert(by[key].addresses, ip == "" and "0.0.0.0" or ip)
        by[key].exposed = by[key].exposed or not is_local(ip)
      end
    end
  end
  return rows
end

-- Two containers of one NAS on one port: on different addresses, else the engine had refused the second.
local function mark_shared(rows)
  local first = {}
  for _, row in ipairs(rows) do
    local key = ("%s %d %s"):format(row.profile, row.port, row.protocol)
    if first[key] then
      row.shared, first[key].shared = true, true
    else
      first[key] = row
    end
  end
end

return {
  summary = "List every published port, and what the network can reach",
  description = "Of all running containers on the selected NASes: the port on the NAS, the container, and the addresses it listens on. "
    .. "EXPOSED is what other machines can reach; what listens on 127.0.0.1 alone is not.",
  uses = { "targets", "output" },
  flags = { { "exposed", help = "Only what other machines can reach" } },
  columns = {
    { "Port", right = true, priority = 0 },
    { "Protocol", header = "PROTO", priority = 3 },
    { "Container", priority = 1 },
    { "Target", right = true, priority = 4 },
    { "Addresses", get = function(row) return table.concat(row.addresses, ", ") end, priority = 5 },
    { "Exposed", get = function(row) return row.exposed and "exposed" or "" end, priority = 2 },
    { "Shared", get = function(row) return row.shared and "shared" or "" end, priority = 6 },
  },
  quiet = "Port",
  empty = "no port is published",
  pager = true,
  examples = { { "port-map --profile '*'", "Of all NASes" }, { "port-map --exposed --json", "What the network can reach, for a program" } },
  needs = { docker = { "read" } },
  run = function(ctx)
    local rows = ctx:each_target(rows_of)
    mark_shared(rows)
    local out = require("json").array {}
    for _, row in ipairs(rows) do
      if row.exposed or not ctx.flags.exposed then out[#out + 1] = row end
    end
    table.sort(out, function(a, b)
      if a.profile ~= b.profile then return a.profile < b.profile end
      if a.port ~= b.port then return a.port < b.port end
      return a.container < b.container
    end)
    return out
  end,
}
