-- Containers that are taken in: what of them is written, and that the file says the same as they do.
local adopt = require "compose.adopt"
local file = require "compose.adopt_file"
local fs = require "fs"
local json = require "json"

local IMAGE = { Config = { Env = { "PATH=/bin" }, Cmd = { "sh" }, ExposedPorts = { ["80/tcp"] = {} }, Labels = { tier = "app" } } }

local function record(config, host, networks)
  local c = { Hostname = "abc", Env = { "PATH=/bin" }, Cmd = { "sh" }, Image = "app", Labels = { tier = "app" },
    ExposedPorts = { ["80/tcp"] = {} } }
  local h = {
    NetworkMode = "default", RestartPolicy = { Name = "no", MaximumRetryCount = 0 }, LogConfig = { Type = "json-file", Config = {} },
    IpcMode = "private", Runtime = "runc", CgroupnsMode = "host", ShmSize = 67108864, PortBindings = {}, MaskedPaths = { "/proc/x" },
  }
  for key, value in pairs(config or {}) do c[key] = value end
  for key, value in pairs(host or {}) do h[key] = value end
  return {
    Id = ("abc"):rep(4) .. ("0"):rep(52), Name = "/web", Image = "sha256:1", Config = c, HostConfig = h, Mounts = {},
    NetworkSettings = { Networks = networks or { bridge = {} } },
  }
end

local DEFAULTS = { runtime = "runc", cgroup = "host", log_driver = "json-file" }

local function service(...)
  local r = record(...)
  r.Config.Hostname = r.Config.Hostname == "abc" and r.Id:sub(1, 12) or r.Config.Hostname
  local model, lost = adopt.model({ { record = r, image = IMAGE } }, DEFAULTS)
  return model.services.web, model, lost
end

describe("compose.adopt", function()
  it("writes nothing that the image, the engine and the moment added", function()
    h.eq(service(), { image = "app", container_name = "web", network_mode = "bridge" })
  end)

  it("variables, command and ports of its own", function()
    local s = service({ Env = { "PATH=/bin", "A=1", "B=" }, Cmd = { "serve", "$HOME" }, StopTimeout = 3 },
      { PortBindings = { ["80/tcp"] = { { HostIp = "127.0.0.1", HostPort = "8080" } }, ["53/udp"] = { { HostIp = "", HostPort = "53" } },
        ["81/tcp"] = { { HostIp = "::1", HostPort = "81" } } } })
    h.eq(s.environment, { A = "1", B = "" })
    h.eq(s.command, { "serve", "$HOME" })
    h.eq(s.ports, { "53:53/udp", "127.0.0.1:8080:80", "[::1]:81:81" })
    h.eq(s.stop_grace_period, "3s")
  end)

  it("volumes by name are external, anonymous ones have no name", function()
    local s, model = service(nil, {
      Binds = { "/share/a:/a:ro", "data:/d", ("0123456789abcdef"):rep(4) .. ":/anon" },
      Mounts = { { Type = "volume", Source = "more", Target = "/m", ReadOnly = true } },
    })
    h.eq(s.volumes, { "/share/a:/a:ro", "data:/d", { type = "volume", target = "/anon" },
      { type = "volume", source = "more", target = "/m", read_only = true } })
    h.eq(model.volumes, { data = { name = "data", external = true }, more = { name = "more", external = true } })
  end)

  it("networks are external, with aliases and addresses but without the container's id", function()
    local s, model = service(nil, { NetworkMode = "back" }, { back = { Aliases = { "api", "abcabcabcabc" },
      IPAMConfig = { IPv4Address = "10.9.0.5" } } })
    h.eq(s.networks, { back = { aliases = { "api" }, ipv4_address = "10.9.0.5" } })
    h.eq(s.network_mode, nil)
    h.eq(model.networks, { back = { name = "back", external = true } })
  end)

  it("limits: swap that is twice the memory is the engine's own", function()
    local s = service(nil, { Memory = 1048576, MemorySwap = 2097152, NanoCpus = 1500000000,
      Ulimits = { { Name = "nofile", Soft = 1, Hard = 2 } } })
    h.eq(s.mem_limit, 1048576)
    h.eq(s.memswap_limit, nil)
    h.eq(s.cpus, 1.5)
    h.eq(s.ulimits, { nofile = { soft = 1, hard = 2 } })
  end)

  it("says what a compose file has no word for", function()
    local _, _, lost = service(nil, { AutoRemove = true, PublishAllPorts = true })
    h.eq(lost, { "web: --publish-all", "web: --rm" })
  end)

  it("a namespace of a container that is taken in, too, is its service's", function()
    local a, b = record(nil, { NetworkMode = "container:" .. ("f"):rep(64) }), record()
    b.Id, b.Name = ("f"):rep(64), "/vpn"
    local model = adopt.model({ { record = a, image = IMAGE }, { record = b, image = IMAGE } }, DEFAULTS)
    h.eq(model.services.web.network_mode, "service:vpn")
  end)
end)

describe("compose.adopt_file", function()
  local function loaded(model, known)
    local files = file.of(model, known)
    local temp <close> = fs.temp_dir()
    file.write(temp.path .. "/compose.yaml", files)
    local env = temp.path .. "/.env"
    local mode = fs.exists(env) and fs.stat(env).mode & 511
    return require("compose").load({ cwd = temp.path, project_name = "p", environment = {} }).model.services, files, mode
  end

  it("secrets stand in the environment file alone, which only its owner reads", function()
    local model = { services = { web = { image = "x", environment = { DB_PASSWORD = "very secret", PLAIN = "seen" } } } }
    local services, files, mode = loaded(model)
    h.eq(services.web.environment, { DB_PASSWORD = "very secret", PLAIN = "seen" })
    h.eq(files.text:find("very secret", 1, true), nil)
    h.eq(mode, 384)
    h.eq(model.services.web.environment.DB_PASSWORD, "very secret")
  end)

  it("any value comes back as it was", function()
    local values = { [[se$cr"e't\]], [[a\'b]], "line\nline", "$HOME ${X:-y} $$", [[ends\]], [["]], "'", " spaces ", "#no", "a=b" }
    for _, value in ipairs(values) do
      local services = loaded { services = { web = { image = "x", environment = { A_TOKEN = value, PLAIN = value } } } }
      h.eq(services.web.environment, { A_TOKEN = value, PLAIN = value })
    end
  end)

  it("one name is given to one value", function()
    local services, files = loaded({ services = {
      a = { image = "x", environment = { KEY = "one" } }, b = { image = "x", environment = { KEY = "two" } },
      c = { image = "x", environment = { KEY = "one" } },
    } })
    h.eq({ services.a.environment.KEY, services.b.environment.KEY, services.c.environment.KEY }, { "one", "two", "one" })
    h.eq(files.env, { "KEY='one'", "B_KEY='two'" })
  end)

  it("what the environment file has already stays", function()
    local files = file.of({ services = { a = { environment = { KEY = "one" } } } }, { KEY = "other" })
    h.eq(files.env, { "A_KEY='one'" })
    h.eq(file.of({ services = { a = { environment = { KEY = "one" } } } }, { KEY = "one" }).env, {})
  end)

  it("dollar signs of other values are doubled", function()
    local services = loaded { services = { a = { image = "x", command = { "sh", "-c", "echo $HOME" }, environment = { N = json.null } } } }
    h.eq(services.a.command, { "sh", "-c", "echo $HOME" })
  end)
end)
