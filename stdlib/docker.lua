-- Docker on a NAS: `nas = docker.connect "nas1"`, then nas:containers{all = true}, nas:container "web":start() ...
-- Records are the engine's own, with its field names (Id, State, ...); null members are absent. Failures are raised.
-- Dependencies: core.docker, profile and ssh (only by connect), docker.*.
local core = require "core.docker"

local M = {}

---Docker on one NAS.
---@class docker.Nas
---@field name string what the NAS is called: the profile's name
---@field profile? profile.Profile
---@field engine docker.Engine the connection below (core.docker)
---@field hint? string API version remembered from last time
---@field last_seen? number when it was remembered to have answered, seconds since the epoch
---@field system_engine? boolean the NAS was seen to have a second engine, of QNAP's own packages
---@field dry? fun(what?: string, line?: string) what would change the NAS is told to it instead of being done
---@field answered? boolean the engine has answered on this connection
---@field route? string with SSH: the way to the engine's socket ("streamlocal", "exec", "sudo")
---@field session? ssh.Session with SSH: the login, for what is asked of the NAS itself
local Nas = {}

-- Which file brings which methods: only what a command uses is loaded.
local HOMES = {
  containers = "containers", container = "containers", create = "containers",
  images = "images", image = "images", pull = "images",
  volumes = "volumes", volume = "volumes", create_volume = "volumes",
  networks = "networks", network = "networks", create_network = "networks",
  info = "system", version = "system", ping = "system", df = "system", events = "system",
}

function Nas:__index(key)
  local method = rawget(Nas, key)
  if method == nil and HOMES[key] then
    require("docker." .. HOMES[key]).install(Nas)
    method = rawget(Nas, key)
  end
  return method
end

Nas.__homes = HOMES -- for completion

function Nas:__tostring() return "docker on " .. self.name end

---Raises where a NAS may not be changed: its profile is read_only, or what is asked is only to be shown (`dry`).
---@param nas docker.Nas
---@param what? string headline of the failure: "cannot start container 'web' on nas1"
---@param line? string what would be done, for `dry`
---@raise conflict "read_only_profile", "only_planned"
function M.check_writable(nas, what, line)
  if nas.profile and nas.profile.read_only then
    Error {
      category = "conflict", code = "read_only_profile", message = what or ("%s is not changed"):format(nas.name),
      why = ("the profile '%s' is read_only"):format(nas.name), profile = nas.name,
      hint = ("qnap-docker profile edit %s --set read_only=false"):format(nas.name),
    }
  end
  local dry = rawget(nas, "dry")
  if dry then
    dry(what, line)
    Error {
      category = "conflict", code = "only_planned", message = what or ("%s is not changed"):format(nas.name),
      why = "dry mode is on: the step was shown, not done", profile = nas.name,
    }
  end
end

local function reads(options)
  local method = options.method or "GET"
  return method == "GET" or method == "HEAD"
end

-- "POST /containers/web/restart?t=5"
local function request_line(options)
  local query = {}
  for key, value in pairs(options.query or {}) do query[#query + 1] = key .. "=" .. tostring(value) end
  table.sort(query)
  return options.method .. " " .. options.path .. (query[1] and "?" .. table.concat(query, "&") or "")
end

local QUIET = 300 -- seconds in which a new last_seen is not worth a write

-- The engine has answered. Its version is worth remembering when it is not what we were told, and the time now and then.
local function remember(self)
  self.answered = true
  local facts = self.engine:facts()
  local fresh = facts.api == self.hint and os.time() - (self.last_seen or 0) < QUIET
  if not self.profile or not facts.api or fresh then
    return
  end
  self.hint, self.last_seen = facts.api, os.time()
  -- Only a cache: that it cannot be written is no reason to fail.
  local fields = { api_version = facts.api, engine_version = facts.server, last_seen = os.time() }
  try(require("profile").remember, self.name, fields)
end

-- The process that held the connection went away: whether the same may be asked again over a connection of our own. Before a channel
-- is open nothing was sent; behind that only a question may be put twice.
local function may_ask_again(self, method, options, err)
  if not self.renew or err.category ~= "connect" then return false end
  local asks = method == "api" or (method == "request" and (options.method or "GET") == "GET")
  return err.code == "agent_gone" or (asks and err.code == "connection_lost")
end

-- A NAS may have two engines: what is not on the one that was asked may be on the other.
local function name_engine(self, err)
  local p = self.profile
  if err.category ~= "not_found" or not p or p.kind ~= "ssh" or (err.hint or "") ~= "" then
    return
  elseif p.engine == "system" then
    err.hint = "the engine that was asked is 'system'; --engine gui asks the one that Container Station shows"
  elseif p.engine == "gui" and self.system_engine then
    err.hint = "this NAS has a second engine: --engine system"
  end
end

-- Asks the engine. Where the way to its socket turns out to be closed (nothing was sent then), another one is looked for.
local function through(self, method, options)
  local engine = self.engine
  local answer, err = try(engine[method], engine, options)
  if err and may_ask_again(self, method, options, err) then
    if self.engine == engine then self.renew(self) end
    answer, err = try(self.engine[method], self.engine, options)
  end
  if err and err.category == "unsupported" and err.code ~= "engine_too_old" and not err.engine_status and self.reroute then
    if self.engine == engine then
      self.reroute(self, err)
    end
    answer, err = try(self.engine[method], self.engine, options)
  end
  if err then
    name_engine(self, err)
    error(err, 0)
  end
  remember(self)
  return answer
end

---A request to the engine for which there is no method here: see docker.Request.
---@async
---@param options docker.Request
---@return docker.Response
function Nas:request(options)
  local dry = rawget(self, "dry")
  if dry and not reads(options) then
    dry(options.what, request_line(options))
    return { status = 204, headers = {}, body = { Id = "planned" } }
  elseif not reads(options) then
    M.check_writable(self, options.what)
  end
  return through(self, "request", options)
end

---A request whose answer or body is streamed. The caller closes the stream (`local s <close> = ...`).
---@async
---@param options docker.Request
---@return docker.Stream
function Nas:stream(options)
  if not reads(options) then
    M.check_writable(self, options.what, request_line(options))
  end
  return through(self, "stream", options)
end

---A request that turns the connection into a stream in both directions (attach, exec).
---@async
---@param options docker.Request
---@return docker.Stream
function Nas:hijack(options)
  if not reads(options) then
    M.check_writable(self, options.what, request_line(options))
  end
  return through(self, "hijack", options)
end

---"cannot VERB OBJECT on NAS": the headline of a failure.
---@param text string "start container 'web'"
---@return string
function Nas:cannot(text)
  return ("cannot %s on %s"):format(text, self.name)
end

---The API version in use ("1.41").
---@async
---@return string
function Nas:api()
  return through(self, "api")
end

---Whether the engine has an API version.
---@async
---@param version string "1.44"
---@return boolean
function Nas:supports(version)
  return core.api_number(self:api()) >= core.api_number(version)
end

---Raises when the engine does not have an API version that something needs.
---@async
---@param version string "1.42"
---@param text string what needs it: "a stop signal"
---@raise unsupported
function Nas:need(version, text)
  if self:supports(version) then
    return
  end
  Error {
    category = "unsupported", code = "engine_too_old", message = ("the Docker Engine of %s does not have %s"):format(self.name, text),
    why = ("that needs API %s, and this engine has %s"):format(version, self:api()), profile = self.name,
    hint = "update Container Station in the App Center",
  }
end

---Closes all connections to the engine. What is under way fails with "connection_closed".
function Nas:close()
  self.engine:close()
  if self.on_close then
    self.on_close()
    self.on_close = nil
  end
end

Nas.__close = Nas.close

---Docker behind an engine that was made by core.docker.
---@param engine docker.Engine
---@param profile? profile.Profile|string the record, or only a name
---@return docker.Nas
function M.from_engine(engine, profile)
  local record = type(profile) == "table" and profile or nil
  local name = record and record.name or profile or "the engine"
  return setmetatable({ engine = engine, name = name, profile = record }, Nas)
end

---Docker behind a socket of this machine. Nothing is opened before the first request.
---@param path string absolute path
---@param name? string what to call it in messages (default: the path)
---@return docker.Nas
function M.open_socket(path, name)
  return M.from_engine(core.engine(core.unix_dialer(path), { label = name or path }), name or path)
end

local function open_local(profile, hint)
  return M.from_engine(core.engine(core.unix_dialer(profile.socket), { label = profile.name, api_hint = hint }), profile)
end

-- Through a session that is there (options.session, its owner's), or one that is logged in for this.
local function open_ssh(profile, options, hint)
  local session = options.session or require("ssh").connect(profile, options)
  local function engine(dialer)
    return core.engine(dialer, { label = profile.name, api_hint = hint })
  end
  local dialer, rung = session:dialer(profile)
  local nas = M.from_engine(engine(dialer), profile)
  nas.route, nas.session = rung, session
  nas.reroute = function(self, err)
    dialer, self.route = self.session:other_dialer(profile, self.route, err)
    self.engine = engine(dialer)
  end
  nas.renew = session.held and function(self)
    self.renew = nil
    session = require("ssh").connect(profile, setmetatable({ alone = true }, { __index = options }))
    self.session, dialer = session, session:dialer(profile)
    self.engine = engine(dialer)
  end
  if not options.session then
    nas.on_close = function()
      session:close()
    end
  end
  return nas
end

---Docker on the NAS of a profile. With SSH this logs in; a local engine is opened by the first request.
---@async
---@param profile string|profile.Profile name or record
---@param options? table session (of ssh.connect), engine = "gui"|"system"|path (with a name), and what ssh.connect takes
---@return docker.Nas
---@raise not_found
---@raise auth
---@raise connect
function M.connect(profile, options)
  local profiles = require "profile"
  options = options or {}
  if type(profile) == "string" then
    profile = profiles.get(profile, { engine = options.engine })
  end
  local state = profiles.state(profile.name)
  local hint = state.api_version
  local nas = profile.kind == "local" and open_local(profile, hint) or open_ssh(profile, options, hint)
  nas.hint, nas.last_seen = hint, state.last_seen
  nas.system_engine = type(state.facts) == "table" and state.facts.system_engine or nil
  return nas
end

return M
