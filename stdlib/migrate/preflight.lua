-- What would fail halfway, found before anything is changed: blockers, and what the reader should know. Pure.
-- Dependencies: migrate.body, migrate.maps, migrate.networks, migrate.surroundings, units.
local bodies = require "migrate.body"
local maps = require "migrate.maps"
local surroundings = require "migrate.surroundings"

local M = {}

local ROOM = 1.1
local SKEW = 60 -- seconds

---@class migrate.Blocker
---@field what string "port 8080/tcp is in use on nas2, by container old-web"
---@field hint? string what to type

---@class migrate.Report
---@field blockers migrate.Blocker[]
---@field warnings string[]

local function human(bytes) return require("units").human_size(bytes) end

local block, warn, name_of = surroundings.block, surroundings.warn, surroundings.name_of

local function arch(text) return ({ x86_64 = "amd64", aarch64 = "arm64", armv7l = "arm" })[text] or text end

-- What an image's name means on the target.
local function meaning(f, ref)
  local parse = require("docker.reference").parse
  local wanted = try(parse, ref)
  for id, image in pairs(f.there.images) do
    for _, tag in ipairs(image and image.RepoTags or {}) do
      local known = try(parse, tag)
      if wanted and known and known.name == wanted.name and known.tag == wanted.tag then return id end
    end
  end
end

-- Whether the target gets a container's image, and one that it can run.
local function images(r, f, options)
  local here = arch(f.info.to.Architecture or "")
  for _, c in ipairs(f.containers) do
    local has, pulls = arch(c.image.Architecture or ""), #(c.image.RepoDigests or {}) > 0
    if has ~= here and has ~= "" and here ~= "" then
      local hint = "--with-image pull, where the registry has it for that processor"
      if options.image ~= "pull" then
        block(r, hint, "image %s is for %s, and %s is %s", c.ref, has, f.to.name, here)
      else
        warn(r, "image %s is for %s here: another build of it is pulled for %s", c.ref, has, here)
      end
    elseif (meaning(f, c.ref) or c.record.Image) ~= c.record.Image then
      warn(r, "%s is another image on %s: container %s is created from its image's id", c.ref, f.to.name, c.to)
    elseif options.image == "pull" and not pulls then
      block(r, "--with-image copy", "image %s of container %s never came from a registry: it cannot be pulled", c.ref, c.name)
    end
  end
end

local function names(r, f)
  local there = {}
  for _, record in ipairs(f.there.containers) do there[name_of(record)] = record end
  for _, c in ipairs(f.containers) do
    if there[c.to] then
      block(r, ("--rename NAME, or: qnap-docker rm %s --profile %s"):format(c.to, f.to.name),
        "%s has a container %s (%s)", f.to.name, c.to, there[c.to].State or "?")
    end
  end
  if not f.project then return end
  local LABEL = require("compose.observe").LABEL
  for _, record in ipairs(f.there.containers) do
    if (record.Labels or {})[LABEL .. "project"] == f.project then
      block(r, ("qnap-docker compose down -p %s --profile %s"):format(f.project, f.to.name), "%s has containers of project %s", f.to.name,
        f.project)
      break
    end
  end
  local stored = f.stored and f.stored.to
  if stored and (stored.revision > 0 or stored.files > 0) then
    block(r, ("remove %s there, if it is not needed"):format(stored.root), "%s keeps files of a project %s", f.to.name, f.project)
  end
end

local function states(r, f, options)
  for _, c in ipairs(options.frozen ~= false and f.containers or {}) do
    if c.record.State.Paused then
      block(r, "qnap-docker unpause " .. c.name, "container %s is paused", c.name)
    end
    if c.record.HostConfig.AutoRemove then
      block(r, nil, "container %s was made with --rm: once it is stopped it is gone, and could not come back", c.name)
    end
    local project = (c.record.Config.Labels or {})["com.docker.compose.project"]
    if project and project ~= f.project and not options.both then
      warn(r, "container %s belongs to project %s, the rest of which stays (--project %s moves all of it)", c.name, project, project)
    end
  end
end

-- Who on the target has a port.
local function holder(f, p)
  for _, record in ipairs(f.there.containers) do
    for _, q in ipairs(record.Ports or {}) do
      if tostring(q.PublicPort) == p.port and (q.Type or "tcp") == p.protocol then return "container " .. name_of(record) end
    end
  end
  return f.look.to.ports[p.port .. "/" .. p.protocol] and "a program of the NAS" or nil
end

local function will_start(c, options)
  if options.start ~= nil then return options.start end
  return c.running
end
M.will_start = will_start

local function ports(r, f, options)
  for _, c in ipairs(f.containers) do
    for _, p in ipairs(bodies.published(c.body)) do
      local to = { port = maps.port(options.maps, p.port, p.protocol), protocol = p.protocol }
      local who = holder(f, to)
      if who and will_start(c, options) then
        block(r, ("--map port=%s:OTHER"):format(p.port), "port %s/%s of container %s is in use on %s, by %s", to.port, p.protocol, c.name,
          f.to.name, who)
      elseif who then
        warn(r, "port %s/%s of container %s is in use on %s, by %s: it cannot be started", to.port, p.protocol, c.name, f.to.name, who)
      end
      if p.address ~= "" and not p.address:find "^0%.0%.0%.0$" and p.address ~= "::" and not p.address:find "^127%." then
        warn(r, "container %s publishes port %s on the address %s, which %s may not have", c.name, p.port, p.address, f.to.name)
      end
    end
  end
end

---What is to be copied, in bytes.
---@param f migrate.Facts
---@return integer bytes
---@return integer files
---@return boolean known whether all of it was measured
function M.size(f)
  local bytes, files, known = 0, 0, true
  for _, tree in ipairs(f.trees) do
    if tree.moves then
      bytes, files, known = bytes + (tree.bytes or 0), files + (tree.files or 0), known and tree.bytes ~= nil
    end
  end
  return bytes, files, known
end

local function room(r, f)
  local volumes, seen, at = 0, {}, {}
  for _, tree in ipairs(f.trees) do
    local there = tree.path and f.look.to.paths[tree.to]
    if tree.moves and tree.volume then volumes = volumes + (tree.bytes or 0) end
    if tree.moves and there and there.free then at[#at + 1] = { tree = tree, free = there.free } end
  end
  for _, c in ipairs(f.containers) do
    if not f.there.images[c.record.Image] and not seen[c.record.Image] then
      seen[c.record.Image] = true
      volumes = volumes + (c.image.Size or 0)
    end
  end
  if not f.look.to.free then
    warn(r, "how much is free on %s is not known", f.to.name)
  elseif volumes * ROOM > f.look.to.free then
    block(r, "qnap-docker system df --profile " .. f.to.name, "%s has %s free, and %s are needed", f.to.name, human(f.look.to.free),
      human(volumes * ROOM))
  end
  for _, a in ipairs(at) do
    if (a.tree.bytes or 0) * ROOM > a.free then
      block(r, nil, "%s of %s has %s free, and %s are needed", a.tree.to, f.to.name, human(a.free), human(a.tree.bytes * ROOM))
    end
  end
end

local function clocks(r, f)
  local function time(info) return info.SystemTime and try(require("units").rfc3339, info.SystemTime) end
  local a, b = time(f.info.from), time(f.info.to)
  if a and b and math.abs(a - b) > SKEW then
    warn(r, "the clocks of %s and %s differ by %s", f.from.name, f.to.name, require("units").human_duration(math.abs(a - b)))
  end
end

local function ways(r, f, options)
  local lost = {}
  for _, tree in ipairs(f.trees) do
    if tree.moves and tree.way_from then
      for _, way in ipairs { tree.way_from, tree.way_to } do
        for _, what in ipairs(way.loses or {}) do lost[what] = true end
      end
      if options.strategy == "warm" and not (tree.way_from.warm and tree.way_to.warm) then
        local cold = tree.way_from.warm and tree.way_to or tree.way_from
        block(r, "--strategy cold", "%s cannot be copied while it is written to: %s", tree.key, cold.why or "there is no shell for it")
      end
      if options.direct and (tree.way_from.kind ~= "shell" or tree.way_to.kind ~= "shell") then
        block(r, "without --direct it goes through this machine", "%s cannot go from NAS to NAS: that needs a shell on both", tree.key)
      end
    end
  end
  local list = require("compose.tables").sorted(lost)
  if #list > 0 then warn(r, "what does not come through: %s", table.concat(list, ", ")) end
end

local function profiles(r, f, options)
  for _, nas in ipairs { f.from, f.to } do
    if nas.profile and nas.profile.read_only and (nas ~= f.from or options.frozen ~= false) then
      block(r, ("qnap-docker profile edit %s --set read_only=false"):format(nas.name), "the profile %s is read_only", nas.name)
    end
  end
end

---@param f migrate.Facts
---@param options migrate.Options
---@return migrate.Report
function M.check(f, options)
  local r = { blockers = {}, warnings = {} }
  profiles(r, f, options)
  states(r, f, options)
  if not options.data_only then
    names(r, f)
    images(r, f, options)
    surroundings.features(r, f)
    ports(r, f, options)
  end
  require("migrate.networks").check(r, f, options)
  surroundings.places(r, f, options)
  surroundings.neighbours(r, f)
  ways(r, f, options)
  room(r, f)
  clocks(r, f)
  return r
end

---All blockers as one error; nothing where there are none.
---@param r migrate.Report
---@param message string "web cannot move from nas1 to nas2"
---@raise conflict "blocked"
function M.refuse(r, message)
  if #r.blockers == 0 then return end
  local why, hints, seen = {}, {}, {}
  for _, b in ipairs(r.blockers) do
    why[#why + 1] = b.what
    if b.hint and not seen[b.hint] then
      seen[b.hint], hints[#hints + 1] = true, b.hint
    end
  end
  Error {
    category = "conflict", code = "blocked", message = message .. "; nothing was changed", why = table.concat(why, "\n"),
    hint = hints[1] and table.concat(hints, "\n", 1, math.min(2, #hints)) or nil, blockers = r.blockers,
  }
end

return M
