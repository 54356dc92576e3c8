local fs = require "fs"
local notices = require "notices"
local profile = require "profile"
local project = require "profile.project"
local core = require "core.profile"

local home = os.getenv "QNAP_DOCKER_HOME"
local dir = home .. "/clone"
local file = dir .. "/.qnap-docker.yaml"
local LAB = "profile: lab\nprofiles:\n  lab: {host: evil.example, user: root}\n"

local function write(text)
  fs.write(file, text)
end

-- What is told while fn runs, and fn's results.
local function told(fn)
  local lines = {}
  notices.listen(function(kind, text) lines[#lines + 1] = kind .. ": " .. text end)
  local results = table.pack(fn())
  notices.listen(nil)
  return lines, table.unpack(results, 1, results.n)
end

-- As if the working directory were the clone.
local function there(fn)
  local real = core.project
  return h.with(core, { project = function(d) return real(d or dir) end }, fn)
end

describe("a project file", function()
  before_each(function()
    os.execute(("rm -rf '%s' && mkdir -p -m 700 '%s' && mkdir '%s'"):format(home, home, dir))
    fs.write(home .. "/profiles.yaml", "profiles: {own: {host: nas1}, other: {host: nas2}}\ndefault_profile: own\n")
    write(LAB)
  end)

  it("brings nothing before it is trusted, and says so once", function()
    there(function()
      local lines, names = told(function()
        profile.exists "lab"
        return profile.names()
      end)
      h.eq(names, { "own", "other" })
      h.eq(lines, { ("warning: %s is not trusted: the profiles in it are ignored (qnap-docker trust)"):format(file) })
      local err = h.raises({ code = "profile_not_found" }, profile.resolve, {})
      h.contains(err.why, file .. " names it")
      h.raises({ code = "profile_not_found" }, profile.get, "lab")
      h.raises({ code = "profile_not_found" }, profile.select, { "lab" })
    end)
  end)

  it("chooses among the user's own profiles without trust", function()
    write "profile: other\nprofiles: {own: {host: evil}}\n"
    there(function()
      h.eq(profile.resolve {}, { "other" })
      h.eq(profile.get("own").host, "nas1")
    end)
  end)

  it("brings its profiles once it is trusted, for this content at this place alone", function()
    project.trust(assert(project.find(dir)))
    there(function()
      local lines = told(function()
        h.eq(profile.resolve {}, { "lab" })
        h.eq(profile.get("lab").host, "evil.example")
        h.eq(profile.select { "*" }, { "own", "other", "lab" })
        h.eq(profile.list()[3].source, file)
        h.eq(profile.list()[2].source, nil)
      end)
      h.eq(lines, {})
    end)
    h.eq(project.list(), { { path = file, state = "trusted" } })
    write(LAB .. "# changed\n")
    h.eq(project.find(dir).trusted, false)
    h.eq(project.list(), { { path = file, state = "changed" } })
    write(LAB)
    h.eq(project.find(dir).trusted, true)
    os.execute(("mkdir '%s/sub' && cp '%s' '%s/sub'"):format(dir, file, dir))
    h.eq(project.find(dir .. "/sub").trusted, false)
  end)

  it("is trusted in its latest content only", function()
    project.trust(assert(project.find(dir)))
    write(LAB .. "#\n")
    project.trust(assert(project.find(dir)))
    write(LAB)
    h.eq(project.find(dir).trusted, false)
    h.eq(#project.list(), 1)
  end)

  it("is trusted as it was read, whatever stands there when the answer comes", function()
    local read = assert(project.find(dir))
    write "profiles: {lab: {host: worse}}\n"
    project.trust(read)
    h.eq(project.find(dir).trusted, false)
  end)

  it("is forgotten, and its note is private", function()
    project.trust(assert(project.find(dir)))
    local folder = profile.paths().state .. "/trust"
    h.eq(fs.stat(folder).mode, 448)
    h.eq(fs.stat(folder .. "/" .. fs.list(folder)[1]).mode, 384)
    h.eq(project.forget(file), true)
    h.eq({ project.find(dir).trusted, project.forget(file), #project.list() }, { false, false, 0 })
    project.trust(assert(project.find(dir)))
    fs.remove(file)
    h.eq(project.list(), { { path = file, state = "gone" } })
  end)

  it("never takes the place of a profile of the user's", function()
    write "profiles: {own: {host: evil}, lab: {host: lab}}\n"
    project.trust(assert(project.find(dir)))
    there(function()
      local lines = told(function()
        h.eq(profile.get("own").host, "nas1")
        h.eq(profile.names(), { "own", "other", "lab" })
      end)
      h.eq(lines, { ("warning: %s has a profile 'own', too; your own one counts"):format(file) })
    end)
  end)

  it("that is broken stands in the way only where it would choose", function()
    write "profile: [a\n"
    there(function()
      h.raises({ category = "config", code = "bad_yaml" }, profile.resolve, {})
      local lines, names = told(function() return profile.resolve { "other" } end)
      h.eq(names, { "other" })
      h.contains(lines[1], ".qnap-docker.yaml:")
    end)
  end)
end)

describe("trust", function()
  before_each(function()
    os.execute(("rm -rf '%s' && mkdir -p -m 700 '%s' && mkdir '%s'"):format(home, home, dir))
    write(LAB)
  end)

  it("shows the file and asks", function()
    local r = h.run { "trust", dir }
    h.eq(r.code, 9)
    h.contains(r.err, "  lab: {host: evil.example, user: root}")
    h.eq(#project.list(), 0)
    r = h.run({ "trust", file }, { stdin = true, stderr = true, answers = { "y" } })
    h.eq(r.code, 0)
    h.contains(r.err, "is trusted until it changes")
    h.eq(h.run({ "trust", "--list", "-q" }).out, file .. "\n")
    h.contains(h.run({ "trust", dir }).err, "is trusted as it is")
    h.eq(h.run({ "trust", "--revoke", dir }).code, 0)
    h.eq(h.run({ "trust", "--revoke", dir }).code, 3)
  end)

  it("refuses what cannot be used, and what is not there", function()
    write "profiles: {lab: {port: 1}}\n"
    h.eq(h.run({ "trust", dir, "--yes" }).code, 2)
    write "profiles: {lab: {host: x, known_hosts: k}}\n"
    local r = h.run { "trust", dir, "--yes" }
    h.eq(r.code, 2)
    h.contains(r.err, "host_key: SHA256:")
    h.eq(#project.list(), 0)
    fs.remove(file)
    h.eq(h.run({ "trust", dir }).code, 3)
    h.eq(h.run({ "trust", dir .. "/absent" }).code, 3)
  end)

  it("keeps escapes of a stranger's file from the terminal", function()
    write "profiles: {lab: {host: x}} # \27[2J\n"
    h.lacks(h.run({ "trust", dir }).err, "\27[2J")
  end)
end)
