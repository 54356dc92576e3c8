-- The PORTS column: published ports with their addresses, runs of neighbours folded (docker CLI 28, DisplayablePorts).
local M = {}

local function before(a, b)
  if a.PrivatePort ~= b.PrivatePort then return a.PrivatePort < b.PrivatePort end
  if (a.IP or "") ~= (b.IP or "") then return (a.IP or "") < (b.IP or "") end
  if (a.PublicPort or 0) ~= (b.PublicPort or 0) then return (a.PublicPort or 0) < (b.PublicPort or 0) end
  return a.Type < b.Type
end

local function bracketed(ip) return ip:find(":", 1, true) and "[" .. ip .. "]" or ip end
local function bare(ip) return ip end

local function group_text(key, group, host)
  local ip, protocol = key:match "^(.*)/([^/]*)$"
  local range = group.first == group.last and tostring(group.first) or group.first .. "-" .. group.last
  if ip ~= "" then range = ("%s:%s->%s"):format(host(ip), range, range) end
  return range .. "/" .. protocol
end

---@param ports {IP?: string, PrivatePort: integer, PublicPort?: integer, Type: string}[]
---@param options? {bare_ipv6?: boolean} bare_ipv6: addresses without brackets, as CLI 26 and compose 2.26 have them
---@return string
function M.text(ports, options)
  local host = options and options.bare_ipv6 and bare or bracketed
  local sorted = table.move(ports, 1, #ports, 1, {})
  table.sort(sorted, before)
  local groups, order, out, mapped = {}, {}, {}, {}
  for _, p in ipairs(sorted) do
    local ip, public = p.IP or "", p.PublicPort or 0
    if ip ~= "" and public ~= p.PrivatePort then
      mapped[#mapped + 1] = ("%s:%d->%d/%s"):format(host(ip), public, p.PrivatePort, p.Type)
    else
      local key = ip .. "/" .. p.Type
      local g = groups[key]
      if not g then
        groups[key] = { first = p.PrivatePort, last = p.PrivatePort }
        order[#order + 1] = key
      elseif p.PrivatePort == g.last + 1 then
        g.last = p.PrivatePort
      elseif p.PrivatePort ~= g.last then
        out[#out + 1] = group_text(key, g, host)
        g.first, g.last = p.PrivatePort, p.PrivatePort
      end
    end
  end
  for _, key in ipairs(order) do out[#out + 1] = group_text(key, groups[key], host) end
  return table.concat(table.move(mapped, 1, #mapped, #out + 1, out), ", ")
end

return M
