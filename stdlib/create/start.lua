-- From parsed flags of run and create to a container: profile defaults, preflight, creation, clean-up on failure.
local config = require "create.config"
local container = require "create.container"
local limits = require "create.limits"

local M = {}

-- Where "./web" lies: the NAS's data directory, or the working directory when the engine is on this machine.
local function base_directory(profile)
  if profile.host == "local" or (profile.host or ""):find "^unix://" then return require("sys").cwd() end
  return profile.data_root or "/share/Container"
end

local function apply_defaults(flags, given, profile)
  local defaults = profile.defaults or {}
  if not given.restart and defaults.restart and not flags.rm then flags.restart = defaults.restart end
  if not given.network and defaults.network then flags.network = { defaults.network } end
  if not given.platform and defaults.platform then flags.platform = defaults.platform end
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
  local flags = ctx.flags
  apply_defaults(flags, ctx.given, nas.profile)
  local request = config.build(flags, ctx.given, ctx.args.image, command, {
    base = base_directory(nas.profile),
    note = function(text) ctx:note(text) end,
  })
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

-- The container that --replace means, when there is one.
local function replaced(nas, name)
  local old, err = try(function() return nas:container(name):inspect() end)
  if err and err.category ~= "not_found" then error(err, 0) end
  return old
end

---Creates the container; what fails after that removes it again (see `guard`).
---@async
---@param ctx cli.Context
---@param nas docker.Nas
---@param request create.Request
---@param options? {start?: boolean, prove?: boolean} with --replace: whether it is started, and has to prove itself
---@return string id
---@return {failed: (fun(refused?: boolean): boolean), done: fun()} guard
function M.create(ctx, nas, request, options)
  local flags = ctx.flags
  local old = flags.replace and request.name and replaced(nas, request.name) or nil
  if old then
    return require("recreate.replace").begin(ctx, nas, request, old, {
      pull = flags.pull, quiet = flags.quiet, start = not options or options.start ~= false, prove = options and options.prove or false,
    })
  end
  local id, err = try(container.create, nas, request, { pull = flags.pull, quiet = flags.quiet, cidfile = flags.cidfile, ctx = ctx })
  if not id then
    if err.code == "conflict" and (err.engine or ""):find("is already in use", 1, true) and not err.hint then
      err.hint = "choose another --name, or --replace the container that has it"
    end
    error(err, 0)
  end
  return id, {
    -- What the engine refuses to start stays under the name that the user gave it, as with docker; without one
    -- nobody would find it again. What failed on our side is always taken away.
    failed = function(refused)
      local kept = flags.keep or (refused and request.name)
      if not kept then try(function() nas:container(id):remove { force = true, volumes = true } end) end
      return kept
    end,
    done = function() end,
  }
end

---Starts it; a failure is explained and cleaned up, and carries docker's exit code.
---@async
---@param nas docker.Nas
---@param id string
---@param guard {failed: (fun(refused?: boolean): boolean), done: fun()}
function M.start(nas, id, guard)
  local _, err = try(function() nas:container(id):start() end)
  if not err then return guard.done() end
  err.exit_code = container.start_exit_code(err)
  err = container.explain(nas, err)
  if guard.name then
    guard.failed()
    err.undone = true
    error(require("recreate").explain(err, guard.name), 0)
  end
  err.container_kept = guard.failed(err.engine_status ~= nil) or nil
  if err.container_kept and not err.hint then
    err.hint = "the container was created: 'start' tries again, 'rm' removes it"
  end
  error(err, 0)
end

---The request as --dry-run shows it.
---@param request create.Request
---@return string
function M.shown(request)
  local body = setmetatable({}, getmetatable(request.body))
  for k, v in pairs(request.body) do body[k] = v end
  body.Env = require("create.env").shown(body.Env)
  return require("json").encode(body, { indent = 2 }) .. "\n"
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
