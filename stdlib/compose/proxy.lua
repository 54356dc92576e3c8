-- x-qnap.proxy: the published TCP ports of a service move to a generated one, <service>-proxy, that hands each connection over to the
-- service by its name in their network: so the service holds no port of the NAS, and can be replaced start-first. Pure.
-- Limits: TCP alone (UDP ports stay with the service); the service sees the proxy's address instead of the client's; a connection that
-- is open when its container stops ends with it; a connection that comes while no container answers waits up to five seconds.
local M = {}

M.LABEL = "qnap-docker.proxy-of" -- of the generated service: the service that it stands in front of
M.IMAGE = "busybox:1.36"

local TRIES = 20 -- of 0.25 s each

local function refuse(name, why, hint)
  Error {
    category = "config", code = "bad_proxy", message = ("service '%s' cannot have a proxy"):format(name), why = why,
    hint = hint or "remove x-qnap.proxy from it",
  }
end

-- nil: no proxy is asked for.
local function wanted(name, service)
  local x = service["x-qnap"]
  local proxy = type(x) == "table" and x.proxy
  if not proxy or require("json").is_null(proxy) then return nil end
  if proxy == true then return { image = M.IMAGE } end
  if type(proxy) ~= "table" or (proxy.image ~= nil and type(proxy.image) ~= "string") then
    refuse(name, "x-qnap.proxy is neither true nor a map with an image", "x-qnap: {proxy: true}\nx-qnap: {proxy: {image: busybox:1.36}}")
  end
  return { image = proxy.image or M.IMAGE }
end

-- A connection is handed over by a process of its own. `nc` fails before it has taken anything where nobody answers: it is tried again.
-- Names of services and ports need no quotes.
local function script(name, targets)
  local out = { "trap 'kill $(jobs -p) 2>/dev/null; exit 0' TERM INT" }
  for _, port in ipairs(targets) do
    out[#out + 1] = ("n=0; until nc %s %d 2>/dev/null; do n=$((n+1)); [ $n -lt %d ] || exit 1; sleep 0.25; done"):format(name, port, TRIES)
    local hand_over = ("sh -c '%s'"):format(table.remove(out))
    out[#out + 1] = ("if type tcpsvd >/dev/null 2>&1; then tcpsvd -E -c 1000 -b 128 0 %d %s; else nc -ll -p %d -e %s; fi &"):format(port,
      hand_over, port, hand_over)
  end
  out[#out + 1] = "wait"
  return table.concat(out, "\n")
end

local function split(service)
  local array = require("json").array
  local moved, stay, targets, seen = array {}, array {}, {}, {}
  for _, p in ipairs(service.ports or {}) do
    if (p.protocol or "tcp") == "tcp" then
      moved[#moved + 1] = p
      if not seen[p.target] then
        seen[p.target], targets[#targets + 1] = true, p.target
      end
    else
      stay[#stay + 1] = p
    end
  end
  table.sort(targets)
  return moved, #stay > 0 and stay or nil, targets
end

-- The networks that it shares with the service, without addresses and other names.
local function networks(service)
  local out = {}
  for key in pairs(service.networks or {}) do out[key] = {} end
  return out
end

local function add(model, name, proxy)
  local service, array = model.services[name], require("json").array
  local moved, stay, targets = split(service)
  if #moved == 0 then refuse(name, "it publishes no TCP port") end
  if service.network_mode then refuse(name, ("network_mode: %s leaves it without a name in a network"):format(service.network_mode)) end
  local own = name .. "-proxy"
  if model.services[own] then refuse(name, ("there is a service '%s' already"):format(own), "rename it") end
  service.ports = stay
  model.services[own] = {
    image = proxy.image, entrypoint = array { "sh", "-c", script(name, targets) }, command = array {}, ports = moved,
    networks = networks(service), restart = "unless-stopped", labels = { [M.LABEL] = name }, profiles = service.profiles,
    depends_on = { [name] = { condition = "service_started", required = true } }, stop_grace_period = "1s",
  }
end

---A project whose services have the proxies that they ask for.
---@param project compose.Project
---@return compose.Project the same one where none is asked for
---@raise config "bad_proxy"
function M.of(project)
  local asked = {}
  for name, service in pairs(project.model.services or {}) do asked[name] = wanted(name, service) end
  if not next(asked) then return project end
  local out = {}
  for key, value in pairs(project) do out[key] = value end
  out.model = require("plan.secrets").copy(project.model)
  for _, name in ipairs(require("compose.tables").sorted(asked)) do add(out.model, name, asked[name]) end
  return out
end

return M
