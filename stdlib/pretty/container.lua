-- A container for people: GET /containers/{id}/json in groups.
local pretty = require "pretty"
local units = require "units"

local M = {}

local NANO = 1000000000

local function words(list)
  local out = {}
  for i, word in ipairs(list or {}) do out[i] = word:find "[%s'\"\\$]" and require("listing.text").quote(word) or word end
  return table.concat(out, " ")
end

local function positive(n) return type(n) == "number" and n > 0 and n or nil end

local function bytes(n) return positive(n) and units.bytes_size(n) end

local function head(c)
  local config = c.Config or {}
  return {
    { "id", (c.Id or ""):sub(1, 12) }, { "image", ("%s (%s)"):format(config.Image or "", (c.Image or ""):gsub("^sha256:", ""):sub(1, 12)) },
    { "command", words { c.Path, table.unpack(c.Args or {}) } }, { "working directory", config.WorkingDir }, { "user", config.User },
    { "hostname", config.Hostname }, { "platform", c.Platform },
    { "project", (config.Labels or {})["com.docker.compose.project"] }, { "service", (config.Labels or {})["com.docker.compose.service"] },
  }
end

local function policy(host)
  local p = host.RestartPolicy or {}
  if (p.Name or "") == "" then return "no" end
  return positive(p.MaximumRetryCount) and ("%s, %d times at most"):format(p.Name, p.MaximumRetryCount) or p.Name
end

local function state(c, view)
  local s = c.State or {}
  local ended = not s.Running and pretty.when(s.FinishedAt, view.now)
  return {
    { "status", s.Status, color = require("ui.style").of_state }, { "created", pretty.when(c.Created, view.now) },
    { "started", pretty.when(s.StartedAt, view.now) }, { "ended", ended or nil },
    { "exit code", ended and s.ExitCode or nil, color = s.ExitCode ~= 0 and "bad" or nil },
    { "error", s.Error, color = "bad" }, { "out of memory", s.OOMKilled and "yes: the kernel ended it" or nil, color = "bad" },
    { "pid", positive(s.Pid) }, { "restart policy", policy(c.HostConfig or {}) }, { "restarts", positive(c.RestartCount) },
    { "size", c.SizeRw and units.human_size(c.SizeRw, 3) },
    { "with its image", c.SizeRootFs and units.human_size(c.SizeRootFs, 3) },
  }
end

local function health(c, view)
  local detail = require "health.detail"
  local command = c.Config and detail.command(c)
  if not command then return {} end
  local fact = require("health.facts").of(c)
  return {
    { "status", fact.status, color = require("ui.style").of_state }, { "check", words(command) },
    { "failures in a row", positive(fact.streak) }, { "last check", pretty.when(fact.last_check, view.now) },
    { "last output", fact.output },
  }
end

local function ports(c)
  local rows = {}
  for port, bindings in pairs(c.NetworkSettings and c.NetworkSettings.Ports or {}) do
    local hosts = {}
    for i, b in ipairs(type(bindings) == "table" and bindings or {}) do
      local ip = b.HostIp or ""
      hosts[i] = ("%s:%s"):format(ip:find ":" and "[" .. ip .. "]" or ip, b.HostPort or "")
    end
    rows[#rows + 1] = { port, #hosts > 0 and table.concat(hosts, ", ") or "not published" }
  end
  table.sort(rows, function(a, b) return (tonumber(a[1]:match "^%d+") or 0) < (tonumber(b[1]:match "^%d+") or 0) end)
  return rows
end

local function mounts(c)
  local rows = {}
  for i, m in ipairs(c.Mounts or {}) do
    local what = m.Type == "volume" and ("volume %s  %s"):format(m.Name or "", m.Source or "") or ("%s %s"):format(m.Type, m.Source or "")
    rows[i] = { m.Destination or "", what .. (m.RW == false and "  (read-only)" or "") }
  end
  return rows
end

local function networks(c)
  local rows = {}
  local own = (c.Id or ""):sub(1, 12)
  for name, n in pairs(c.NetworkSettings and c.NetworkSettings.Networks or {}) do
    local parts, aliases = {}, {}
    for _, address in ipairs { n.IPAddress or "", n.GlobalIPv6Address or "" } do
      if address ~= "" then parts[#parts + 1] = address end
    end
    if (n.Gateway or "") ~= "" then parts[#parts + 1] = "gateway " .. n.Gateway end
    for _, alias in ipairs(n.Aliases or {}) do
      if alias ~= own then aliases[#aliases + 1] = alias end
    end
    if #aliases > 0 then parts[#parts + 1] = "as " .. table.concat(aliases, ", ") end
    rows[#rows + 1] = { name, #parts > 0 and table.concat(parts, ", ") or "no address" }
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  return rows
end

local function cpus(host)
  if positive(host.NanoCpus) then return ("%g"):format(host.NanoCpus / NANO) end
  return positive(host.CpuQuota) and ("%g"):format(host.CpuQuota / (positive(host.CpuPeriod) or 100000))
end

local function limits(c)
  local host = c.HostConfig or {}
  local swap = positive(host.MemorySwap) and positive(host.Memory) and host.MemorySwap - host.Memory
  return {
    { "memory", bytes(host.Memory) }, { "reserved", bytes(host.MemoryReservation) },
    { "swap", swap and units.bytes_size(swap) or (host.MemorySwap == -1 and "unlimited") or nil }, { "cpus", cpus(host) or nil },
    { "cpu shares", positive(host.CpuShares) }, { "cpu set", host.CpusetCpus }, { "processes", positive(host.PidsLimit) },
    { "privileged", host.Privileged and "yes" or nil, color = "warn" }, { "read-only", host.ReadonlyRootfs and "yes" or nil },
    { "capabilities", table.concat(host.CapAdd or {}, " ") }, { "without", table.concat(host.CapDrop or {}, " ") },
  }
end

---@param c table
---@param view pretty.View
---@return pretty.Section[]
function M.sections(c, view)
  local config = c.Config or {}
  return {
    { "container " .. (c.Name or ""):gsub("^/", ""), head(c) }, { "state", state(c, view) }, { "health", health(c, view) },
    { "ports", ports(c) }, { "mounts", mounts(c) }, { "networks", networks(c) }, { "limits", limits(c) },
    { "environment", pretty.environment(config.Env, view) }, { "labels", pretty.map(config.Labels) },
  }
end

return M
