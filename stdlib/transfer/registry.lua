-- What pull and push have in common: the names docker shows, and what a refused transfer means for its user.
-- Dependencies: core.docker, docker.reference, docker.transfer, registry.credentials.
local core = require "core.docker"
local reference = require "docker.reference"

local M = {}

---Parses a name, and refuses one with a tag beside --all-tags.
---@param text string
---@param all_tags boolean
---@return docker.Reference
function M.parse(text, all_tags)
  local ref = reference.parse(text)
  if all_tags and not ref.implied then
    Error {
      category = "usage", code = "conflicting_flags", exit_code = 1, message = "tag can't be used with --all-tags/-a",
      hint = "leave the tag out: " .. ref.familiar,
    }
  end
  return ref
end

---What docker prints last: the full reference.
---@param ref docker.Reference
---@param all_tags boolean
---@return string
function M.full_name(ref, all_tags)
  if all_tags then return ref.name end
  return ref.name .. (ref.tag and not ref.digest and ":" .. ref.tag or "") .. (ref.digest and "@" .. ref.digest or "")
end

---What the registry has of an image, as the engine of the NAS sees it: {Descriptor, Platforms}.
---@async
---@param nas docker.Nas
---@param name string
---@return table
function M.distribution(nas, name) ---@endpoint GET /distribution/{name}/json
  local auth = require("registry.credentials").for_image(nas.name, name) or {}
  local body = nas:request {
    path = ("/distribution/%s/json"):format(core.escape(name, true)), what = nas:cannot(("ask the registry for '%s'"):format(name)),
    object = name, timeout = 60, headers = { ["X-Registry-Auth"] = require("docker.transfer").auth_header(auth) },
  }.body
  return type(body) == "table" and body or {}
end

local function available(nas, ref)
  local found = try(M.distribution, nas, ref.name .. ":" .. (ref.tag or "latest"))
  local out = {}
  for _, p in ipairs(found and type(found.Platforms) == "table" and found.Platforms or {}) do
    if p.os ~= "unknown" then out[#out + 1] = table.concat({ p.os, p.architecture, p.variant }, "/") end
  end
  return table.concat(out, ", ")
end

---Raises the error of a transfer again, with what helps.
---@async
---@param nas docker.Nas
---@param ref docker.Reference
---@param err any
---@param verb "pull"|"push"
function M.explain(nas, ref, err, verb)
  local registry = ref.domain ~= "docker.io" and " " .. ref.domain or ""
  if err.category == "auth" or err.code == "pull_denied" or err.code == "registry_denied" then
    err.hint = ("qnap-docker login%s"):format(registry)
  elseif err.code == "no_matching_platform" then
    local list = available(nas, ref)
    if list ~= "" then err.why = ("%s; available: %s"):format(err.why or "it does not exist for this platform", list) end
  elseif err.category == "connect" or err.category == "timeout" then
    err.hint = ("run the %s again: layers that are complete are not sent twice"):format(verb)
  end
  error(err, 0)
end

return M
