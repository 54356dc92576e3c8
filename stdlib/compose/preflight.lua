-- What would fail halfway is said before anything is begun, all of it at once. Asks the NAS only where something is created.
-- Dependencies: create.limits.
local M = {}

-- "0.0.0.0:8080/tcp" -> who has it; addresses that overlap clash.
local function overlaps(a, b)
  local function any(ip) return ip == "" or ip == "0.0.0.0" or ip == "::" end
  return any(a) or any(b) or a == b
end

local function published(body)
  local out = {}
  for key, bindings in pairs(body.HostConfig.PortBindings or {}) do
    local protocol = key:match "/(%l+)$" or "tcp"
    for _, b in ipairs(bindings) do
      local port = math.tointeger(tonumber(b.HostPort or ""))
      if port and port > 0 then out[#out + 1] = { ip = b.HostIp or "", port = port, protocol = protocol } end
    end
  end
  return out
end

local function created(p)
  local out = {}
  for _, step in ipairs(p.plan.steps) do
    if step.op == "compose.create" then out[#out + 1] = { name = step.object.name, body = step.args.body } end
  end
  return out
end

-- Containers that this plan stops or removes leave their ports.
local function leaving(p)
  local out = {}
  for _, step in ipairs(p.plan.steps) do
    if step.op == "container.stop" or step.op == "container.remove" then out[step.args.container or ""] = true end
  end
  return out
end

local function taken(containers, gone)
  local out = {}
  for _, c in ipairs(containers) do
    for _, port in ipairs(not gone[c.Id] and c.Ports or {}) do
      if port.PublicPort then
        out[#out + 1] = { ip = port.IP or "", port = port.PublicPort, protocol = port.Type, by = (c.Names[1] or c.Id:sub(1,
          12)):gsub("^/", "") }
      end
    end
  end
  return out
end

local function port_problems(list, holders)
  local problems, told = {}, {}
  for _, made in ipairs(list) do
    for _, want in ipairs(published(made.body)) do
      for _, has in ipairs(holders) do
        local clash = has.port == want.port and has.protocol == want.protocol and overlaps(has.ip, want.ip)
        local key = ("%s %d %s"):format(made.name, want.port, has.by)
        if clash and has.by ~= made.name and not told[key] then
          told[key] = true
          problems[#problems + 1] = ("port %d/%s of %s is taken by %s"):format(want.port, want.protocol, made.name, has.by)
        end
      end
      want.by = made.name
      holders[#holders + 1] = want
    end
  end
  return problems
end

local function limit_problems(reader, list)
  local wants
  for _, made in ipairs(list) do
    local host = made.body.HostConfig
    if (host.NanoCpus or 0) > 0 or (host.CpuQuota or 0) > 0 or (host.CpuPeriod or 0) > 0 then wants = made.name end
  end
  if not wants or reader:info().CpuCfsQuota ~= false then return {} end
  return { ("the kernel of %s cannot limit CPUs (no CFS quota), as %s asks for"):format(reader.name, wants) }
end

---@async
---@param reader docker.Nas
---@param p compose.Planning with its steps
---@raise conflict "preflight"
function M.check(reader, p)
  local list = created(p)
  if #list == 0 then return end
  local publishes = false
  for _, made in ipairs(list) do publishes = publishes or made.body.HostConfig.PortBindings ~= nil end
  local problems = publishes and not p.options.no_start and port_problems(list, taken(reader:containers {}, leaving(p))) or {}
  for _, problem in ipairs(limit_problems(reader, list)) do problems[#problems + 1] = problem end
  if #problems == 0 then return end
  Error {
    category = "conflict", code = "preflight", profile = p.target,
    message = ("project '%s' cannot be brought up on %s; nothing was changed"):format(p.project.name, p.target),
    why = table.concat(problems, "\n"), hint = "qnap-docker ps shows who has which port",
  }
end

return M
