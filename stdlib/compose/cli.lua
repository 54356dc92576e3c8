-- What the compose commands share: the project that their flags name, and which of its containers are meant.
-- Dependencies: compose, compose.default, compose.observe, fs, profile (each when used).
local M = {}

---What a command works on: a project by its files, or one that is known by name alone.
---@class compose.Scope
---@field name string of the project
---@field project? compose.Project nil: there is no file, only labels
---@field services string[] named on the command line; empty: all

---The service profiles. --profile chooses NASes: a value that selects none is taken for a service profile from then on, with
---a warning.
---@param ctx cli.Context
---@return string[]
function M.service_profiles(ctx)
  local services = table.move(ctx.flags.compose_profile, 1, #ctx.flags.compose_profile, 1, {})
  local nases = {}
  for _, name in ipairs(ctx.global.profile or {}) do
    local found = try(require("profile").select, { name })
    local into = found and #found > 0 and nases or services
    into[#into + 1] = name
    if into == services then ctx:warn(("no NAS is named '%s': taken as a service profile (--compose-profile)"):format(name)) end
  end
  ctx.global.profile, ctx.flags.compose_profile = nases, services
  return services
end

---Loads the project that the command's flags name, as its files have it; its warnings go to stderr.
---@param ctx cli.Context
---@param more? compose.Options
---@return compose.Project
---@raise as compose.load
function M.load(ctx, more)
  local options = {}
  for k, v in pairs(more or {}) do
    options[k] = v
  end
  local flags = ctx.flags
  options.files, options.env_files = flags.file, flags.env_file
  options.project_name, options.project_dir = flags.project_name, flags.project_directory
  options.profiles = M.service_profiles(ctx)
  for _, file in ipairs(flags.file) do
    if file == "-" then
      options.input = require("fs").read("/dev/stdin", 8 << 20)
    end
  end
  local project = require("compose").load(options)
  for _, line in ipairs(project.warnings) do
    ctx:warn(line)
  end
  return project
end

---The same with x-qnap of the services in the model, and with what it generates (compose.proxy).
---@param ctx cli.Context
---@param more? compose.Options
---@return compose.Project
---@raise as compose.load, compose.proxy
function M.expanded(ctx, more) return M.expand(M.load(ctx, more)) end

---@param project compose.Project
---@return compose.Project
---@raise config "bad_proxy"
function M.expand(project)
  for name, own in pairs(project.extensions or {}) do
    local service = project.model.services[name]
    if service then service["x-qnap"] = own["x-qnap"] end
  end
  return require("compose.proxy").of(project)
end

-- A file that is named, or found here: the project has a model then. A name alone is enough for what works by labels.
local function from_files(ctx, services)
  local project, err = try(M.expanded, ctx, { services = services })
  if project then return project end
  if err.code == "no_compose_file" and #ctx.flags.file == 0 then return nil, err end
  error(err, 0)
end

---The project of a command that works by labels where there is no file: the files that the flags name or that are found
---here, else the name of --project-name, COMPOSE_PROJECT_NAME or `compose use`.
---@param ctx cli.Context
---@param services? string[] that were named
---@return compose.Scope
---@raise not_found "no_compose_file"
---@raise as compose.load
function M.scope(ctx, services)
  local project, err = from_files(ctx)
  if project then return { name = project.name, project = project, services = services or {} } end
  local name = ctx.flags.project_name or os.getenv "COMPOSE_PROJECT_NAME"
  if not name or name == "" then name = require("compose.default").get() end
  if not name then
    err.hint = "name a file with -f, or a project that runs with -p NAME\nqnap-docker compose ls shows them, compose use NAME chooses one"
    error(err, 0)
  end
  return { name = require("compose").project_name(name), services = services or {} }
end

local function known(scope, containers)
  local out = {}
  for name in pairs(scope.project and scope.project.model.services or {}) do out[name] = true end
  for name in pairs(scope.project and scope.project.disabled or {}) do out[name] = true end
  for _, c in ipairs(containers) do out[c.service] = true end
  return out
end

---The containers that a command means, of those that a project has.
---@param scope compose.Scope
---@param containers compose.Container[]
---@param options? {oneoff?: boolean, states?: table<string, true>, index?: integer}
---@return compose.Container[]
---@raise not_found "no_service"
function M.select(scope, containers, options)
  options = options or {}
  local wanted, all = {}, #scope.services == 0
  local names = known(scope, containers)
  for _, service in ipairs(scope.services) do
    if not names[service] then
      Error {
        category = "not_found", code = "no_service", message = ("no such service: %s"):format(service),
        why = ("project '%s' has: %s"):format(scope.name, table.concat(require("compose.tables").sorted(names), ", ")),
          hint = "qnap-docker compose ps -a",
      }
    end
    wanted[service] = true
  end
  local out = {}
  for _, c in ipairs(containers) do
    if (all or wanted[c.service]) and (not c.oneoff or options.oneoff) and (not options.states or options.states[c.state])
      and (not options.index or c.number == options.index) then
      out[#out + 1] = c
    end
  end
  return out
end

return M
