-- What is known about registries, for the images that a Dockerfile names: the engine's builder takes it in a header, the docker program
-- of the NAS in its config.json. Dependencies: core.log, docker.base64, json, registry.credentials.
local base64 = require "docker.base64"
local json = require "json"

local M = {}

local function secret(text)
  require("core.log").secret(text)
  return text
end

-- By registry; what is secret in it is never shown from here on. nil: nothing is known.
local function known(profile)
  local all = require("registry.credentials").all(profile)
  for _, auth in pairs(all) do
    for _, key in ipairs { "password", "identitytoken", "registrytoken" } do
      if auth[key] then
        secret(auth[key])
      end
    end
  end
  return next(all) ~= nil and all or nil
end

---The value of X-Registry-Config.
---@async
---@param profile string
---@return string?
function M.header(profile)
  local all = known(profile)
  return all and secret(base64.encode_url(json.encode(all)))
end

---A config.json of docker with these logins and nothing else.
---@async
---@param profile string
---@return string?
function M.config(profile)
  local all, auths = known(profile), {}
  for key, auth in pairs(all or {}) do
    local user = (auth.username or "") .. ":" .. (auth.password or "")
    auths[key] = {
      auth = user ~= ":" and secret(base64.encode(user)) or nil, identitytoken = auth.identitytoken, registrytoken = auth.registrytoken,
    }
  end
  return all and json.encode { auths = auths }
end

return M
