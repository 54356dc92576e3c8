local core = require "core.profile"
local json = require "json"
local profile = require "profile"

local home = os.getenv "QNAP_DOCKER_HOME"

local function write(text)
  os.execute(("rm -rf '%s' && mkdir -p -m 700 '%s'"):format(home, home))
  if text then
    local file = assert(io.open(home .. "/profiles.yaml", "wb"))
    file:write(text)
    file:close()
    os.execute(("chmod 600 '%s/profiles.yaml'"):format(home))
  end
end

local THREE = [[
# three
profiles:
  prod: {host: nas1.local, user: admin, primary_volume: ZFS530_DATA, group: work, port: 2222, protected: true}
  stage: {host: nas2, group: work}
  here: {host: "unix:///run/d.sock"}
default_profile: prod
]]

local function with_env(values, fn)
  local getenv = os.getenv
  return h.with(os, { getenv = function(name)
    if values[name] ~= nil then
      return values[name] or nil
    end
    return getenv(name)
  end }, fn)
end

describe("profile", function()
  before_each(function()
    write(THREE)
  end)

  it("gives several at once, in the order that is asked for", function()
    local hosts = {}
    for i, p in ipairs(profile.get_all { "stage", "prod" }) do
      hosts[i] = p.name .. "=" .. p.host
    end
    h.eq(hosts, { "stage=nas2", "prod=nas1.local" })
    local _, err = try(profile.get_all, { "stage", "gone" })
    h.eq(err.code, "profile_not_found")
  end)

  it("completes a profile for use", function()
    local p = profile.get "prod"
    h.eq({ p.name, p.host, p.kind, p.engine, p.socket }, { "prod", "nas1.local", "ssh", "gui", "/var/run/docker.sock" })
    h.eq(p.transport, "auto")
    h.eq(p.data_root, "/share/ZFS530_DATA/Container")
    h.eq({ p.protected, p.read_only, p.labels, p.defaults }, { true, false, {}, {} })
    h.eq(profile.get("stage", { engine = "system" }).socket, "/var/run/system-docker.sock")
    local here = profile.get "here"
    h.eq({ here.kind, here.socket }, { "local", "/run/d.sock" })
    h.eq(profile.of("x", { host = "local", engine = "unix:///a" }).socket, "/a")
  end)

  it("lists without touching anything", function()
    local list = profile.list()
    h.eq({ list[1].name, list[2].name, list[3].name, list[1].default, list[2].default }, { "prod", "stage", "here", true, false })
    h.eq(profile.default(), "prod")
  end)

  it("resolves in order: flag, environment, project, default", function()
    h.eq(table.pack(profile.resolve { "stage" }), { { "stage" }, "flag", n = 2 })
    h.eq(profile.resolve({}, { all = true }), { "prod", "stage", "here" })
    with_env({ QNAP_DOCKER_PROFILE = "group:work" }, function()
      h.eq(table.pack(profile.resolve {}), { { "prod", "stage" }, "environment", n = 2 })
    end)
    h.with(core, { project = function() return { path = "/p/.qnap-docker.yaml", profile = "here" } end }, function()
      h.eq(table.pack(profile.resolve {}), { { "here" }, "project", "/p/.qnap-docker.yaml", n = 3 })
      with_env({ QNAP_DOCKER_PROFILE = "stage" }, function()
        h.eq(profile.resolve {}, { "stage" })
      end)
    end)
    h.eq(table.pack(profile.resolve {}), { { "prod" }, "default", n = 2 })
  end)

  it("says where a name that does not exist came from", function()
    with_env({ QNAP_DOCKER_PROFILE = "prud" }, function()
      local err = h.raises({ category = "not_found", code = "profile_not_found", hint = "did you mean prod?" }, profile.resolve, {})
      h.contains(err.why, "QNAP_DOCKER_PROFILE names it")
    end)
  end)

  it("wants a choice among several, and none where there is one", function()
    write "profiles: {a: {host: x}, b: {host: y}}\n"
    h.raises({ category = "config", code = "no_profile" }, profile.resolve, {})
    write "profiles: {a: {host: x}}\n"
    h.eq(table.pack(profile.resolve()), { { "a" }, "only", n = 2 })
    write()
    local err = h.raises({ category = "config", code = "no_profile" }, profile.resolve, { "x" })
    h.contains(err.hint, "qnap-docker init HOST")
  end)

  it("changes the file in place", function()
    profile.update("stage", { port = 23, ["labels.site"] = "home" })
    profile.update("prod", { port = json.null })
    profile.add("new", { host = "nas9" })
    profile.rename("here", "there")
    profile.set_default "there"
    h.eq(profile.text(), [[
# three
profiles:
  prod: {host: nas1.local, user: admin, primary_volume: ZFS530_DATA, group: work, protected: true}
  stage: {host: nas2, group: work, port: 23, labels: {site: home}}
  there: {host: "unix:///run/d.sock"}
  new:
    host: nas9
default_profile: there
]])
    h.raises({ category = "usage", code = "bad_value" }, profile.update, "stage", { port = 0 })
    h.raises({ category = "conflict", code = "profile_exists" }, profile.add, "new", { host = "x" })
    h.raises({ category = "usage", code = "bad_name" }, profile.add, "New", { host = "x" })
  end)

  it("waits for a lock and says who holds it", function()
    local attempts = 0
    local locked = require("errors").new { category = "conflict", code = "locked", message = "held" }
    h.with(core, { set_default = function()
      attempts = attempts + 1
      if attempts < 3 then
        error(locked, 0)
      end
    end }, function()
      profile.set_default "stage"
      h.eq(attempts, 3)
      attempts = -100
      h.raises({ code = "locked" }, profile.set_default, "stage", { lock_wait = 0.05 })
    end)
  end)

  it("remembers facts and forgets them with the profile", function()
    h.eq(profile.state "prod", {})
    profile.remember("prod", { last_seen = 1000, route = "exec" })
    profile.remember("prod", { last_seen = 1010, verified = true })
    h.eq(profile.state "prod", { last_seen = 1010, route = "exec", verified = true })
    profile.remember("prod", { last_seen = 1020 }) -- not worth a write
    h.eq(profile.state("prod").last_seen, 1010)
    profile.remember("prod", { route = json.null })
    h.eq(profile.state("prod").route, nil)
    profile.rename("prod", "main")
    h.eq({ profile.state("main").last_seen, profile.state "prod" }, { 1010, {} })
    profile.remove "main"
    h.eq(profile.state "main", {})
    local file = assert(io.open(home .. "/state/engines/stage.json", "wb"))
    file:write "{broken"
    file:close()
    h.eq(profile.state "stage", {})
    h.raises({ category = "usage" }, profile.state, "../x")
  end)

  it("tells warnings once", function()
    write "profiles: {a: {host: x, prot: 1}}\n"
    local notices, told = require "notices", {}
    notices.listen(function(kind, line) told[#told + 1] = kind .. ": " .. line end)
    profile.list()
    profile.list()
    notices.listen(nil)
    h.eq(#told, 1)
    h.contains(told[1], "warning: profiles.yaml:1:31: profile 'a' has an unknown key 'prot' (did you mean port?)")
  end)
end)
