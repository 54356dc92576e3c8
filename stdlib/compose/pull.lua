-- Fetching images onto a NAS. Dependencies: task, transfer.registry.
local M = {}

---@class compose.PullOptions
---@field policy? "always"|"missing" default: always
---@field platforms? table<string, string> by reference
---@field limit? integer at once (default 4)
---@field on_progress? fun(ref: string, message: docker.Progress)
---@field on_end? fun(ref: string, result: compose.Pulled)

---@class compose.Pulled
---@field id? string of the image that the name stands for now
---@field was? string the same, before
---@field fetched boolean the registry was asked
---@field err? Error

local function id_of(nas, ref)
  local record, err = try(function() return nas:image(ref):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return record and record.Id
end

local function one(nas, ref, options)
  local was = id_of(nas, ref)
  if was and options.policy == "missing" then return { id = was, was = was, fetched = false } end
  local parsed = require("transfer.registry").parse(ref, false)
  local _, err = try(nas.pull, nas, {
    ref = ref, platform = options.platforms and options.platforms[ref],
    on_progress = options.on_progress and function(message) options.on_progress(ref, message) end or nil,
  })
  if err then
    local _, explained = try(require("transfer.registry").explain, nas, parsed, err, "pull")
    return { was = was, fetched = true, err = explained or err }
  end
  return { id = id_of(nas, ref), was = was, fetched = true }
end

---Fetches images, each once. A failure is in its result, and holds no other up.
---@async
---@param nas docker.Nas
---@param refs string[]
---@param options? compose.PullOptions
---@return table<string, compose.Pulled> by reference
function M.images(nas, refs, options)
  options = options or {}
  local list, out = {}, {}
  for _, ref in ipairs(refs) do
    if out[ref] == nil then
      out[ref], list[#list + 1] = false, ref
    end
  end
  require("task").map(list, function(ref)
    out[ref] = one(nas, ref, options)
    if options.on_end then options.on_end(ref, out[ref]) end
  end, { limit = options.limit or 4 })
  return out
end

---Why a service has no image to fetch; nil: it has one.
---@param service table of the model
---@param options {ignore_buildable?: boolean, policy?: string}
---@return string?
function M.skipped(service, options)
  if not service.image then return "no image to be pulled" end
  if service.build and options.ignore_buildable then return "it is built" end
  if options.policy then return nil end
  if service.pull_policy == "never" then return "pull_policy is never" end
  if service.pull_policy == "build" and service.build then return "pull_policy is build" end
end

return M
