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

local TWO = [[
profiles:
  prod: {host: nas1.local, user: admin, primary_volume: ZFS530_DATA, port: 2222, protected: true} # main
  stage: {host: nas2, group: work, labels: {site: home}}
default_profile: prod
]]

describe("profile commands", function()
  before_each(function()
    write(TWO)
  end)

  it("list shows what is known without connecting", function()
    profile.remember("stage", { verified = false })
    local r = h.run { "profile", "list" }
    h.eq(r.code, 0)
    h.matches(r.out, "^DEFAULT +NAME +HOST +USER +GROUP +ENGINE +VOLUME +LAST SEEN +STATE\n")
    h.matches(r.out, "\n%* +prod +nas1.local:2222 +admin +gui +ZFS530_DATA +never +unknown\n")
    h.matches(r.out, "\n +stage +nas2 +work +gui +never +unverified\n$")
    local rows = json.decode(h.run({ "profile", "list", "--json" }).out)
    h.eq({ rows[1].name, rows[1].default, rows[1].port, rows[2].labels.site }, { "prod", true, 2222, "home" })
    h.eq(h.run({ "profile", "list", "-q" }).out, "prod\nstage\n")
    h.eq(h.run({ "profile", "list", "--format", "{{.Name}}={{.Host}}" }).out, "prod=nas1.local\nstage=nas2\n")
  end)

  it("list of nothing is empty", function()
    write()
    h.eq(h.run({ "profile", "list", "--json" }).out, "[]\n")
    h.eq(h.run({ "profile", "list" }).code, 0)
  end)

  it("show completes the profile", function()
    local r = h.run { "profile", "show" }
    h.contains(r.out, "profile         prod (default)\n")
    h.contains(r.out, "data_root       /share/ZFS530_DATA/Container\n")
    h.eq(json.decode(h.run({ "profile", "show", "stage", "--json=group,socket" }).out), { group = "work", socket = "/var/run/docker.sock" })
    local missing = h.run { "profile", "show", "stge" }
    h.eq(missing.code, 3)
    h.contains(missing.err, "did you mean stage?")
  end)

  it("set-default tells old and new", function()
    local r = h.run { "profile", "set-default", "stage" }
    h.eq({ r.code, r.err, profile.default() }, { 0, "default profile: prod → stage\n", "stage" })
    h.contains(h.run({ "profile", "set-default", "prod" }).err, "warning: 'prod' is protected")
    h.eq(h.run({ "profile", "set-default", "nope" }).code, 3)
  end)

  it("edit changes what is given and nothing else", function()
    local r = h.run {
      "profile", "edit", "prod", "--port", "22", "--label", "a.b=c", "--set", "defaults.restart=no", "--protected=false",
      "--unset", "primary_volume", "--key", "/k",
    }
    h.eq({ r.code, r.err }, { 0, "profile prod was changed\n" })
    h.eq(profile.text(), [[
profiles:
  prod: {host: nas1.local, user: admin, port: 22, protected: false, ssh_key_path: /k, labels: {a.b: c}, defaults: {restart: "no"}} # main
  stage: {host: nas2, group: work, labels: {site: home}}
default_profile: prod
]])
  end)

  it("edit forgets what it knew about another machine", function()
    profile.remember("stage", { route = "exec" })
    h.run { "profile", "edit", "stage", "--group", "x" }
    h.eq(profile.state("stage").route, "exec")
    h.run { "profile", "edit", "stage", "--host", "nas9" }
    h.eq(profile.state "stage", {})
  end)

  it("edit refuses wrong values before it touches the file", function()
    for _, flag in ipairs { "--port=99999", "--host=a b", "--set=prot=1", "--color=mauve", "--unset=host" } do
      local r = h.run { "profile", "edit", "stage", flag }
      h.eq(r.code, 2, flag)
      h.eq(profile.text(), TWO)
    end
    h.eq(h.run({ "profile", "edit", "stage" }).code, 2) -- no terminal for an editor
  end)

  it("rename and remove", function()
    h.eq(h.run({ "profile", "rename", "stage", "prod" }).code, 6)
    h.eq(h.run({ "profile", "rename", "stage", "test" }).err, "renamed: stage → test\n")
    local r = h.run { "profile", "remove", "prod" }
    h.eq(r.code, 6)
    h.contains(r.err, "qnap-docker profile set-default ANOTHER")
    r = h.run { "profile", "remove", "test" }
    h.eq({ r.code, r.out }, { 0, "test\n" })
    r = h.run { "profile", "remove", "prod" } -- protected
    h.eq(r.code, 9)
    h.contains(r.err, "--yes")
    h.eq(h.run({ "profile", "remove", "prod", "--yes" }).code, 0)
    h.eq(profile.names(), json.array {})
  end)

  it("remove keeps a profile that another one is reached through", function()
    h.run { "profile", "edit", "prod", "--jump", "stage" }
    local r = h.run { "profile", "remove", "stage" }
    h.eq(r.code, 6)
    h.contains(r.err, "qnap-docker profile edit prod --unset jump")
  end)

  it("remove and rename keep a profile that an unfinished job works on", function()
    local plan = require("plan").new { command = "rm web" }
    local object = { kind = "container", name = "a" }
    plan:add { target = "stage", op = "container.remove", args = { container = "a" }, verb = "remove", object = object }
    local folder = profile.paths().state .. "/journal"
    require("fs").mkdir(folder, { parents = true })
    local by = { pid = 1, host = require("sys").hostname(), birth = "no" }
    local record = json.encode { t = "plan", id = "j-1", ts = 1, by = by, plan = plan:document() } .. "\n"
    require("fs").write(folder .. "/j-1.ndjson", record)
    for _, argv in ipairs { { "profile", "remove", "stage" }, { "profile", "rename", "stage", "new" } } do
      local r = h.run(argv)
      h.eq(r.code, 6)
      h.contains(r.err, "job j-1 (rm web) is interrupted, and works on it")
      h.contains(r.err, "qnap-docker resume j-1, or qnap-docker undo j-1")
    end
    require("fs").write(folder .. "/j-1.ndjson", record .. json.encode { t = "end", state = "undone", ts = 2 } .. "\n")
    h.eq(h.run({ "profile", "rename", "stage", "new" }).code, 0)
    require("fs").write(folder .. "/j-1.ndjson", (record:gsub('"stage"', '"new"')))
    h.eq(h.run({ "profile", "remove", "new" }).code, 6)
    h.eq(h.run({ "profile", "remove", "new", "--force" }).code, 0)
  end)

  it("broken files are named with line and column", function()
    write "profiles:\n  a:\n    host: x\n    port: none\n"
    local r = h.run { "profile", "list" }
    h.eq(r.code, 2)
    h.contains(r.err, "error: profiles.yaml:4:11: port of profile 'a' is 'none'\n")
    h.contains(r.err, "try:  write a number from 1 to 65535\n")
    write "profiles:\n  a: {host: x\n"
    r = h.run { "profile", "list" }
    h.eq(r.code, 2)
    h.contains(r.err, "bad_yaml")
  end)
end)
