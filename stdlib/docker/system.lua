-- The engine itself: versions, facts, disk use, events. Dependencies: docker.iterator, task.
local M = {}

local BUSY_TRIES = 20

local function install_facts(Nas)
  ---What the engine knows about itself and its host.
  ---@async
  ---@param options? {raw?: boolean}
  ---@return table|string
  function Nas:info(options) ---@endpoint GET /info
    return self:request { path = "/info", what = self:cannot "ask for the engine's state", raw = options and options.raw }.body
  end

  ---Version, ApiVersion, MinAPIVersion, Os, Arch, KernelVersion, Components ...
  ---@async
  ---@return table
  function Nas:version() ---@endpoint GET /version
    return self:request { path = "/version", what = self:cannot "ask for the engine's version", pipeline = true }.body
  end

  ---Whether it answers, and what its headers say.
  ---@async
  ---@param timeout? number seconds (default 30)
  ---@return {api: string, engine?: string, os?: string, builder?: string, swarm?: string, experimental: boolean}
  function Nas:ping(timeout) ---@endpoint GET /_ping
    local what = ("%s does not answer"):format(self.name)
    local h = self:request { path = "/_ping", unversioned = true, what = what, timeout = timeout or 30 }.headers
    return {
      api = h["api-version"], engine = self.engine:facts().server, os = h.ostype, builder = h["builder-version"], swarm = h.swarm,
      experimental = h["docker-experimental"] == "true",
    }
  end
end

local function install_use(Nas)
  ---Disk use by images, containers, volumes and build cache, as the engine counts it; may take minutes.
  ---@async
  ---@param options? {type?: string|string[], verbose?: boolean, raw?: boolean} type: "container", "image", "volume", "build-cache"
  ---@return table
  function Nas:df(options) ---@endpoint GET /system/df
    options = options or {}
    if options.type then
      self:need("1.42", "disk use by kind")
    end
    for n = 1, BUSY_TRIES do
      local answer, err = try(self.request, self, {
        path = "/system/df", what = self:cannot "count the disk use", timeout = 3600, raw = options.raw,
        query = { type = options.type, verbose = options.verbose or nil },
      })
      if answer then
        return answer.body
      elseif err.code ~= "busy" or n == BUSY_TRIES then -- an old engine counts for one client at a time
        error(err, 0)
      end
      require("task").sleep(0.5)
    end
  end

  ---What happens, as it happens: `for event in nas:events {filters = {type = "container"}} do`.
  ---@async
  ---@param options? {since?: number|string, ["until"]?: number|string, until_?: number|string, filters?: table<string, any>} unix times
  ---@return docker.Iterator of Type, Action, Actor = {ID, Attributes}, time, timeNano
  function Nas:events(options) ---@endpoint GET /events
    options = options or {}
    local stream = self:stream {
      path = "/events", what = self:cannot "follow the events",
      query = { since = options.since, ["until"] = options["until"] or options.until_, filters = options.filters },
    }
    return require("docker.iterator").new(stream, function()
      return stream:next()
    end)
  end
end

---@param Nas docker.Nas
function M.install(Nas)
  install_facts(Nas)
  install_use(Nas)
end

return M
