-- Rows of networks: records of GET /networks as docker CLI 28 shows them.
local text = require "listing.text"

local M = {}

-- Go's time.Time.String() of a time as the engine sends it: its zone, and a fraction without trailing zeros.
local function created_at(n)
  local date, time, fraction, zone = (n.Created or ""):match "^(%d+%-%d+%-%d+)T(%d+:%d+:%d+)%.?(%d*)([Z+-].*)$"
  if not date then return "0001-01-01 00:00:00 +0000 UTC" end
  fraction = fraction:gsub("0+$", "")
  local offset = zone == "Z" and "+0000" or zone:gsub(":", "")
  local seconds = require("units").rfc3339(n.Created)
  local here = os.date("%z %Z", seconds)
  local name = zone == "Z" and "UTC" or here:sub(1, 5) == offset and here:sub(7) or offset
  return ("%s %s%s %s %s"):format(date, time, fraction ~= "" and "." .. fraction or "", offset, name)
end

local function flag(name)
  return function(n) return tostring(n[name] == true) end
end

---@return cli.Column[] the columns of network ls
function M.columns()
  return {
    { "ID", header = "NETWORK ID", priority = 4, get = function(n, v) return v.no_trunc and n.Id or text.short_id(n.Id) end },
    { "Name", priority = 1, middle = true, get = function(n) return n.Name end },
    { "Driver", priority = 2, get = function(n) return n.Driver end },
    { "Scope", priority = 3, get = function(n) return n.Scope end },
    { "IPv4", hidden = true, header = "IPV4", get = flag "EnableIPv4" },
    { "IPv6", hidden = true, header = "IPV6", get = flag "EnableIPv6" },
    { "Internal", hidden = true, get = flag "Internal" },
    { "Labels", hidden = true, get = function(n) return text.labels(n.Labels) end },
    { "CreatedAt", header = "CREATED AT", hidden = true, get = created_at },
    { "Subnet", ours = true, priority = 5, when = function(ctx) return ctx.flags.subnets end,
      get = function(n) return table.concat(M.subnets(n), ",") end },
  }
end

---The template of `--format raw`.
---@param flags table
---@return string
function M.raw(flags)
  if flags.quiet then return "network_id: {{.ID}}" end
  return "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n"
end

---@param n table
---@return string[] subnets in CIDR form
function M.subnets(n)
  local out = {}
  for _, config in ipairs(type(n.IPAM) == "table" and type(n.IPAM.Config) == "table" and n.IPAM.Config or {}) do
    out[#out + 1] = config.Subnet
  end
  return out
end

---What --json shows.
---@param n table
---@return table
function M.record(n)
  return {
    id = n.Id, name = n.Name, driver = n.Driver, scope = n.Scope, internal = n.Internal or false, ipv6 = n.EnableIPv6 or false,
    attachable = n.Attachable or false, created = n.Created, labels = n.Labels or {}, options = n.Options or {},
    subnets = require("json").array(M.subnets(n)),
  }
end

---Containers of a network, sorted by name.
---@async
---@param nas docker.Nas
---@param ref string
---@return {id: string, name: string}[]
function M.endpoints(nas, ref)
  local out = {}
  for id, endpoint in pairs(nas:network(ref):inspect().Containers or {}) do out[#out + 1] = { id = id, name = endpoint.Name or id } end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

return M
