-- From parsed flags of run and create to a container: profile defaults, preflight, creation, clean-up on failure.
local config = require "create.config"
local container = require "create.container"
local limits = require "create.limits"
local problem = require "create.problem"

local M = {}

local RECLAIM_SECONDS = 2

-- Where "./web" lies: the NAS's data directory, or the working directory when the engine is on this machine.
local function base_directory(profile)
  if profile.host == "local" or (profile.host or ""):find "^unix://" then return require("sys").cwd() end
  return profile.data_root or "/share/Container"
end

-- The flags as they count for one NAS: a copy, because the next NAS has defaults of its own.
local function with_defaults(typed, given, profile)
  local flags, defaults = {}, profile.defaults or {}
  for k, v in pairs(typed) do flags[k] = v end
  if not given.restart and defaults.restart and not flags.rm then flags.restart = defaults.restart end
  if not given.network and defaults.network then flags.network = { defaults.network } end
  local platform = os.getenv "DOCKER_DEFAULT_PLATFORM" or ""
  if not given.platform then flags.platform = platform ~= "" and platform or defaults.platform end
  flags.env = require("create.env").with_proxies(flags.env, profile.host)
  return flags
end

local function needs_info(host)
  return host.NanoCpus or host.CpuQuota or host.CpuPeriod or host.Memory or host.MemorySwap
end

---Builds the request for one NAS.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param command string[]
---@return create.Request
function M.request(ctx, nas, command)
  local flags = with_defaults(ctx.flags, ctx.given, nas.profile)
  local request = config.build(flags, ctx.given, ctx.args.image, command, {
    base = base_directory(nas.profile),
    note = function(text) ctx:note(text) end,
  })
  if flags.use_api_socket then require("create.api_socket").apply(request, nas) end
  if flags.swap and request.body.HostConfig.MemorySwap then
    local total = request.body.HostConfig.MemorySwap
    if total > 0 then ctx:note(("--swap %s on top of --memory %s: %d bytes in all"):format(flags.swap, flags.memory, total)) end
  end
  if needs_info(request.body.HostConfig) then
    limits.preflight(request.body.HostConfig, nas:info(), {
      best_effort = flags.best_effort, nas = nas.name, warn = function(text) ctx:warn(text) end,
    })
  end
  return request
end

-- The container that --replace means, when there is one. The engine also takes the beginning of an id for a name.
local function replaced(nas, name)
  local old, err = try(function() return nas:container(name):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return old and old.Name == "/" .. name and old or nil
end

---What has to be undone until the container runs, or is meant to stay as it is: hold it in a `<close>` variable.
---@class create.Guard
---@field nas docker.Nas
---@field request create.Request
---@field keep? boolean --keep
---@field id? string of the container, once it is known
---@field attempt? create.Attempt the engine was asked to create it, and its answer is missing
---@field replacement? {failed: (fun(): boolean), done: fun()} of --replace
---@field settled? boolean nothing is to be undone any more
local Guard = {}
Guard.__index = Guard

---@param ctx cli.Context
---@param nas docker.Nas
---@param request create.Request
---@return create.Guard
function M.guard(ctx, nas, request)
  return setmetatable({ nas = nas, request = request, keep = ctx.flags.keep }, Guard)
end

---The container is what it should be.
---@async
function Guard:done()
  self.settled = true
  if self.replacement then self.replacement.done() end
end

---What the engine itself refuses to start stays under the name that the user gave it, as with docker; without one nobody
---would find it again. What failed on our side is always taken away, and what was to be replaced comes back.
---@async
---@param refused boolean by the engine
---@return boolean kept
function Guard:failed(refused)
  if self.settled then return false end
  self.settled = true
  if self.replacement then return self.replacement.failed() end
  local kept = self.id and (self.keep or (refused and self.request.name)) or false
  if self.id and not kept then
    try(function() self.nas:container(self.id):remove { force = true, volumes = true } end)
  elseif self.attempt and not refused then
    try(require("task").deadline, RECLAIM_SECONDS, require("create.reclaim").remove, self.nas, self.attempt)
  end
  return kept and true
end

-- However the block ends, by Ctrl-C too.
function Guard:__close(err)
  local _ <close> = defer(function() self:failed(type(err) == "table" and err.engine_status ~= nil) end)
end

---Creates the container.
---@async
---@param ctx cli.Context
---@param guard create.Guard
---@param options? {start?: boolean, prove?: boolean} with --replace: whether it is started, and has to prove itself
---@return string id
function M.create(ctx, guard, options)
  local flags, nas, request = ctx.flags, guard.nas, guard.request
  if flags.replace and request.logins then problem.conflict "--use-api-socket gives logins to new containers, not with --replace" end
  local old = flags.replace and request.name and replaced(nas, request.name) or nil
  if old then
    guard.id, guard.replacement = require("recreate.replace").begin(ctx, nas, request, old, {
      pull = flags.pull, quiet = flags.quiet, start = not options or options.start ~= false, prove = options and options.prove or false,
    })
    return guard.id
  end
  local id, err = try(container.create, nas, request, {
    pull = flags.pull, quiet = flags.quiet, cidfile = flags.cidfile, ctx = ctx,
    asking = function()
      guard.attempt = { image = request.body.Image, name = request.name, labels = request.body.Labels, began = os.time() }
    end,
  })
  if not id then
    if err.code == "conflict" and (err.engine or ""):find("is already in use", 1, true) and not err.hint then
      err.hint = "choose another --name, or --replace the container that has it"
    end
    error(err, 0)
  end
  guard.id, guard.attempt = id, nil
  if request.logins then require("create.api_socket").fill(request, nas:container(id)) end
  return id
end

---Starts it; a failure is explained and cleaned up, and carries docker's exit code.
---@async
---@param guard create.Guard
function M.start(guard)
  local nas = guard.nas
  local _, err = try(function() nas:container(guard.id):start() end)
  if not err then return guard:done() end
  err.exit_code = container.start_exit_code(err)
  err = container.explain(nas, err)
  if guard.replacement then
    guard:failed(false)
    err.undone = true
    error(require("recreate").explain(err, guard.request.name), 0)
  end
  err.container_kept = guard:failed(err.engine_status ~= nil) or nil
  if err.container_kept and not err.hint then
    err.hint = "the container was created: 'start' tries again, 'rm' removes it"
  end
  error(err, 0)
end

-- The request, as far as people may see it.
local function shown(request)
  local body = setmetatable({}, getmetatable(request.body))
  for k, v in pairs(request.body) do body[k] = v end
  body.Env = require("create.env").shown(body.Env)
  return require("json").encode(body, { indent = 2 }) .. "\n"
end

---What --dry-run prints: with --replace the plan, else the request.
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param request create.Request
---@param start boolean
function M.show(ctx, nas, request, start)
  local flags = ctx.flags
  if not flags.replace or not request.name then return ctx:out(shown(request)) end
  require("recreate.replace").show(ctx, nas, request, replaced(nas, request.name), { pull = flags.pull, start = start })
end

-- What docker does not know keeps its own exit code.
local OURS = { cancelled = true, internal = true, aborted = true }

---Gives every error of fn the exit code that docker has for it (125 of run, 1 of exec and start -a), unless it has one.
---@async
---@param code integer
---@param fn function
function M.with_exit_code(code, fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then return table.unpack(results, 2, results.n) end
  local err = results[2]
  if type(err) == "table" and err.category and not OURS[err.category] then
    err.exit_code = err.exit_code or code
  end
  error(err, 0)
end

return M
