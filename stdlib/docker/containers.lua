-- Containers: lists, and one container's life. Streams of a container (logs, attach, exec, archive) are in files of their own.
-- Dependencies: core.docker, docker.names, docker.create, docker.logs, docker.session, docker.exec, docker.archive (each when used).
local core = require "core.docker"
local names = require "docker.names"

local M = {}

---One container of a NAS, by id or name. Making one asks the engine nothing.
---@class docker.Container
---@field nas docker.Nas
---@field ref string id, unique prefix of one, or name
---@field id? string where it is known (nas:create)
---@field warnings? string[] of nas:create
local Container = {}

function Container:__tostring() return ("container '%s' on %s"):format(self.ref, self.nas.name) end

---@param nas docker.Nas
---@param ref string
---@return docker.Container
local function new(nas, ref)
  local name = ref:gsub("^/+", ""):gsub("/+$", "") -- slashes around it count for nothing, as with docker
  names.check(name, "container")
  return setmetatable({ nas = nas, ref = name, path = "/containers/" .. core.escape(name) }, Container)
end

---What a failed request says: "cannot VERB container 'web' on nas1".
---@param verb string
---@return string
function Container:cannot(verb)
  return self.nas:cannot(("%s container '%s'"):format(verb, #self.ref == 64 and self.ref:sub(1, 12) or self.ref))
end

---A request about this container: `path` is what stands behind its own. See docker.Request.
---@async
---@param verb string for the headline of a failure
---@param options docker.Request
---@return docker.Response
function Container:request(verb, options)
  options.path = self.path .. options.path
  options.what = options.what or self:cannot(verb)
  options.object = self.ref
  local response, err = try(self.nas.request, self.nas, options)
  return response or error(names.explain(self.nas, self.ref, err), 0)
end

---Everything about it. As decoded JSON (null members absent), or with raw = true the engine's own text.
---@async
---@param options? {size?: boolean, raw?: boolean}
---@return table|string
---@raise not_found
function Container:inspect(options) ---@endpoint GET /containers/{id}/json
  options = options or {}
  return self:request("inspect", {
    path = "/json", query = { size = options.size }, raw = options.raw, pipeline = not options.size,
  }).body
end

local function post(self, verb, path, query, timeout)
  return self:request(verb, { method = "POST", path = path, query = query, timeout = timeout })
end

---@async
---@param o? {detach_keys?: string, checkpoint?: string, checkpoint_dir?: string} checkpoint: the saved state it goes on from
---@return boolean started false: it was running already
function Container:start(o) ---@endpoint POST /containers/{id}/start
  local query = o and { detachKeys = o.detach_keys, checkpoint = o.checkpoint, ["checkpoint-dir"] = o.checkpoint_dir }
  return post(self, "start", "/start", query, 300).status ~= 304
end

-- The engine answers when the container has stopped; how long it waits for that is the container's or ours.
local function stop_query(self, options)
  options = options or {}
  if options.signal then
    self.nas:need("1.42", "a stop signal")
  end
  local seconds = options.timeout
  return { t = seconds and math.ceil(seconds), signal = options.signal }, (seconds and seconds >= 0) and seconds + 60 or 3600
end

---Stops it: its stop signal, after `timeout` seconds SIGKILL (-1: never; default: the container's own, else 10).
---@async
---@param options? {timeout?: number, signal?: string}
---@return boolean stopped false: it was not running
function Container:stop(options) ---@endpoint POST /containers/{id}/stop
  local query, limit = stop_query(self, options)
  return post(self, "stop", "/stop", query, limit).status ~= 304
end

---@async
---@param options? {timeout?: number, signal?: string} as of stop
function Container:restart(options) ---@endpoint POST /containers/{id}/restart
  local query, limit = stop_query(self, options)
  post(self, "restart", "/restart", query, limit)
end

---@async
---@param signal? string name or number (default SIGKILL)
---@raise conflict "not_running"
function Container:kill(signal) ---@endpoint POST /containers/{id}/kill
  post(self, "kill", "/kill", { signal = signal })
end

---@async
function Container:pause() ---@endpoint POST /containers/{id}/pause
  post(self, "pause", "/pause")
end

---@async
function Container:unpause() ---@endpoint POST /containers/{id}/unpause
  post(self, "unpause", "/unpause")
end

---@async
---@param name string
---@raise conflict "name_conflict"
function Container:rename(name) ---@endpoint POST /containers/{id}/rename
  post(self, "rename", "/rename", { name = name })
  if not self.id then
    self.path = "/containers/" .. core.escape(name)
  end
  self.ref = name
end

---@async
---@param options? {force?: boolean, volumes?: boolean, link?: boolean} volumes: its anonymous ones, too
---@raise not_found
---@raise conflict
function Container:remove(options) ---@endpoint DELETE /containers/{id}
  options = options or {}
  self:request("remove", {
    method = "DELETE", path = "", timeout = 300,
    query = { force = options.force or nil, v = options.volumes or nil, link = options.link or nil },
  })
end

---Whether the engine knows it.
---@async
---@return boolean
function Container:exists() ---@endpoint GET /containers/{id}/json
  return self:request("look for", { path = "/json", ok = { 404 }, raw = true, pipeline = true }).status == 200
end

---@async
---@param height integer
---@param width integer
function Container:resize(height, width) ---@endpoint POST /containers/{id}/resize
  require("docker.session").resize(self.nas, self.path .. "/resize", self:cannot "resize", height, width)
end

---@class docker.Exit
---@field stream docker.Stream
local Exit = {}
Exit.__index = Exit

---Waits for the end.
---@async
---@param timeout? number seconds; a `timeout` error when they pass
---@return integer code
---@return string? problem the engine had in waiting
function Exit:wait(timeout)
  local doc = self.stream:next(timeout)
  self.stream:close()
  if not doc then
    Error {
      category = "connect", code = "truncated_response", message = self.what, profile = self.profile, object = self.object,
      why = "the engine stopped while it was waiting",
    }
  end
  return doc.StatusCode, doc.Error and doc.Error.Message
end

function Exit:close()
  self.stream:close()
end

Exit.__close = Exit.close

---Begins to watch for an end; the engine is watching when this returns, so nothing that follows can be missed.
---@async
---@param condition? "not-running"|"next-exit"|"removed" default not-running
---@return docker.Exit
function Container:watch_exit(condition) ---@endpoint POST /containers/{id}/wait
  local what = self:cannot "wait for"
  local stream = self.nas:stream {
    method = "POST", path = self.path .. "/wait", query = { condition = condition }, what = what, object = self.ref,
  }
  return setmetatable({ stream = stream, what = what, profile = self.nas.name, object = self.ref }, Exit)
end

---Waits until it ends.
---@async
---@param options? {condition?: "not-running"|"next-exit"|"removed", timeout?: number}
---@return integer code
---@return string? problem
function Container:wait(options)
  local exit <close> = self:watch_exit(options and options.condition)
  return exit:wait(options and options.timeout)
end

---Its processes, by the `ps` of the NAS.
---@async
---@param ps_args? string options of ps that its version knows
---@return {Titles: string[], Processes: string[][]}
function Container:top(ps_args) ---@endpoint GET /containers/{id}/top
  return self:request("list the processes of", { path = "/top", query = { ps_args = ps_args }, pipeline = true }).body
end

---Changes of its file system: Kind 0 changed, 1 added, 2 deleted.
---@async
---@return {Path: string, Kind: integer}[]
function Container:changes() ---@endpoint GET /containers/{id}/changes
  local changes = self:request("list the changes of", { path = "/changes", timeout = 300 }).body
  return type(changes) == "table" and changes or {} -- null: there are none
end

---Changes limits and the restart policy; fields that are absent stay.
---@async
---@param resources table the engine's own names: Memory, NanoCpus, RestartPolicy = {Name =}, ...
---@return string[] warnings
function Container:update(resources) ---@endpoint POST /containers/{id}/update
  return self:request("update", { method = "POST", path = "/update", body = resources }).body.Warnings or {}
end

---Its use of resources: one document, or with stream = true an iterator of one a second.
---@async
---@param options? {stream?: boolean, one_shot?: boolean, pipeline?: boolean} one_shot: without the sample before (precpu_stats)
---@return table|docker.Iterator
function Container:stats(options) ---@endpoint GET /containers/{id}/stats
  options = options or {}
  local path, what = self.path .. "/stats", self:cannot "measure"
  if not options.stream then
    local query = { stream = false, ["one-shot"] = options.one_shot or nil }
    return self:request("measure", { path = "/stats", query = query, pipeline = options.one_shot }).body
  end
  local stream = self.nas:stream { path = path, query = { stream = true }, what = what, object = self.ref }
  return require("docker.iterator").new(stream, function()
    return stream:next()
  end)
end

-- Methods that bring a file of their own.
local HOMES = {
  logs = "logs", attach = "session", exec = "exec", archive_head = "archive", archive_get = "archive", archive_put = "archive",
  commit = "commit",
}
Container.__homes = HOMES -- for completion

function Container:__index(key)
  local method = rawget(Container, key)
  if method == nil and HOMES[key] then
    require("docker." .. HOMES[key]).install(Container)
    method = rawget(Container, key)
  end
  return method
end

---@param Nas docker.Nas
function M.install(Nas)
  ---Containers as the engine lists them. Without `all`, those that run.
  ---@async
  ---@param options? {all?: boolean, filters?: table<string, any>, size?: boolean, limit?: integer, raw?: boolean}
  ---@return table[]
  function Nas:containers(options) ---@endpoint GET /containers/json
    options = options or {}
    local what = self:cannot "list the containers"
    local answer = self:request {
      path = "/containers/json", what = what, raw = options.raw,
      query = { all = options.all or nil, filters = options.filters, size = options.size or nil, limit = options.limit },
      pipeline = not options.size, timeout = options.size and 600 or nil,
    }
    if options.raw then
      return answer.body
    end
    return require("docker.answers").containers(answer, what, self.name)
  end

  ---A handle on one container; nothing is asked.
  ---@param ref string name, id or unique beginning of an id
  ---@return docker.Container
  function Nas:container(ref)
    return new(self, ref)
  end

  ---Creates a container.
  ---@async
  ---@param config table the engine's own names: Image, Cmd, Env, HostConfig = {...}, NetworkingConfig = {...}
  ---@param options? {name?: string, platform?: string}
  ---@return docker.Container with `id` and `warnings`
  ---@raise not_found "no_such_image"
  ---@raise conflict "name_conflict"
  function Nas:create(config, options) ---@endpoint POST /containers/create
    local id, warnings = require("docker.create").create(self, config, options or {})
    local container = new(self, id)
    container.id, container.warnings, container.ref = id, warnings, options and options.name or id
    return container
  end
end

return M
