local fs = require "fs"
local profile = require "profile"

local home = os.getenv "QNAP_DOCKER_HOME"
local file = home .. "/nases.yaml"

local function write(text)
  os.execute(("rm -rf '%s' && mkdir -p -m 700 '%s'"):format(home, home))
  fs.write(home .. "/profiles.yaml", text)
end

local OWN = [[
profiles:
  prod: {host: nas1.local, user: admin, port: 2222, ssh_key_path: ~/.ssh/prod, password: hunter2, protected: true,
    labels: {site: home, api_token: t0p}}
  lab: {host: "${LAB_HOST}", jump: prod, defaults: {restart: always, secret: x}}
default_profile: prod
]]

local function import(argv, terminal)
  return h.run(table.move(argv, 1, #argv, 4, { "profile", "import", file }), terminal)
end

describe("profile export", function()
  before_each(function() write(OWN) end)

  it("writes what may go, and says what does not", function()
    local r = h.run { "profile", "export" }
    h.eq(r.code, 0)
    h.contains(r.out, [[
default_profile: prod
profiles:
  prod:
    host: nas1.local
    port: 2222
    user: admin
    ssh_key_path: ~/.ssh/prod
    labels:
      site: home
    protected: true
  lab:
    host: ${LAB_HOST}
    jump: prod
    defaults:
      restart: always
]])
    for _, secret in ipairs { "hunter2", "t0p", "api_token", "secret: x" } do h.lacks(r.out, secret) end
    h.contains(r.err, "prod: left out, as it might be a secret: labels.api_token, password")
    h.contains(r.err, "lab: left out, as it might be a secret: defaults.secret")
    h.contains(r.err, "prod: not in it, but needed there: ~/.ssh/prod")
    h.contains(r.err, "host keys that are known here are not in it")
  end)

  it("chooses as --profile does, into a private file", function()
    h.eq(h.run({ "profile", "export", "l*", "-o", file }).code, 0)
    h.lacks(fs.read(file), "prod:")
    h.eq(fs.stat(file).mode, 384)
    h.contains(h.run({ "profile", "export", "lab" }).err, "it is reached through the profile 'prod', which is not in it")
    h.eq(h.run({ "profile", "export", "nope" }).code, 3)
  end)
end)

describe("profile import", function()
  before_each(function()
    write(OWN)
    h.run { "profile", "export", "-o", file }
  end)

  it("is the way back", function()
    local text = fs.read(file)
    write ""
    fs.write(file, text)
    local r = import {}
    h.eq({ r.code, r.out }, { 0, "+ prod  admin@nas1.local:2222\n+ lab  ${LAB_HOST}\n" })
    h.contains(r.err, "lab: host takes from the environment: ${LAB_HOST}")
    h.eq({ profile.default(), profile.list()[1].keys.labels, profile.state("prod").verified }, { "prod", { site = "home" }, false })
  end)

  it("leaves the profiles that are here, all or nothing", function()
    local before = profile.text()
    fs.write(file, "profiles: {new: {host: x}, lab: {host: other}}\n")
    local r = import {}
    h.eq({ r.code, r.out, profile.text() }, { 6, "", before })
    h.contains(r.err, "other profiles have these names: lab")
    h.contains(r.err, "--rename lab=NEW-NAME")
    fs.write(file, "profiles: {new: {host: x}, old: {host: 'a b'}}\n")
    h.eq({ import({}).code, profile.text() }, { 2, before })
    fs.write(file, "profiles: {new: {host: x}, Old: {host: a}}\n")
    h.eq({ import({}).code, profile.text() }, { 2, before })
  end)

  it("shows what it would do", function()
    local before = profile.text()
    fs.write(file, "profiles: {new: {host: x}, lab: {host: other, jump: prod}}\n")
    local r = import { "--dry-run" }
    h.eq({ r.code, profile.text() }, { 0, before })
    h.contains(r.out, "+ new  x\n~ lab  other\n")
    h.contains(r.out, "    host: ${LAB_HOST} → other\n")
  end)

  it("replaces when it is told to, and asks where the one here is protected", function()
    profile.remember("lab", { verified = true, route = "exec" })
    fs.write(file, "profiles: {lab: {host: other}}\n")
    h.eq(import({ "--replace" }).code, 0)
    h.eq(profile.list()[2].keys, { host = "other" })
    h.eq(profile.state "lab", { verified = false })
    fs.write(file, "profiles: {prod: {host: other}}\n")
    h.eq(import({ "--replace" }).code, 9)
    h.eq(profile.get("prod").host, "nas1.local")
    h.eq(import({ "--replace", "--yes" }).code, 0)
    h.eq(profile.get("prod").host, "other")
  end)

  it("renames, and jumps follow", function()
    fs.write(file, "profiles: {gate: {host: g}, lab: {host: l, jump: gate}}\n")
    local r = import { "--rename", "lab=lab-2", "--rename", "gate=door" }
    h.eq(r.code, 0)
    h.eq(profile.get("lab-2").jump, "door")
    h.eq(import({ "--rename", "lab=Lab" }).code, 2)
    h.eq(import({ "--rename", "lab=gate" }).code, 2)
    h.eq(import({ "--rename", "nope=x" }).code, 3)
  end)

  it("takes what is named, from the file or standard input", function()
    fs.write(file, "profiles: {a: {host: a}, b: {host: b, x-own: 1}}\n")
    local r = import { "b" }
    h.eq({ r.code, r.out }, { 0, "+ b  b\n" })
    h.contains(r.err, "b: not taken: x-own")
    h.eq(profile.exists "a", false)
    h.eq(import({ "c" }).code, 3)
    local p = h.program(("profile import - a <'%s'"):format(file))
    h.eq({ p.code, p.out }, { 0, "+ a  a\n" })
  end)

  it("refuses what holds no profiles, or is none of its files", function()
    fs.write(file, "# nothing\n")
    h.eq(import({}).code, 2)
    fs.write(file, "\0\1\2")
    h.eq(import({}).code, 2)
    h.eq(h.run({ "profile", "import", home .. "/absent" }).code, 3)
  end)

  it("names a jump that is no profile", function()
    fs.write(file, "profiles: {a: {host: a, jump: gate}, b: {host: b, jump: me@gate}}\n")
    local r = import {}
    h.contains(r.err, "a: its jump 'gate' is no profile here")
    h.lacks(r.err, "b: its jump")
  end)
end)
