-- Who we are to a registry, per profile: from docker's credential helpers, our own sealed store, docker's config.json.
-- docs/decisions/0006-registry-credentials.md says why. Dependencies: core.log, notices, registry.*, ui.
local config = require "registry.config"
local helper = require "registry.helper"
local sealed = require "registry.sealed"
local server = require "registry.server"

local M = {}

---The credential helper that is responsible for a registry.
---@param key string of registry.server
---@return string?
function M.helper_of(key)
  local docker = config.load()
  local name = docker.helpers[key] or docker.store
  return name ~= "" and name or nil
end

local told = {}

local function warn_once(text)
  if told[text] then return end
  told[text] = true
  require("notices").warn(text)
end

local function from_helper(key)
  local name = M.helper_of(key)
  if not name then return nil end
  local auth, err = try(helper.get, name, key)
  if err then warn_once(("%s: %s; going on without"):format(err.message, err.why or "")) end
  return auth
end

local function from_sealed(profile, key)
  if not sealed.servers(profile)[key] then return nil end
  if not require("ui").can_ask() then
    warn_once(("the credentials for %s are sealed by a passphrase, and there is no terminal to ask for it; going on without (a "
      .. "credential helper of docker works without a terminal)"):format(key))
    return nil
  end
  return sealed.all(profile)[key]
end

local function from_config(key)
  local auth = config.load().auths[key]
  for _, field in ipairs { "password", "identitytoken" } do
    if auth and auth[field] then require("core.log").secret(auth[field]) end
  end
  return auth
end

---What is known for a registry; nil: nothing.
---@async
---@param profile string its name
---@param name? string the registry; nil: Docker Hub
---@return docker.Auth?
function M.for_server(profile, name)
  local key = server.key(name)
  return from_helper(key) or from_sealed(profile, key) or from_config(key)
end

---What is known for the registry of an image.
---@async
---@param profile string
---@param ref string
---@return docker.Auth?
function M.for_image(profile, ref)
  return M.for_server(profile, server.of_image(ref))
end

---Everything that is known, by registry, for X-Registry-Config.
---@async
---@param profile string
---@return table<string, docker.Auth>
function M.all(profile)
  local docker, keys, out = config.load(), {}, {}
  for key in pairs(docker.auths) do keys[key] = true end
  for key in pairs(docker.helpers) do keys[key] = true end
  for key in pairs(sealed.servers(profile)) do keys[key] = true end
  if docker.store then
    for _, name in ipairs(try(helper.list, docker.store) or {}) do keys[server.key(name)] = true end
  end
  for key in pairs(keys) do out[key] = M.for_server(profile, key) end
  return out
end

---Keeps credentials: in the helper that docker's configuration names, else in the profile's sealed store.
---@async
---@param profile string
---@param auth docker.Auth with its serveraddress
---@return string where "the credential helper 'pass'"
---@raise unsupported "no_place_for_credentials"
function M.save(profile, auth)
  local name = M.helper_of(auth.serveraddress)
  if name then
    helper.store(name, auth)
    return ("the credential helper '%s'"):format(name)
  end
  sealed.save(profile, auth)
  return "a store sealed by your passphrase"
end

---Raises when save() would have no place: no helper, and no terminal to ask for a passphrase.
---@param name? string the registry
function M.check_place(name)
  if M.helper_of(server.key(name)) or require("ui").can_ask() then return end
  Error {
    category = "unsupported", code = "no_place_for_credentials", message = "the credentials cannot be kept safely",
    why = "there is no credential helper in ~/.docker/config.json, and no terminal to ask for a passphrase",
    hint = "set credsStore (pass, secretservice ...) in ~/.docker/config.json\nor log in once on a terminal",
  }
end

---Forgets credentials, wherever we keep them.
---@async
---@param profile string
---@param name? string the registry
---@return boolean left docker's own config.json still has some
function M.erase(profile, name)
  local key = server.key(name)
  local program = M.helper_of(key)
  if program then helper.erase(program, key) end
  sealed.erase(profile, key)
  return config.load().auths[key] ~= nil
end

return M
