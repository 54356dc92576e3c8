-- Images, networks and volumes for people: their documents (Engine API 1.41) in groups.
local pretty = require "pretty"
local units = require "units"

local M = {}

local function yes(value) return value == true and "yes" or nil end

local function lines(title, list)
  local rows = {}
  for i, value in ipairs(list or {}) do rows[i] = { i == 1 and title or "", value } end
  return rows
end

local function append(rows, more) return table.move(more, 1, #more, #rows + 1, rows) end

local function keys(map)
  local out = {}
  for key in pairs(map or {}) do out[#out + 1] = key end
  table.sort(out)
  return out
end

---@param i table GET /images/{name}/json
---@param view pretty.View
---@return pretty.Section[]
function M.image(i, view)
  local config = i.Config or {}
  local head = append({ { "id", (i.Id or ""):gsub("^sha256:", ""):sub(1, 12) } }, lines("names", i.RepoTags))
  append(head, lines("digests", i.RepoDigests))
  append(head, {
    { "created", pretty.when(i.Created, view.now) }, { "size", type(i.Size) == "number" and units.human_size(i.Size, 3) or nil },
    { "platform", table.concat({ i.Os, i.Architecture, i.Variant ~= "" and i.Variant or nil }, "/") },
    { "layers", i.RootFS and i.RootFS.Layers and #i.RootFS.Layers or nil }, { "author", i.Author }, { "comment", i.Comment },
  })
  return {
    { "image " .. ((i.RepoTags or {})[1] or (i.Id or ""):sub(1, 19)), head },
    { "runs", {
      { "entrypoint", table.concat(config.Entrypoint or {}, " ") }, { "command", table.concat(config.Cmd or {}, " ") },
      { "working directory", config.WorkingDir }, { "user", config.User }, { "stop signal", config.StopSignal },
      { "ports", table.concat(keys(config.ExposedPorts), ", ") }, { "volumes", table.concat(keys(config.Volumes), ", ") },
      { "health check", config.Healthcheck and table.concat(config.Healthcheck.Test or {}, " ", 2) },
    } },
    { "environment", pretty.environment(config.Env, view) }, { "labels", pretty.map(config.Labels) },
  }
end

-- What is there of several texts.
local function filled(...)
  local out = {}
  for _, text in ipairs { ... } do
    if text ~= "" then out[#out + 1] = text end
  end
  return table.concat(out, ", ")
end

local function subnets_of(n)
  local rows = {}
  for i, s in ipairs(n.IPAM and n.IPAM.Config or {}) do
    local gateway, range = s.Gateway or "", s.IPRange or ""
    rows[i] = { s.Subnet or "", filled(gateway ~= "" and "gateway " .. gateway or "no gateway", range ~= "" and "range " .. range or "") }
  end
  return rows
end

local function members_of(n)
  local rows = {}
  for _, c in pairs(n.Containers or {}) do
    local addresses = filled(c.IPv4Address or "", c.IPv6Address or "")
    rows[#rows + 1] = { c.Name or "", addresses ~= "" and addresses or "no address" }
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  return rows
end

---@param n table GET /networks/{id}
---@param view pretty.View
---@return pretty.Section[]
function M.network(n, view)
  return {
    { "network " .. (n.Name or ""), {
      { "id", (n.Id or ""):sub(1, 12) }, { "driver", n.Driver }, { "scope", n.Scope }, { "created", pretty.when(n.Created, view.now) },
      { "internal", yes(n.Internal) }, { "attachable", yes(n.Attachable) }, { "ipv6", yes(n.EnableIPv6) },
    } },
    { "subnets", subnets_of(n) }, { "containers", members_of(n) }, { "options", pretty.map(n.Options) }, { "labels", pretty.map(n.Labels) },
  }
end

---@param v table GET /volumes/{name}
---@param view pretty.View
---@return pretty.Section[]
function M.volume(v, view)
  return {
    { "volume " .. (v.Name or ""), {
      { "driver", v.Driver }, { "scope", v.Scope }, { "path on the NAS", v.Mountpoint }, { "created", pretty.when(v.CreatedAt, view.now) },
      { "project", (v.Labels or {})["com.docker.compose.project"] },
    } },
    { "options", pretty.map(v.Options) }, { "labels", pretty.map(v.Labels) },
  }
end

return M
