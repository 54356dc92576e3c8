-- A service as the engine gets it: names, labels, networks, mounts, limits.
local body = require "compose.body"
local mounts = require "compose.mounts"
local networks = require "compose.networks"
local fs = require "fs"
local json = require "json"

local function load(text)
  local temp <close> = fs.temp_dir()
  local dir = temp.path
  fs.write(dir .. "/compose.yaml", text)
  local project = require("compose").load { cwd = dir, project_name = "p", environment = { HOME = "/home/u" } }
  return project, dir
end

local facts = { version = "2.26.1", api = "1.41", hash = "h", image_id = "sha256:1", containers = { db = "dbid" } }

local function made(text, name, number, more)
  local project, dir = load(text)
  local f = setmetatable(more or {}, { __index = facts })
  local b = body.container(project, name, number or 1, f)
  local container = body.container_name(project, name, number or 1)
  local service = project.model.services[name]
  b.HostConfig.Binds, b.HostConfig.Mounts, b.HostConfig.Tmpfs = mounts.of(project, service)
  local connects = networks.apply(project, name, container, f, b)
  return b, connects, dir, project
end

describe("compose.body", function()
  it("names and labels are compose v2's", function()
    local b, _, dir, project = made([[
services:
  web: {image: x, labels: [a=b], depends_on: {db: {condition: service_healthy}}}
  db: {image: y}
]], "web", 2)
    local label = "com.docker.compose."
    h.eq(body.container_name(project, "web", 2), "p-web-2")
    h.eq(b.Labels, {
      a = "b", [label .. "project"] = "p", [label .. "service"] = "web", [label .. "container-number"] = "2", [label .. "oneoff"] = "False",
      [label .. "config-hash"] = "h", [label .. "image"] = "sha256:1", [label .. "version"] = "2.26.1",
      [label .. "depends_on"] = "db:service_healthy:false", [label .. "project.working_dir"] = dir,
      [label .. "project.config_files"] = dir .. "/compose.yaml",
    })
  end)

  it("a fixed name stays, and an image that is only built is named by its service", function()
    local _, _, _, project = made("services: {web: {build: ., container_name: w}}\n", "web")
    h.eq(body.container_name(project, "web", 1), "w")
    h.eq(body.image(project, "web"), "p-web")
  end)

  it("command, entrypoint and variables keep what is empty apart from what is absent", function()
    local b = made("services: {a: {image: x, entrypoint: [], environment: {B: , A: 1, C: ''}}}\n", "a")
    h.eq(b.Cmd, nil)
    h.eq(json.encode(b.Entrypoint), "[]")
    h.eq(b.Env, { "A=1", "B", "C=" })
  end)

  it("ports, health and stop settings", function()
    local b = made([[
services:
  a:
    image: x
    ports: ["127.0.0.1:81:81", "82/udp", "8000-8010:80"]
    expose: ["9000"]
    stop_grace_period: 1m30s
    restart: on-failure:3
    healthcheck: {test: probe, interval: 10s, retries: 2}
]], "a")
    h.eq(b.HostConfig.PortBindings["81/tcp"], { { HostIp = "127.0.0.1", HostPort = "81" } })
    h.eq(b.HostConfig.PortBindings["82/udp"], { { HostIp = "", HostPort = "" } })
    h.eq(b.HostConfig.PortBindings["80/tcp"], { { HostIp = "", HostPort = "8000-8010" } })
    h.eq(b.ExposedPorts["9000"], {})
    h.eq(b.StopTimeout, 90)
    h.eq(b.HostConfig.RestartPolicy, { Name = "on-failure", MaximumRetryCount = 3 })
    h.eq(b.Healthcheck.Test, { "CMD-SHELL", "probe" })
    h.eq(b.Healthcheck.Interval, 10000000000)
  end)

  it("the first network is joined when it is made, the others behind it", function()
    local text = [[
services: {a: {image: x, networks: {one: {ipv4_address: 10.9.0.5}, two: {priority: 9, aliases: [z]}}}}
networks: {one: , two: }
]]
    local b, connects = made(text, "a")
    h.eq(b.HostConfig.NetworkMode, "p_two")
    h.eq(b.NetworkingConfig.EndpointsConfig.p_two.Aliases, { "p-a-1", "a", "z" })
    h.eq(#connects, 1)
    h.eq(connects[1].network, "p_one")
    h.eq(connects[1].endpoint.IPAMConfig, { IPv4Address = "10.9.0.5" })
    b, connects = made(text, "a", 1, { api = "1.44" })
    h.eq(#connects, 0)
    h.eq(b.NetworkingConfig.EndpointsConfig.p_one.IPAddress, "10.9.0.5")
  end)

  it("namespaces of services are those of their containers", function()
    local b = made("services: {a: {image: x, network_mode: 'service:db', pid: 'service:db'}, db: {image: y}}\n", "a")
    h.eq(b.HostConfig.NetworkMode, "container:dbid")
    h.eq(b.HostConfig.PidMode, "container:dbid")
    h.eq(b.NetworkingConfig, nil)
  end)

  it("binds, volumes, tmpfs, secrets and configs", function()
    local b, _, dir = made([[
services:
  a:
    image: x
    volumes: ["./d:/d:ro,z", "data:/v:nocopy", {type: bind, source: /long, target: /l, bind: {propagation: rslave}}]
    tmpfs: ["/t:size=1m"]
    secrets: [s]
    configs: [{source: c, target: /etc/c}]
volumes: {data: }
secrets: {s: {file: ./s.txt}}
configs: {c: {file: /c.txt}}
]], "a")
    h.eq(b.HostConfig.Binds, { dir .. "/d:/d:ro,z" })
    h.eq(b.HostConfig.Tmpfs, { ["/t"] = "size=1m" })
    local by_target = {}
    for _, m in ipairs(b.HostConfig.Mounts) do by_target[m.Target] = m end
    h.eq(by_target["/v"].Source, "p_data")
    h.eq(by_target["/v"].VolumeOptions.NoCopy, true)
    h.eq(by_target["/l"].BindOptions, { Propagation = "rslave" })
    h.eq(by_target["/run/secrets/s"].Source, dir .. "/s.txt")
    h.eq(by_target["/etc/c"].ReadOnly, true)
  end)

  it("limits of deploy and of the service itself", function()
    local b = made([[
services:
  a:
    image: x
    mem_limit: 64m
    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
    security_opt: [systempaths=unconfined, no-new-privileges:true]
    deploy: {resources: {limits: {cpus: "0.5", pids: 5}, reservations: {devices: [{capabilities: [gpu], count: all}]}}}
]], "a")
    local host = b.HostConfig
    h.eq(host.Memory, 67108864)
    h.eq(host.NanoCpus, 500000000)
    h.eq(host.PidsLimit, 5)
    h.eq(host.Ulimits, { { Name = "nofile", Soft = 1, Hard = 2 }, { Name = "nproc", Soft = 3, Hard = 3 } })
    h.eq(host.DeviceRequests[1].Count, -1)
    h.eq(host.SecurityOpt, { "no-new-privileges:true" })
    h.eq(json.encode(host.MaskedPaths), "[]")
  end)

  it("networks and volumes bear the project's labels", function()
    local _, _, _, project = made([[
services: {a: {image: x, networks: [n], volumes: ["data:/d"]}}
networks: {n: {internal: true, labels: [x=y], ipam: {config: [{subnet: 10.0.0.0/8}]}}}
volumes: {data: {driver_opts: {type: tmpfs, n: 1}}}
]], "a")
    local n = networks.network(project, "n", "v")
    h.eq(n.Name, "p_n")
    h.eq(n.Internal, true)
    h.eq(n.IPAM.Config, { { Subnet = "10.0.0.0/8" } })
    h.eq(n.Labels["com.docker.compose.network"], "n")
    h.eq(n.Labels.x, "y")
    local v = networks.volume(project, "data", "v")
    h.eq(v.DriverOpts, { type = "tmpfs", n = "1" })
    h.eq(v.Labels["com.docker.compose.volume"], "data")
  end)
end)
