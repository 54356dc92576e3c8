-- Images: lists, one image, pull and push. Dependencies: core.docker, docker.names, docker.reference, docker.transfer.
local core = require "core.docker"
local names = require "docker.names"
local reference = require "docker.reference"

local M = {}

---One image of a NAS, by name or id. Making one asks the engine nothing.
---@class docker.Image
---@field nas docker.Nas
---@field ref string
local Image = {}
Image.__index = Image

function Image:__tostring()
  return ("image '%s' on %s"):format(self.ref, self.nas.name)
end

local function new(nas, ref)
  names.check(ref, "image")
  return setmetatable({ nas = nas, ref = ref, path = "/images/" .. core.escape(ref, true) }, Image)
end

---What a failed request says: "cannot VERB image 'nginx' on nas1".
---@param verb string
---@return string
function Image:cannot(verb)
  return self.nas:cannot(("%s image '%s'"):format(verb, self.ref))
end

local function request(self, verb, options)
  options.path, options.what, options.object = self.path .. options.path, self:cannot(verb), self.ref
  return self.nas:request(options)
end

---Everything about it, decoded, or with raw = true the engine's own text.
---@async
---@param options? {raw?: boolean, platform?: string} platform: API 1.49
---@return table|string
---@raise not_found
function Image:inspect(options) ---@endpoint GET /images/{name}/json
  options = options or {}
  local platform = require("docker.bundles").platform(options.platform)
  return request(self, "inspect", { path = "/json", raw = options.raw, pipeline = true, query = { platform = platform } }).body
end

---Whether the NAS has it.
---@async
---@return boolean
function Image:exists() ---@endpoint GET /images/{name}/json
  return request(self, "look for", { path = "/json", ok = { 404 }, raw = true, pipeline = true }).status == 200
end

---Its layers, the newest first: Id, Created, CreatedBy, Size, Comment, Tags.
---@async
---@param options? {platform?: string} platform: API 1.48
---@return table[]
function Image:history(options) ---@endpoint GET /images/{name}/history
  local platform = require("docker.bundles").platform(options and options.platform)
  return request(self, "read the history of", { path = "/history", pipeline = true, query = { platform = platform } }).body or {}
end

---Gives it another name.
---@async
---@param name string "registry:5000/web:1.2"; without a tag: latest
function Image:tag(name) ---@endpoint POST /images/{name}/tag
  local ref = reference.parse(name)
  request(self, "tag", { method = "POST", path = "/tag", query = { repo = ref.name, tag = ref.tag } })
end

---Takes a name away, and the image with its last name.
---@async
---@param options? {force?: boolean, keep_parents?: boolean, platforms?: string[]} platforms: API 1.50
---@return {Untagged?: string, Deleted?: string}[]
---@raise not_found
---@raise conflict "image_in_use"
function Image:remove(options) ---@endpoint DELETE /images/{name}
  options = options or {}
  local platforms = {}
  for i, text in ipairs(options.platforms or {}) do
    platforms[i] = require("json").encode(require("docker.bundles").platform(text))
  end
  return request(self, "remove", {
    method = "DELETE", path = "", timeout = 600,
    query = { force = options.force or nil, noprune = options.keep_parents or nil, platforms = platforms[1] and platforms },
  }).body or {}
end

---Sends it to its registry.
---@async
---@param options? docker.PushOptions
---@return {Tag?: string, Digest?: string, Size?: integer} result
function Image:push(options) ---@endpoint POST /images/{name}/push
  options = options or {}
  local ref = reference.parse(self.ref)
  return require("docker.transfer").run(self.nas, {
    path = "/images/" .. core.escape(ref.name, true) .. "/push",
    query = { tag = not options.all_tags and ref.tag or nil, platform = require("docker.bundles").platform(options.platform) },
    what = self:cannot "push", object = self.ref, auth = options.auth, on_progress = options.on_progress,
  })
end

---@class docker.ImageListOptions
---@field all? boolean
---@field filters? table<string, any>
---@field digests? boolean
---@field shared_size? boolean API 1.42
---@field manifests? boolean API 1.47
---@field raw? boolean

---@param Nas docker.Nas
function M.install(Nas)
  ---Images as the engine lists them.
  ---@async
  ---@param options? docker.ImageListOptions
  ---@return table[]
  function Nas:images(options) ---@endpoint GET /images/json
    options = options or {}
    if options.shared_size then
      self:need("1.42", "shared sizes of images")
    end
    local what = self:cannot "list the images"
    local answer = self:request {
      path = "/images/json", what = what, raw = options.raw, pipeline = not options.shared_size,
      query = {
        all = options.all or nil, filters = options.filters, digests = options.digests or nil, ["shared-size"] = options.shared_size or nil,
        manifests = options.manifests or nil,
      },
    }
    if options.raw then
      return answer.body
    end
    return require("docker.answers").images(answer, what, self.name)
  end

  ---A handle on one image; nothing is asked.
  ---@param ref string name, id or unique beginning of an id
  ---@return docker.Image
  function Nas:image(ref)
    return new(self, ref)
  end

  ---Fetches an image from its registry.
  ---@async
  ---@param options docker.PullOptions
  ---@return {reference: string, status?: string, digest?: string} result status: the engine's last line
  ---@raise not_found "manifest_unknown", "pull_denied"
  ---@raise auth "registry_unauthorized"
  function Nas:pull(options) ---@endpoint POST /images/create
    local ref = reference.parse(options.ref)
    local name = reference.format(ref)
    local result = require("docker.transfer").run(self, {
      path = "/images/create", what = self:cannot(("pull image '%s'"):format(name)), object = name, auth = options.auth,
      on_progress = options.on_progress,
      query = { fromImage = ref.name, tag = not options.all_tags and (ref.digest or ref.tag) or nil, platform = options.platform },
    })
    result.reference = name
    return result
  end
end

return M
