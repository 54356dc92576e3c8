-- --use-api-socket: the engine's socket in the container, with the logins to registries that its clients need (docker CLI 28).
local json = require "json"

local M = {}

local TARGET = "/var/run/docker.sock"
local FOLDER = "run/secrets/docker" -- below the container's root

local function has_own_config(env)
  for _, text in ipairs(env or {}) do
    if text:find "^DOCKER_CONFIG=" then return true end
  end
end

---Adds the mount to a request, and the logins that this machine has: `fill` lays them into the container. Where the request sets
---DOCKER_CONFIG itself, docker takes it that the container has its own.
---@async
---@param request create.Request
---@param nas docker.Nas
function M.apply(request, nas)
  local body = request.body
  local host = body.HostConfig
  host.Mounts = host.Mounts or json.array {}
  host.Mounts[#host.Mounts + 1] = { Type = "bind", Source = nas.profile.socket, Target = TARGET, BindOptions = {} }
  if has_own_config(body.Env) then return end
  local logins = require("registry.credentials").all(nas.name)
  if not next(logins) then return end
  request.logins = logins
  body.Env = body.Env or json.array {}
  body.Env[#body.Env + 1] = "DOCKER_CONFIG=/" .. FOLDER
end

-- A config.json of these logins alone.
local function config_of(logins)
  local base64, auths = require "docker.base64", {}
  for server, auth in pairs(logins) do
    local token, pair = auth.identitytoken, ("%s:%s"):format(auth.username, auth.password)
    auths[server] = token and { identitytoken = token } or { auth = base64.encode(pair) }
  end
  return json.encode { auths = auths }
end

---Lays the logins into a container that was created. They never are in a file of this machine.
---@async
---@param request create.Request
---@param container docker.Container
function M.fill(request, container)
  if not request.logins then return end
  local empty <close> = require("fs").temp_dir()
  local pack <close> = require("tar").pack {
    path = empty.path, name = "", uid = 0, gid = 0, extra = { { name = FOLDER .. "/config.json", bytes = config_of(request.logins) } },
  }
  container:archive_put("/", function() return pack() end)
end

return M
