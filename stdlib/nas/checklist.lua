-- The checklist of init and doctor: from the first TCP packet to the free space of the volumes. Each step says what it
-- found or why it failed; the first failure on which later steps depend ends the list. It changes nothing on the NAS.
local probe = require "nas.probe"

local M = {}

---@class nas.Step
---@field id string
---@field title string
---@field status "ok"|"warning"|"failed"|"skipped"
---@field detail? string
---@field why? string
---@field hint? string
---@field code? string of the error

---@class nas.Report
---@field profile string
---@field steps nas.Step[]
---@field facts? nas.Facts
---@field session? table what the login found: host_key, host_key_type, auth, server_version
---@field engine? {version: string, api: string, route?: string}
---@field capabilities? nas.Capability[]
---@field err? Error the first failure
---@field ok boolean nothing failed

local STEPS = {
  { "tcp", "TCP connection" },
  { "host_key", "Host key" },
  { "auth", "Login" },
  { "system", "System" },
  { "station", "Container Station" },
  { "engines", "Docker engines" },
  { "api", "Engine API" },
  { "capabilities", "Kernel" },
  { "volumes", "Volumes" },
}

-- Which step an error of the login belongs to.
local function step_of(err)
  local code = err.code or ""
  if code:find "^host_key" or code == "no_common_algorithm" or code == "ssh_handshake" then
    return "host_key"
  elseif err.category == "auth" or code:find "^key_file" or code:find "^password" or code:find "_needs_openssh$" or code == "declined" then
    return "auth"
  end
  return "tcp"
end

local Check = {}
Check.__index = Check

function Check:add(id, status, fields)
  local step = fields or {}
  step.id, step.status = id, status
  for _, row in ipairs(STEPS) do
    step.title = row[1] == id and row[2] or step.title
  end
  self.report.steps[#self.report.steps + 1] = step
  if self.options.on_step then
    self.options.on_step(step)
  end
  return step
end

function Check:failed(id, err)
  self.report.err = self.report.err or err
  self:add(id, "failed", { detail = err.message, why = err.why, hint = err.hint, code = err.code })
end

-- What the reader can do about it, where the error itself does not know this system.
local HINTS = {
  tcp = "SSH may be off: Control Panel > Network & File Services > Telnet/SSH",
  auth = "the account must be in the group administrators and be allowed in: Control Panel > Telnet/SSH > Edit Access Permission",
}

-- Two lines of advice at most: the error's own first.
local function add_hint(err, hint)
  local own = err.hint ~= "" and err.hint or nil
  if hint and not (own and own:find "\n") then
    err.hint = own and own .. "\n" .. hint or hint
  end
end

-- The login failed: the steps in front of the one it failed at were passed.
function Check:login_failed(err)
  local at = step_of(err)
  add_hint(err, HINTS[at])
  if at ~= "tcp" then
    self:add("tcp", "ok", { detail = require("profile.record").place(self.p) })
  end
  if at == "auth" then
    self:add("host_key", "ok")
  end
  self:failed(at, err)
end

function Check:login()
  local p = self.p
  if p.kind == "local" then
    self:add("tcp", "ok", { detail = "not needed: the engine is on this machine" })
    self.session = self.reach.here()
    return true
  end
  local session, err = try(self.reach.login, p, self.options)
  if not session then
    self:login_failed(err)
    return false
  end
  local info = session.info
  self.session, self.report.session = session, info
  self:add("tcp", "ok", { detail = require("profile.record").place(p) })
  local key = info.host_key and ("%s %s"):format(info.host_key_type or "", info.host_key) or "checked by ssh itself"
  self:add("host_key", "ok", { detail = key })
  self:add("auth", "ok", { detail = ("%s, by %s"):format(info.user or p.user or "?", info.auth or "?") })
  return true
end

function Check:system()
  local facts, err = try(function()
    return probe.parse(self.session:sh(probe.SCRIPT))
  end)
  if not facts then
    self:failed("system", err)
    return false
  end
  self.report.facts = facts
  self:add("system", "ok", { detail = probe.system(facts) })
  return true
end

function Check:station()
  local facts = self.report.facts
  if not facts.qnap then
    local found = facts.docker[1]
    return self:add("station", "ok", { detail = found and "none; docker is " .. found or "none" })
  end
  local station = facts.station
  if not station then
    return self:failed("station", {
      category = "unsupported", code = "no_container_station", message = "Container Station is not installed",
      hint = "install it in the App Center of the NAS",
    })
  elseif not station.enabled then
    return self:failed("station", {
      category = "unsupported", code = "container_station_stopped", message = "Container Station is installed, but stopped",
      hint = "start it in the App Center of the NAS",
    })
  end
  local where = station.path or "in an unknown place"
  self:add("station", "ok", { detail = ("%s %s"):format(station.version or "unknown version,", where) })
end

local NAMES = { ["/var/run/docker.sock"] = "gui", ["/var/run/system-docker.sock"] = "system" }

function Check:engines()
  local facts, p = self.report.facts, self.p
  local found = {}
  for path, state in pairs(facts.sockets) do
    found[#found + 1] = ("%s (%s)%s"):format(NAMES[path], path, state == "denied" and ", not open to this account" or "")
  end
  table.sort(found)
  if self.options.choose_engine and not facts.sockets[p.socket] and facts.sockets["/var/run/system-docker.sock"] then
    p.engine, p.socket = "system", "/var/run/system-docker.sock"
  end
  if NAMES[p.socket] and not facts.sockets[p.socket] then
    return self:failed("engines", {
      category = "unsupported", code = "no_engine", message = ("there is no Docker engine at %s"):format(p.socket),
      why = #found > 0 and "there is " .. table.concat(found, "; ") or "no engine runs on this machine",
      hint = facts.qnap and "start Container Station in the App Center of the NAS" or "start docker there (systemctl start docker)",
    })
  end
  self:add("engines", "ok", { detail = #found > 0 and table.concat(found, "; ") or p.socket })
  return true
end

function Check:api()
  local answer, err = try(function()
    local nas = self.reach.engine(self.p, self.session, self.options)
    self.nas = nas
    local version = nas:version()
    return { version = version.Version, api = version.ApiVersion, info = nas:info(), route = nas.route }
  end)
  if not answer then
    self:failed("api", err)
    return false
  end
  self.info = answer.info
  self.report.engine = { version = answer.version, api = answer.api, route = answer.route }
  local way = answer.route and (", by %s"):format(answer.route) or ""
  self:add("api", "ok", { detail = ("Docker %s, API %s%s"):format(answer.version or "?", answer.api or "?", way) })
  return true
end

function Check:capabilities()
  local capabilities = require "nas.capabilities"
  local list = capabilities.list(self.info, self.report.facts)
  self.report.capabilities = list
  local grave, notes = capabilities.grave(list), {}
  for i, c in ipairs(grave) do
    notes[i] = ("%s: %s"):format(c.name, c.note)
  end
  local detail = ("%s, %s"):format(self.report.facts.kernel or "unknown kernel", self.report.facts.arch or "unknown architecture")
  self:add("capabilities", #grave > 0 and "warning" or "ok", { detail = detail, why = notes[1] and table.concat(notes, "; ") })
end

local SMALL = 0.05 -- of a volume: less free space than this is worth a word

function Check:volumes()
  local facts, p = self.report.facts, self.p
  local list = #facts.volumes > 0 and facts.volumes or { facts.root }
  local parts, small = {}, {}
  local wanted = p.primary_volume and p.primary_volume:match "^/share/(.+)$" or p.primary_volume
  local seen = not wanted or wanted:sub(1, 1) == "/"
  for _, v in ipairs(list) do
    local free = v.free and require("units").bytes_size(v.free) .. " free" or "free space unknown"
    parts[#parts + 1] = ("%s %s"):format(v.name, free)
    seen = seen or v.name == wanted
    if v.free and v.total and v.total > 0 and v.free < v.total * SMALL then
      small[#small + 1] = v.name
    end
  end
  if not seen then
    return self:failed("volumes", {
      category = "not_found", code = "no_volume", message = ("there is no volume %s"):format(wanted),
      why = "there is " .. table.concat(parts, "; "), hint = ("qnap-docker profile edit %s --primary-volume NAME"):format(p.name),
    })
  end
  local why = #small > 0 and ("almost full: %s"):format(table.concat(small, ", ")) or nil
  self:add("volumes", why and "warning" or "ok", { detail = table.concat(parts, "; "), why = why })
end

-- Steps that were not reached are listed, so that the reader sees what is not known.
function Check:skip_rest()
  local done = {}
  for _, step in ipairs(self.report.steps) do
    done[step.id] = true
  end
  local here = self.p.kind == "local"
  for _, row in ipairs(STEPS) do
    if not done[row[1]] and not (here and (row[1] == "host_key" or row[1] == "auth")) then
      self:add(row[1], "skipped")
    end
  end
end

local function walk(check)
  if not check:login() or not check:system() then
    return
  end
  check:station()
  if check:engines() and check:api() then
    check:capabilities()
  end
  check:volumes()
end

---Goes through the list. Raises nothing that a step can tell; cancellation goes on.
---@async
---@param p profile.Profile
---@param options? {on_step?: fun(step: nas.Step), choose_engine?: boolean, reach?: nas.Reach} and those of the login
---@return nas.Report
function M.run(p, options)
  options = options or {}
  local check = setmetatable({ p = p, options = options, reach = options.reach or require "nas.reach" }, Check)
  check.report = { profile = p.name, steps = {} }
  local _ <close> = defer(function()
    if check.nas then
      check.nas:close()
    end
    if check.session then
      check.session:close()
    end
  end)
  walk(check)
  check:skip_rest()
  check.report.ok = check.report.err == nil
  return check.report
end

return M
