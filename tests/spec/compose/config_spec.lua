-- compose config: flags in front of it and behind it, lists, output.
local fs = require "fs"

local function config(dir, ...)
  local argv = { "compose", "--project-directory", dir, "-f", dir .. "/compose.yaml", ... }
  return h.run(argv)
end

describe("compose config", function()
  local temp, dir
  before_each(function()
    temp = fs.temp_dir()
    dir = temp.path
    fs.write(dir .. "/compose.yaml", [[
services:
  web: {image: 'web:${TAG:-1}', depends_on: [db], volumes: ['data:/d']}
  db: {image: db, environment: [A=$$x]}
  x: {image: x, profiles: [dev]}
volumes: {data: }
]])
    fs.write(dir .. "/more.yaml", "services: {db: {hostname: more}}\n")
  end)
  after_each(function()
    temp:close()
  end)

  it("prints the canonical form, which is a compose file again", function()
    local out = config(dir, "-p", "p", "config", "--format", "json")
    h.eq(out.code, 0)
    local model = require("json").decode(out.out)
    h.eq(model.services.web.image, "web:1")
    h.eq(model.services.db.environment.A, "$$x")
    h.eq(model.services.x, nil)
    h.eq(model.volumes.data.name, "p_data")
    h.contains(config(dir, "config").out, "image: web:1")
  end)

  it("takes the project's flags in front of the word and behind it", function()
    local out = config(dir, "config", "-f", dir .. "/more.yaml", "--compose-profile", "dev")
    h.eq(out.code, 0)
    h.contains(out.out, "hostname: more")
    h.contains(out.out, "dev")
  end)

  it("lists names", function()
    h.eq(config(dir, "config", "--services").out, "db\nweb\n")
    h.eq(config(dir, "config", "--images").out, "db\nweb:1\n")
    h.eq(config(dir, "config", "--volumes").out, "data\n")
    h.eq(config(dir, "config", "--profiles").out, "dev\n")
    h.eq(config(dir, "config", "--services", "db").out, "db\n")
  end)

  it("lists the config hashes: another image another hash, another scale the same one", function()
    local all = config(dir, "config", "--hash", "*").out
    local db = all:match "^db (%x+)\nweb %x+\n$"
    h.eq(#db, 64)
    h.eq(config(dir, "config", "-q", "--hash", "db,db").out, "db " .. db .. "\n")
    fs.write(dir .. "/more.yaml", "services: {db: {scale: 3}}\n")
    h.eq(config(dir, "config", "-f", dir .. "/more.yaml", "--hash", "db").out, "db " .. db .. "\n")
    fs.write(dir .. "/more.yaml", "services: {db: {image: other}}\n")
    h.eq(config(dir, "config", "-f", dir .. "/more.yaml", "--hash", "db").out == "db " .. db .. "\n", false)
    local out = config(dir, "config", "--hash", "nope")
    h.eq(out.code, 3)
    h.contains(out.err, "no such service: nope")
  end)

  it("-q prints no project, but a list that is asked for", function()
    h.eq(config(dir, "config", "-q").out, "")
    h.eq(config(dir, "config", "-q", "--services").out, "db\nweb\n")
  end)

  it("says where a mistake is", function()
    fs.write(dir .. "/compose.yaml", "services:\n  web:\n    image: x\n    prots: [80]\n")
    local out = config(dir, "config", "-q")
    h.eq(out.code, 2)
    h.contains(out.err, dir .. "/compose.yaml:4:5: services.web.prots")
  end)

  it("takes a profile that is no NAS for one of services, and says so", function()
    local out = config(dir, "--profile", "dev", "config", "--services")
    h.eq(out.out, "db\nweb\nx\n")
    h.contains(out.err, "warning: ")
  end)

  it("leaves variables alone when asked", function()
    h.contains(config(dir, "config", "--no-interpolate").out, "web:${TAG:-1}")
  end)

  it("tells of the variables that are referred to", function()
    fs.write(dir .. "/compose.yaml", "services: {a: {image: '${A:-b}${C:?must}$D$$E', hostname: '${A:+x${F-y}}'}}\n")
    h.eq(config(dir, "config", "--variables").out,
      "NAME  REQUIRED  DEFAULT VALUE  ALTERNATE VALUE\nA     false     b              x${F-y}\nC     true                     \n"
      .. "D     false                    \nF     false     y              \n")
  end)

  it("says where a variable comes from", function()
    fs.write(dir .. "/.env", "TAG=7\n")
    h.eq(config(dir, "config", "--explain", "TAG").out, "TAG=7\nfrom " .. dir .. "/.env\n")
    h.contains(config(dir, "config", "--explain", "NOPE").out, "nowhere")
  end)

  it("shows no secrets on a terminal", function()
    fs.write(dir .. "/compose.yaml", "services: {a: {image: x, environment: {DB_PASSWORD: hunter2, PLAIN: seen}}}\n")
    local words = { "compose", "-f", dir .. "/compose.yaml", "config" }
    local out = h.run(words, { width = 100 }).out
    h.contains(out, "seen")
    h.eq(out:find("hunter2", 1, true), nil)
    h.contains(h.run(words).out, "hunter2")
    h.contains(h.run({ "compose", "-f", dir .. "/compose.yaml", "config", "--redact=false" }, { width = 100 }).out, "hunter2")
  end)

  it("writes a file", function()
    h.eq(config(dir, "config", "-o", dir .. "/out.yaml").out, "")
    h.contains(fs.read(dir .. "/out.yaml"), "web:1")
  end)
end)
