-- The engine's own builder: POST /build (API 1.41), whose answer is a stream of documents in which failures come, too.
-- Dependencies: json, units, build.logins, docker.upload.
local json = require "json"

local M = {}

local function problem(flag, text, why)
  Error {
    category = "usage", code = "bad_flag_value", exit_code = 125, why = why, message = ("invalid value \"%s\" for %s"):format(text, flag),
    hint = "qnap-docker build --help",
  }
end

local function size(flags, key)
  local text = flags[key]
  if text == nil or (key == "memory_swap" and text == "-1") then
    return text and -1
  end
  return try(require("units").size, text) or problem("--" .. key:gsub("_", "-"), text, ("invalid size: '%s'"):format(text))
end

-- KEY alone takes the value that our own variable has; absent there, the engine decides.
local function build_args(list)
  local out = {}
  for _, text in ipairs(list) do
    local key, value = text:match "^([^=]+)=(.*)$"
    if not key and (text == "" or text:sub(1, 1) == "=") then
      problem("--build-arg", text, "KEY=VALUE is expected")
    end
    if key then
      out[key] = value
    else
      out[text] = os.getenv(text) or json.null
    end
  end
  return out
end

local function labels(list)
  local out = {}
  for _, text in ipairs(list) do
    local key, value = text:match "^([^=]+)=(.*)$"
    if not key and text:sub(1, 1) == "=" then
      problem("--label", text, "KEY=VALUE is expected")
    end
    out[key or text] = value or ""
  end
  return out
end

local function tags(list)
  local out = {}
  for i, text in ipairs(list) do
    local _, err = try(require("docker.reference").parse, text)
    if err then
      problem("-t, --tag", text, err.why or err.message)
    end
    out[i] = text
  end
  return out
end

local function some(list)
  return #list > 0 and list or nil
end

local function document(value)
  return next(value) ~= nil and json.encode(value) or nil
end

---The engine's parameters.
---@param f table<string, any> flags of `build`
---@param context build.Context
---@return table<string, any>
---@raise usage
function M.query(f, context)
  return {
    version = "1", t = some(tags(f.tag)), dockerfile = context.dockerfile, remote = context.remote, rm = f.rm, forcerm = f.force_rm or nil,
    q = f.quiet or nil, nocache = f.no_cache or nil, pull = f.pull or nil, squash = f.squash or nil,
    buildargs = document(build_args(f.build_arg)), labels = document(labels(f.label)),
    cachefrom = #f.cache_from > 0 and json.encode(json.array(f.cache_from)) or nil,
    extrahosts = require("create.config").add_hosts(f.add_host), target = f.target, networkmode = f.network, platform = f.platform,
    isolation = f.isolation,
    cgroupparent = f.cgroup_parent, memory = size(f, "memory"), memswap = size(f, "memory_swap"), shmsize = size(f, "shm_size"),
    cpushares = f.cpu_shares, cpuperiod = f.cpu_period, cpuquota = f.cpu_quota, cpusetcpus = f.cpuset_cpus, cpusetmems = f.cpuset_mems,
    ulimits = #f.ulimit > 0 and json.encode(json.array(require("create.devices").ulimits(f.ulimit))) or nil,
    securityopt = #f.security_opt > 0 and json.encode(json.array(f.security_opt)) or nil,
  }
end

-- "Sending build context to Docker daemon  2.048kB", as docker writes it where no terminal reads.
local function sent(bytes)
  return ("Sending build context to Docker daemon %8s\r\r\n"):format(require("units").human_size(bytes))
end

-- The pieces, counted; what was sent is told before the engine has a word.
local function counted(options)
  local n = 0
  return function()
    local bytes = options.pieces()
    if not bytes then
      options.out(sent(n))
      return nil
    end
    n = n + #bytes
    if options.progress then
      options.progress(n)
    end
    return bytes
  end
end

-- A base image that the registry gave to nobody, or not to us.
local function denied(text)
  return text:find "no basic auth credentials" or text:find "pull access denied" or text:find "unauthorized"
    or text:find "authentication required"
end

local function failed(nas, doc)
  local detail = type(doc.errorDetail) == "table" and doc.errorDetail or {}
  local code = math.type(detail.code) == "integer" and detail.code or 0
  local why = tostring(detail.message or doc.error)
  Error {
    category = "fail", code = "build_failed", message = nas:cannot "build the image", why = why,
    exit_code = code > 0 and code < 256 and code or 1,
    hint = denied(why) and "qnap-docker login REGISTRY, if the base image is a private one" or "what it printed is above",
  }
end

-- The engine's documents, to the end. The id of the image, where it says one.
local function listen(nas, stream, options)
  local id
  for doc in function() return stream:next() end do
    if doc.error or doc.errorDetail then
      failed(nas, doc)
    elseif type(doc.aux) == "table" then
      id = doc.aux.ID or id
    elseif doc.stream then
      options.out(doc.stream)
    else
      options.message(doc)
    end
  end
  return id
end

---Builds.
---@async
---@param nas docker.Nas
---@param options {query: table, pieces?: fun(): string?, out: fun(text: string), message: fun(doc: table), progress?: fun(n: integer)}
---@return string? id
---@raise fail "build_failed"
function M.run(nas, options) ---@endpoint POST /build
  local stream <close> = nas:stream {
    method = "POST", path = "/build", query = options.query, upload = options.pieces ~= nil, bulk = true, timeout = 0,
    what = nas:cannot "build the image", headers = { ["X-Registry-Config"] = require("build.logins").header(nas.name) },
  }
  local function answer()
    return listen(nas, stream, options)
  end
  if options.pieces then
    return require("docker.upload").run(stream, counted(options), answer)
  end
  return answer()
end

return M
