-- Images and file systems as tar streams: save, load, import, export. Engine API 1.41: ImageGetAll, ImageLoad, ImageCreate,
-- ContainerExport. Dependencies: core.docker, docker.reference, docker.upload.
local core = require "core.docker"

local M = {}

---"linux/arm64/v8" as the engine takes it where a platform is one JSON object.
---@param text? string
---@return table? {os, architecture, variant}
function M.platform(text)
  if not text or text == "" then return nil end
  local os, machine, variant = require("create.platform").parse(text):match "^([^/]+)/?([^/]*)/?(.*)$"
  return { os = os, architecture = machine ~= "" and machine or nil, variant = variant ~= "" and variant or nil }
end

---Raises, in docker's words, unless the engine has the API version that a flag needs.
---@async
---@param nas docker.Nas
---@param version string
---@param flag string
function M.need(nas, version, flag)
  local _, err = try(nas.need, nas, version, flag)
  if not err then return end
  err.message = ('"%s" requires API version %s, but the Docker daemon API version is %s'):format(flag, version, nas:api())
  error(err, 0)
end

---The same for --platform, where it was given.
---@async
---@param nas docker.Nas
---@param platform? string
---@param version string
function M.need_platform(nas, platform, version)
  if platform and platform ~= "" then M.need(nas, version, "--platform") end
end

---A tar of images with their layers and names.
---@async
---@param nas docker.Nas
---@param names string[]
---@param platform? string
---@return docker.Stream
function M.save(nas, names, platform) ---@endpoint GET /images/get
  M.need_platform(nas, platform, "1.48")
  return nas:stream {
    path = "/images/get", query = { names = names, platform = M.platform(platform) }, bulk = true, timeout = 0,
    what = nas:cannot(("save image '%s'"):format(table.concat(names, "', '"))), object = names[1],
  }
end

---A tar of a container's file system, without its volumes.
---@async
---@param nas docker.Nas
---@param ref string
---@return docker.Stream
function M.export(nas, ref) ---@endpoint GET /containers/{id}/export
  local container = nas:container(ref)
  return nas:stream {
    path = container.path .. "/export", bulk = true, timeout = 0, what = container:cannot "export", object = ref,
  }
end

local function failed(doc, options)
  local detail = doc.errorDetail
  error(core.failure {
    message = detail and detail.message or doc.error or "", status = 0, what = options.what, profile = options.profile,
    object = options.object,
  }, 0)
end

-- The engine answers after it has the tar, in documents; what it refuses may come while we still write.
local function send(nas, request, pieces, on_message)
  request.upload, request.bulk, request.method, request.timeout = true, true, "POST", 0
  request.headers = { ["Content-Type"] = "application/x-tar" }
  local upload <close> = nas:stream(request)
  require("docker.upload").run(upload, pieces, function()
    for doc in function() return upload:next() end do
      if doc.errorDetail or doc.error then failed(doc, { what = request.what, profile = nas.name, object = request.object }) end
      on_message(doc)
    end
  end)
end

---Takes images from a tar that save wrote.
---@async
---@param nas docker.Nas
---@param pieces fun(): string?
---@param options {quiet?: boolean, platform?: string, on_message: fun(doc: table)}
function M.load(nas, pieces, options) ---@endpoint POST /images/load
  M.need_platform(nas, options.platform, "1.48")
  send(nas, {
    path = "/images/load", query = { quiet = options.quiet or false, platform = M.platform(options.platform) },
    what = nas:cannot "load images",
  }, pieces, options.on_message)
end

---Makes an image of a file system.
---@async
---@param nas docker.Nas
---@param options {source: string, ref?: string, message?: string, changes?: string[], platform?: string, on_message: fun(doc: table)}
---@param pieces? fun(): string? with source "-"
function M.import(nas, options, pieces) ---@endpoint POST /images/create
  local request = {
    path = "/images/create", what = nas:cannot(("import '%s'"):format(options.ref or options.source)), object = options.ref,
    query = {
      fromSrc = options.source, repo = options.ref, message = options.message, changes = options.changes, platform = options.platform,
    },
  }
  send(nas, request, pieces or function() end, options.on_message)
end

return M
