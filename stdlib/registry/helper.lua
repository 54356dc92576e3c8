-- Programs that keep credentials: the docker-credential-* protocol (get, store, erase, list; JSON over pipes, no shell).
-- Dependencies: core.log, json, proc.
local M = {}

local LIMIT = 60 -- seconds: it may ask its user something

local function call(name, verb, input)
  if not name:find "^[%w][%w_.-]*$" then
    Error { category = "config", code = "bad_helper", message = ("'%s' cannot be the name of a credential helper"):format(name) }
  end
  local program = "docker-credential-" .. name
  local result, err = try(require("proc").run, { argv = { program, verb }, stdin = input, timeout = LIMIT, max_output = 1 << 20 })
  if err then
    Error {
      category = "config", code = "helper_failed", message = ("the credential helper '%s' cannot be run"):format(program),
      why = err.why or err.message, hint = "install it, or take it out of ~/.docker/config.json",
    }
  end
  return result
end

local function failed(name, verb, result)
  local said = (result.stdout .. result.stderr):match "([^\n]+)" or ("status %d"):format(result.code)
  Error { category = "fail", code = "helper_failed", message = ("docker-credential-%s cannot %s"):format(name, verb), why = said }
end

local function nothing(result) return result.stdout:find("credentials not found", 1, true) ~= nil end

---@async
---@param name string
---@param server string
---@return docker.Auth? nil: it has none
function M.get(name, server)
  local result = call(name, "get", server)
  if result.code ~= 0 then
    if nothing(result) then return nil end
    failed(name, "get", result)
  end
  local doc = try(require("json").decode, result.stdout)
  if type(doc) ~= "table" or type(doc.Secret) ~= "string" then
    Error { category = "fail", code = "helper_failed", message = ("docker-credential-%s gave no credentials"):format(name) }
  end
  require("core.log").secret(doc.Secret)
  if doc.Username == "<token>" then return { serveraddress = server, identitytoken = doc.Secret } end
  if (doc.Username or "") == "" and doc.Secret == "" then return nil end
  return { serveraddress = server, username = doc.Username, password = doc.Secret }
end

---@async
---@param name string
---@param auth docker.Auth
function M.store(name, auth)
  local token = auth.identitytoken
  local doc = { ServerURL = auth.serveraddress, Username = token and "<token>" or auth.username, Secret = token or auth.password }
  local result = call(name, "store", require("json").encode(doc))
  if result.code ~= 0 then failed(name, "store", result) end
end

---@async
---@param name string
---@param server string
function M.erase(name, server)
  local result = call(name, "erase", server)
  if result.code ~= 0 and not nothing(result) then failed(name, "erase", result) end
end

---@async
---@param name string
---@return string[] servers
function M.list(name)
  local result = call(name, "list", "")
  local doc = result.code == 0 and try(require("json").decode, result.stdout)
  local out = {}
  for server in pairs(type(doc) == "table" and doc or {}) do
    if type(server) == "string" then out[#out + 1] = server end
  end
  table.sort(out)
  return out
end

return M
