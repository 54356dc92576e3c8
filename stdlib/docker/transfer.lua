-- Pull and push: a stream of progress documents, in which errors come, too. Dependencies: core.docker, core.log, json, docker.base64.
local core = require "core.docker"

local M = {}

---Credentials of a registry.
---@class docker.Auth
---@field username? string
---@field password? string
---@field serveraddress? string
---@field identitytoken? string
---@field registrytoken? string

---One step of a transfer, as the engine reports it.
---@class docker.Progress
---@field id? string the layer
---@field status? string "Downloading"
---@field progressDetail? {current?: integer, total?: integer}
---@field stream? string
---@field aux? table

---The value of X-Registry-Auth. What is secret in it is never shown from here on.
---@param auth docker.Auth
---@return string
function M.auth_header(auth)
  local log, json = require "core.log", require "json"
  for _, key in ipairs { "password", "identitytoken", "registrytoken" } do
    if auth[key] then
      log.secret(auth[key])
    end
  end
  local header = require("docker.base64").encode_url(next(auth) and json.encode(auth) or "{}")
  log.secret(header)
  return header
end

local function raise(doc, options, nas)
  local detail = doc.errorDetail
  error(core.failure {
    message = detail and detail.message or doc.error or "", status = 0, what = options.what, profile = nas.name, object = options.object,
  }, 0)
end

---Runs the transfer to its end.
---@async
---@param nas docker.Nas
---@param options {path: string, query: table, what: string, object: string, auth?: docker.Auth, on_progress?: fun(doc: docker.Progress)}
---@return table result digest, status, and what came as `aux`
function M.run(nas, options)
  -- Nobody who pulls or pushes has to care for credentials: those of the profile are taken.
  local auth = options.auth or require("registry.credentials").for_image(nas.name, options.object) or {}
  local stream <close> = nas:stream {
    method = "POST", path = options.path, query = options.query, what = options.what, object = options.object, timeout = 600,
    headers = { ["X-Registry-Auth"] = M.auth_header(auth) },
  }
  local result = {}
  for doc in function() return stream:next() end do
    if doc.errorDetail or doc.error then
      raise(doc, options, nas)
    end
    if options.on_progress then
      options.on_progress(doc)
    end
    if doc.status and not doc.id then
      result.status = doc.status
      result.digest = doc.status:match "^Digest: (%S+)" or result.digest
    end
    for key, value in pairs(type(doc.aux) == "table" and doc.aux or {}) do
      result[key] = value
    end
  end
  return result
end

return M
