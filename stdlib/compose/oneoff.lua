-- A container of a service beside those that `up` makes: what compose run starts. Names and labels as compose v2 gives them.
-- Dependencies: compose.body, compose.judge, compose.resources_plan, compose.sync, compose.up, create.*, plan.
local json = require "json"
local tables = require "compose.tables"

local M = {}

local LABEL = "com.docker.compose."

---The words of a command line, as a shell takes them apart, without expanding anything.
---@param text string
---@return string[]
function M.split(text)
  local out, word, quote, at = {}, nil, nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if quote and c == quote then
      quote = nil
    elseif not quote and (c == "'" or c == '"') then
      quote, word = c, word or ""
    elseif c == "\\" and quote ~= "'" and at < #text then
      at = at + 1
      word = (word or "") .. text:sub(at, at)
    elseif not quote and c:find "%s" then
      out[#out + 1], word = word, nil
    else
      word = (word or "") .. c
    end
    at = at + 1
  end
  out[#out + 1] = word
  return out
end

local function environment(own, values)
  local out = tables.copy(own)
  for _, text in ipairs(require("create.env").environment(nil, values)) do
    local key, value = text:match "^([^=]*)=(.*)$"
    out[key or text] = value or json.null
  end
  return out
end

---The service as the flags of `compose run` want it, in a project of its own.
---@param project compose.Project
---@param name string service
---@param f table flags: command (words), entrypoint, env, label, user, workdir, cap_add, cap_drop, service_ports, tty, interactive, name
---@return compose.Project
function M.project(project, name, f)
  local own, model = tables.copy(project), tables.copy(project.model)
  local s = tables.copy(project.model.services[name])
  model.services = tables.copy(model.services)
  own.model, model.services[name] = model, s
  if f.entrypoint then s.entrypoint, s.command = M.split(f.entrypoint), {} end
  if #f.command > 0 then s.command = f.command end
  s.environment, s.labels = environment(s.environment, f.env), tables.copy(s.labels)
  for key, value in pairs(require("create.env").labels(nil, f.label) or {}) do s.labels[key] = value end
  s.user, s.working_dir = f.user or s.user, f.workdir or s.working_dir
  s.cap_add, s.cap_drop = tables.joined(s.cap_add, f.cap_add), tables.joined(s.cap_drop, f.cap_drop)
  s.ports = f.service_ports and s.ports or nil
  s.stdin_open = f.interactive
  if not f.detach then s.tty = f.tty end
  s.restart, s.deploy, s.container_name = nil, tables.copy(s.deploy), f.name
  s.deploy.restart_policy = nil
  return own
end

-- Its own name alone, unless it is to be found as one of the service.
local function plain_aliases(made, connects, name)
  local function own(endpoint) endpoint.Aliases = json.array { name } end
  for _, endpoint in pairs((made.NetworkingConfig or {}).EndpointsConfig or {}) do own(endpoint) end
  for _, c in ipairs(connects) do own(c.endpoint) end
end

local function base_directory(nas)
  return nas.profile.kind == "local" and require("sys").cwd() or nas.profile.data_root or "/share/Container"
end

-- -v and -p, as `run` takes them; a volume of the project goes by its name in the file.
local function add_flags(made, p, f, base)
  local host, binds = made.HostConfig, {}
  for _, text in ipairs(f.volume) do
    local v = require("create.mounts").volume(text)
    if not v.source then
      made.Volumes = made.Volumes or {}
      made.Volumes[text] = {}
    else
      local known = not v.bind and (p.project.model.volumes or {})[v.source]
      local source = v.bind and require("create.mounts").bind_source(v.source, base) or known and known.name or v.source
      binds[#binds + 1] = source .. text:sub(#v.source + 1)
    end
  end
  host.Binds = require("compose.list")(tables.joined(host.Binds, binds))
  local bindings, exposed = host.PortBindings or {}, made.ExposedPorts or {}
  for _, text in ipairs(f.publish) do require("create.ports").publish(text, bindings, exposed) end
  host.PortBindings, made.ExposedPorts = next(bindings) and bindings or nil, next(exposed) and exposed or nil
end

---What the engine is asked to create.
---@param p compose.Planning of M.plan
---@param name string service
---@param f table flags
---@param nas docker.Nas
---@return table body
---@return {network: string, endpoint: table}[] connects
function M.body(p, name, f, nas)
  local body = require "compose.body"
  local facts = require("compose.judge").facts(p, name)
  local made, connects = body.complete(p.project, name, 1, facts)
  if not f.use_aliases then plain_aliases(made, connects, f.name) end
  made.Labels = body.labels(p.project, name, 1, facts, true)
  made.Labels[LABEL .. "slug"] = f.slug
  made.AttachStdin = f.interactive and not f.detach
  made.StdinOnce, made.HostConfig.AutoRemove = f.interactive, f.rm or nil
  if made.Tty and not f.detach then made.HostConfig.ConsoleSize = require("attach.pump").console_size() end
  add_flags(made, p, f, base_directory(nas))
  return made, connects
end

---What has to be there before: files, image, networks, volumes. Only reads.
---@async
---@param nas docker.Nas
---@param project compose.Project of M.project
---@param name string service
---@param command string the words that made it
---@return compose.Planning
function M.plan(nas, project, name, command)
  local plans, sync, store = require "plan", require "compose.sync", require "compose.store"
  local reader = plans.reader(nas)
  local p = {
    project = project, source = project, target = nas.name, options = {}, needs = {}, first = {},
    plan = plans.new { command = command, at_once = true },
  }
  require("task").all {
    function() p.situation = require("compose.situation").of(reader, project, { name }) end,
    function() p.stored = store.read(reader, project.name, { paths = sync.paths(nas, project) }) end,
  }
  p.files = sync.prepare(reader, project, p.stored, {})
  p.project, p.digests, p.notes = p.files.project, p.files.digests, {}
  require("compose.resources_plan").add(p, { name })
  for _, c in ipairs(p.situation.containers) do
    if not c.oneoff then p.first[c.service] = p.first[c.service] or c.id end
  end
  return p
end

---Makes it. What fails halfway is taken away again.
---@async
---@param nas docker.Nas
---@param p compose.Planning
---@param name string service
---@param f table flags
---@return string id
function M.create(nas, p, name, f)
  local made, connects = M.body(p, name, f, nas)
  local service = p.project.model.services[name]
  made.Labels[LABEL .. "image"] = nas:image(made.Image):inspect().Id
  local container = nas:create(made, { name = f.name, platform = service.platform })
  local _, err = try(function()
    for _, c in ipairs(connects) do nas:network(c.network):connect(container.id, c.endpoint) end
    if not service.read_only then
      local contents = require "compose.contents"
      contents.put(container, contents.of(p.source, service))
    end
  end)
  if err then
    local _ <close> = defer(function() container:remove { force = true, volumes = true } end)
    error(err, 0)
  end
  require("create.container").warn(container, made)
  return container.id
end

---A name as compose v2 gives it, and what makes it unlike any other.
---@param project compose.Project
---@param name string service
---@return string name
---@return string slug 64 hex digits
function M.name(project, name)
  local sys = require "sys"
  local slug = require("compose.hash").of { sys.pid(), sys.now(), { sys.time() }, math.random(0) }
  return ("%s-%s-run-%s"):format(project.name, name, slug:sub(1, 12)), slug
end

return M
