-- The docker client's config.json: which credential helpers there are, and what it holds itself. Read, never written.
-- Dependencies: fs, json, docker.base64, notices, registry.server, sys.
local server = require "registry.server"

local M = {}

---@class registry.Config
---@field store? string credsStore
---@field helpers table<string, string> credHelpers by registry
---@field auths table<string, docker.Auth> by registry
---@field proxies table<string, table<string, string>> httpProxy, noProxy ... for containers, by the engine's address, or "default"
---@field detach_keys? string

local LARGEST = 1 << 20

local function strings(value)
  local out = {}
  for k, v in pairs(type(value) == "table" and value or {}) do
    if type(k) == "string" and type(v) == "string" then out[k] = v end
  end
  return out
end

local function auth_of(entry, key)
  local auth = { serveraddress = key, username = entry.username, password = entry.password }
  auth.identitytoken = entry.identitytoken ~= "" and entry.identitytoken or nil
  if entry.auth and entry.auth ~= "" then
    local text = require("docker.base64").decode(entry.auth) or ""
    auth.username, auth.password = text:gsub("%z+$", ""):match "^([^:]*):(.*)$"
  end
  if auth.identitytoken then auth.password = nil end
  if not auth.identitytoken and not (auth.username and auth.password) then return nil end
  return auth
end

---Reads the file's text.
---@param text string
---@return registry.Config
---@raise config "bad_docker_config"
function M.parse(text)
  local doc, err = try(require("json").decode, text)
  if type(doc) ~= "table" then
    Error { category = "config", code = "bad_docker_config", message = "config.json of docker is not readable", why = err and err.message }
  end
  local config = { helpers = {}, auths = {}, proxies = {} }
  for host, proxies in pairs(type(doc.proxies) == "table" and doc.proxies or {}) do config.proxies[host] = strings(proxies) end
  if type(doc.detachKeys) == "string" then config.detach_keys = doc.detachKeys end
  if type(doc.credsStore) == "string" and doc.credsStore ~= "" then config.store = doc.credsStore end
  for name, helper in pairs(strings(doc.credHelpers)) do config.helpers[server.key(name)] = helper end
  for name, entry in pairs(type(doc.auths) == "table" and doc.auths or {}) do
    local key = server.key(tostring(name))
    config.auths[key] = type(entry) == "table" and auth_of(strings(entry), key) or config.auths[key]
  end
  return config
end

local read

---What is in DOCKER_CONFIG/config.json, else ~/.docker/config.json. A file that cannot be used is told once.
---@return registry.Config
function M.load()
  if read then return read end
  local fs, sys = require "fs", require "sys"
  local dir = os.getenv "DOCKER_CONFIG"
  if not dir or dir == "" then dir = fs.join(sys.home() or "/", ".docker") end
  local path = fs.join(dir, "config.json")
  read = M.parse "{}"
  if not fs.exists(path) then return read end
  local config, err = try(function() return M.parse(fs.read(path, LARGEST)) end)
  if not config then require("notices").warn(("%s is left out: %s"):format(path, err.why or err.message)) end
  read = config or read
  return read
end

return M
