local checklist = require "nas.checklist"
local errors = require "errors"
local json = require "json"
local profile = require "profile"
local reach = require "nas.reach"

local home = os.getenv "QNAP_DOCKER_HOME"

local QTS = {
  "qnap=yes", "uid=0", "user=admin", "arch=x86_64", "kernel=5.10.60", "page_size=4096", "model=TS-X73", "firmware=5.2.9", "hostname=cellar",
  "station_path=/share/CACHEDEV1_DATA/.qpkg/container-station", "station_version=3.1", "station_enabled=TRUE",
  "default_volume=/share/CACHEDEV1_DATA", "container_share=/share/CACHEDEV1_DATA/Docker",
  "docker=/share/CACHEDEV1_DATA/.qpkg/container-station/bin/docker", "socket=/var/run/docker.sock",
  "volume=/share/CACHEDEV1_DATA /dev/x 1000000 1 999999 1% /share/CACHEDEV1_DATA", "end=yes",
}

-- A NAS that answers with these lines; `without` takes lines away, `login` and `engine` raise instead.
local function fake(options)
  options = options or {}
  local lines = {}
  for _, line in ipairs(QTS) do
    local gone = options.without and line:find(options.without)
    if not gone then
      lines[#lines + 1] = line
    end
  end
  for _, line in ipairs(options.with or {}) do
    table.insert(lines, 1, line)
  end
  local log = { closed = 0 }
  return log, {
    login = function(_, given)
      log.given = given
      if options.login then
        error(errors.new(options.login), 0)
      end
      return {
        info = { host_key = "SHA256:abc", host_key_type = "ssh-ed25519", auth = "publickey", user = "admin" },
        sh = function() return table.concat(lines, "\n") .. "\n" end,
        close = function() log.closed = log.closed + 1 end,
      }
    end,
    engine = function(p)
      log.engine = p.socket
      if options.engine then
        error(errors.new(options.engine), 0)
      end
      return {
        version = function() return { Version = "27.1.2-qnap8", ApiVersion = "1.46" } end,
        info = function() return { MemoryLimit = true, CpuCfsQuota = true, SwapLimit = true, PidsLimit = true, CgroupVersion = "1" } end,
        route = "streamlocal",
        close = function() log.closed = log.closed + 1 end,
      }
    end,
  }
end

local function run(options, keys)
  local log, fields = fake(options)
  local p = profile.of("nas1", keys or { host = "nas1.local", user = "admin" })
  return h.with(reach, fields, function()
    return checklist.run(p, { choose_engine = true }), log, p
  end)
end

local function statuses(report)
  local out = {}
  for i, step in ipairs(report.steps) do
    out[i] = step.id .. "=" .. step.status
  end
  return table.concat(out, " ")
end

describe("checklist", function()
  it("passes on a NAS in order", function()
    local report, log = run()
    h.eq(statuses(report), "tcp=ok host_key=ok auth=ok system=ok station=ok engines=ok api=ok capabilities=ok volumes=ok")
    h.eq({ report.ok, report.engine, log.closed }, { true, { version = "27.1.2-qnap8", api = "1.46", route = "streamlocal" }, 2 })
    h.eq(report.steps[7].detail, "Docker 27.1.2-qnap8, API 1.46, by streamlocal")
  end)

  it("names the step that a login failed at", function()
    local cases = {
      { { category = "connect", code = "refused", message = "refused" }, "tcp=failed", "Telnet/SSH" },
      { { category = "timeout", code = "timeout", message = "late" }, "tcp=failed", "Telnet/SSH" },
      { { category = "auth", code = "host_key_changed", message = "no", hint = "profile trust" }, "host_key=failed", "trust" },
      { { category = "auth", code = "auth_key_rejected", message = "no" }, "tcp=ok host_key=ok auth=failed", "administrators" },
      { { category = "config", code = "key_file_permissions", message = "no", hint = "chmod" }, "tcp=ok host_key=ok auth=failed", "chmod" },
    }
    for _, case in ipairs(cases) do
      local report = run { login = case[1] }
      h.contains(statuses(report), case[2])
      h.contains(statuses(report), "system=skipped")
      local failed
      for _, step in ipairs(report.steps) do
        failed = step.status == "failed" and step or failed
      end
      h.contains(failed.hint, case[3])
      h.eq({ report.ok, report.err.code }, { false, case[1].code })
    end
  end)

  it("tells stopped and missing Container Station apart", function()
    local report = run { without = "^station_enabled", with = { "station_enabled=FALSE" } }
    h.eq(report.err.code, "container_station_stopped")
    report = run { without = "^station" }
    h.eq(report.err.code, "no_container_station")
  end)

  it("takes the other engine only when it may choose", function()
    local report, log = run { without = "^socket=", with = { "socket=/var/run/system-docker.sock" } }
    h.eq({ report.ok, log.engine }, { true, "/var/run/system-docker.sock" })
    report = run { without = "^socket=" }
    h.eq(report.err.code, "no_engine")
    h.contains(statuses(report), "engines=failed volumes=ok api=skipped")
  end)

  it("shows an engine that does not answer, and a volume that is not there", function()
    local report = run { engine = { category = "auth", code = "no_engine_access", message = "denied", hint = "do this" } }
    h.contains(statuses(report), "api=failed volumes=ok capabilities=skipped")
    report = run({}, { host = "nas1", primary_volume = "ZFS530_DATA" })
    h.eq(report.err.code, "no_volume")
    report = run { without = "^volume=", with = { "volume=/share/CACHEDEV1_DATA /dev/x 1000 999 1 99% /share/CACHEDEV1_DATA" } }
    h.contains(statuses(report), "volumes=warning")
  end)

  it("needs no login on this machine", function()
    local _, fields = fake()
    h.with(reach, { engine = fields.engine }, function()
      local report = checklist.run(profile.of("here", { host = "unix:///x.sock" }))
      h.contains(statuses(report), "tcp=ok system=ok station=ok engines=ok api=ok")
    end)
  end)
end)

describe("init", function()
  before_each(function()
    os.execute(("rm -rf '%s'"):format(home))
  end)

  local function init(options, ...)
    local log, fields = fake(options)
    local words = { "init", ... }
    return h.with(reach, fields, function()
      return h.run(words), log
    end)
  end

  it("writes the profile with what it found", function()
    local r = init({}, "nas1.local")
    h.eq(r.code, 0)
    h.contains(r.err, "✔ Container Station  3.1 /share/CACHEDEV1_DATA/.qpkg/container-station\n")
    h.contains(r.out, "  cpu limits      yes\n")
    h.contains(profile.text(), [[
profiles:
  nas1:
    host: nas1.local
    user: admin
    primary_volume: CACHEDEV1_DATA
    data_root: /share/CACHEDEV1_DATA/Docker
    defaults:
      restart: unless-stopped
default_profile: nas1
]])
    h.eq(profile.state("nas1").route, "streamlocal")
    h.contains(r.err, "containers restart 'unless-stopped'")
  end)

  it("never overwrites a profile without --update", function()
    init({}, "nas1.local")
    local r, log = init({}, "nas1.local")
    h.eq(r.code, 6)
    h.eq(log.given, nil)
    h.contains(r.err, "--update sets it up again")
    r = init({}, "nas1.local", "--update", "--port", "2222", "--user", "ops")
    h.eq(r.code, 0)
    local p = profile.get "nas1"
    h.eq({ p.port, p.user, p.defaults.restart }, { 2222, "ops", "unless-stopped" })
    h.eq(init({}, "nas1.local", "--name", "Bad Name").code, 2)
  end)

  it("keeps the answers of a try that failed", function()
    local r = init({ login = { category = "auth", code = "auth_key_rejected", message = "no key was accepted" } }, "ops@nas1.local:2222")
    h.eq(r.code, 4)
    h.contains(r.err, "✖ Login")
    h.eq(profile.exists "nas1", false)
    r = init({}, "nas1.local")
    h.eq(r.code, 0)
    h.contains(r.err, "going on with the answers of the last try")
    local p = profile.get "nas1"
    h.eq({ p.user, p.port, profile.state("nas1").answers }, { "ops", 2222, nil })
  end)

  it("hands password and host key over and stores neither", function()
    local _, log = h.with(require "nas.password", { from_stdin = function() return "hunter22" end }, function()
      return init({}, "nas1.local", "--password-stdin", "--accept-host-key", "SHA256:abc")
    end)
    h.eq({ log.given.password, log.given.accept_host_key }, { "hunter22", "SHA256:abc" })
    h.lacks(profile.text(), "hunter22")
  end)

  it("takes the name from the host", function()
    local setup = require "nas.setup"
    h.eq({ setup.name "NAS1.local", setup.name "10.0.0.7", setup.name "fe80::1", setup.name "local" }, { "nas1", "nas", "nas", "local" })
    h.eq(setup.address "ops@[fe80::1]:22", { host = "fe80::1", user = "ops", port = "22" })
    h.eq(setup.address "nas1", { host = "nas1" })
    h.eq(setup.address "fe80::1", { host = "fe80::1" })
  end)
end)

describe("doctor", function()
  before_each(function()
    os.execute(("rm -rf '%s'"):format(home))
    profile.add("nas1", { host = "nas1.local", user = "operator7", ssh_key_path = "/home/me/.ssh/k" })
  end)

  local function doctor(options, ...)
    local _, fields = fake(options)
    local words = { "doctor", ... }
    return h.with(reach, fields, function()
      return h.run(words)
    end)
  end

  it("says what is right and ends with 0", function()
    local r = doctor()
    h.eq(r.code, 0)
    h.contains(r.out, "nas1 (operator7@nas1.local)\n✔ TCP connection     nas1.local\n")
    h.eq(profile.state("nas1").route, "streamlocal")
  end)

  it("ends with 8 when something failed, with the advice", function()
    local r = doctor({ without = "^socket=" }, "nas1")
    h.eq(r.code, 8)
    h.contains(r.out, "✖ Docker engines")
    h.contains(r.out, "    try:  start Container Station in the App Center of the NAS\n")
    h.eq(h.run({ "doctor", "nope" }).code, 3)
  end)

  it("leaves names out of --json", function()
    local refusal = { category = "auth", code = "auth_key_rejected", message = "nas1.local refused operator7 with /home/me/.ssh/k" }
    local r = doctor({ login = refusal }, "--json")
    h.eq(r.code, 8)
    for _, word in ipairs { "nas1", "operator7", "/home/me" } do
      h.lacks(r.out, word)
    end
    local report = json.decode(r.out)[1]
    h.eq({ report.ok, report.steps[3].code }, { false, "auth_key_rejected" })
    h.eq(report.steps[3].detail, "(host) refused (user) with (key file)")
    h.lacks(doctor({}, "--json").out, "SHA256:abc")
    h.lacks(doctor({}, "--json").out, "cellar")
  end)
end)
