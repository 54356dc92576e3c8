-- build: of a service -> the flags that `build` would be given for it. Asks no engine.
-- Dependencies: compose.body, compose.cli, core.version, fs.
local tables = require "compose.tables"

local M = {}

local SECRET_MAX = 500 * 1024 -- BuildKit's own limit

---KEY=VALUE of a map, in order.
---@param map? table<string, string>
---@return string[]
function M.pairs(map)
  local out = {}
  for _, key in ipairs(tables.sorted(map)) do out[#out + 1] = ("%s=%s"):format(key, map[key]) end
  return out
end

local function ulimits(map)
  local out = {}
  for _, name in ipairs(tables.sorted(map)) do
    local v = map[name]
    out[#out + 1] = type(v) == "table" and ("%s=%s:%s"):format(name, v.soft or v.hard, v.hard or v.soft) or ("%s=%s"):format(name, v)
  end
  return out
end

local function labels(project, name, own)
  local all = { project = project.name, service = name, version = require("core.version").program }
  local out = M.pairs(own)
  for _, key in ipairs(tables.sorted(all)) do out[#out + 1] = ("com.docker.compose.%s=%s"):format(key, all[key]) end
  return out
end

local function secret_bytes(project, name)
  local object = (project.model.secrets or {})[name] or {}
  if object.file then return require("fs").read(object.file, SECRET_MAX) end
  local value = object.content or object.environment and project.environment[object.environment]
  return value or Error {
    category = "config", code = "no_variable", message = ("secret '%s' has no value"):format(name),
    why = object.environment and ("the environment variable %s is not set"):format(object.environment) or "it is external",
  }
end

local function secrets(project, list)
  local out = {}
  for i, item in ipairs(list or {}) do out[i] = { id = item.target or item.source, bytes = secret_bytes(project, item.source) } end
  return out
end

-- Addresses of caches that only BuildKit knows, and images whose layers either builder takes.
local function caches(list)
  local images, exports = {}, false
  for i, entry in ipairs(list or {}) do
    images[i] = entry:match "^type=registry,ref=([^,]+)$" or entry
    exports = exports or images[i]:find("=", 1, true) ~= nil
  end
  return images, exports
end

local function platform(build, service)
  if build.platforms and #build.platforms > 0 then
    for _, p in ipairs(build.platforms) do
      if p == service.platform then return p end
    end
    return table.concat(build.platforms, ",")
  end
  local default = os.getenv "DOCKER_DEFAULT_PLATFORM" or ""
  return service.platform or (default ~= "" and default or nil)
end

local function hosts(list)
  local out = {}
  for i, entry in ipairs(list or {}) do out[i] = entry:gsub("=", ":", 1) end
  return out
end

-- What only BuildKit has: an entitlement, a cache that is no image, images for several processors.
local function of_buildkit(f, build, exports)
  f.allow = table.move(build.entitlements or {}, 1, #(build.entitlements or {}), 1, {})
  if build.privileged then f.allow[#f.allow + 1] = "security.insecure" end
  if f.builder_mode == "auto" and (exports or (f.platform or ""):find(",", 1, true)) then f.builder_mode = "cli" end
end

---@class compose.BuildOptions
---@field no_cache? boolean
---@field pull? boolean newer base images are looked for
---@field args? string[] KEY=VALUE of --build-arg
---@field memory? string limit of the classic builder
---@field ssh? string[]
---@field builder? "auto"|"classic"|"cli"
---@field log? fun(line: string) each line that the builder prints
---@field warn? fun(text: string)

---The flags, and which of them were given.
---@param project compose.Project
---@param name string service
---@param options compose.BuildOptions
---@return table<string, any> flags
---@return table<string, boolean> given
function M.of(project, name, options)
  local service = project.model.services[name]
  local build = service.build
  local cache_from, exports = caches(build.cache_from)
  local f = {
    tag = tables.joined({ require("compose.body").image(project, name) }, build.tags or {}),
    build_arg = tables.joined(M.pairs(build.args), options.args or {}), label = labels(project, name, build.labels),
    cache_from = cache_from, cache_to = build.cache_to or {}, add_host = hosts(build.extra_hosts), security_opt = {},
    ulimit = ulimits(build.ulimits), secret = secrets(project, build.secrets), ssh = tables.joined(build.ssh or {}, options.ssh or {}),
    output = {}, target = build.target, network = build.network or "default",
    platform = platform(build, service), shm_size = build.shm_size and tostring(build.shm_size), isolation = build.isolation,
    memory = options.memory, no_cache = build.no_cache or options.no_cache or false, pull = build.pull or options.pull or false,
    rm = true, force_rm = true, builder_mode = options.builder or "auto", progress = "plain",
  }
  of_buildkit(f, build, exports)
  local given = {}
  for key in pairs(f) do given[key] = true end
  return f, given
end

---Where the Dockerfile is: a path for build.context, or its text.
---@param build table of the model
---@return string? file
---@return string? text
function M.dockerfile(build)
  if build.dockerfile_inline then return nil, build.dockerfile_inline end
  local file = build.dockerfile or "Dockerfile"
  local here = require("fs").is_directory(build.context)
  if not here or file:sub(1, 1) == "/" then return file end
  return require("fs").join(build.context, file)
end

return M
