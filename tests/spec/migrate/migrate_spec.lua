-- The pure parts of migrate and profile sync.
local maps = require "migrate.maps"

local function container(name, more)
  more = more or {}
  return {
    Id = (name:byte() % 16 == 0 and "a" or ("%x"):format(name:byte() % 16)):rep(64), Name = "/" .. name, Image = "sha256:" .. ("1"):rep(64),
    State = { Running = more.running ~= false, StartedAt = "2026-01-01T00:00:00Z" },
    Config = { Image = "busybox", Hostname = "x", Env = more.env or { "A=1" }, Labels = more.labels or {}, Healthcheck = more.health },
    HostConfig = {
      Binds = more.binds, NetworkMode = more.network or "default", PortBindings = more.ports,
        RestartPolicy = { Name = more.policy or "always" },
      VolumesFrom = more.volumes_from, Links = more.links,
    },
    NetworkSettings = { Networks = more.networks or {} }, Mounts = more.mounts,
  }
end

local IMAGE = { Id = "sha256:" .. ("1"):rep(64), Architecture = "amd64", RepoDigests = {}, Size = 1000, Config = {},
  RootFS = { Layers = {} } }

local function facts(records, more)
  local f = {
    from = { name = "a" }, to = { name = "b" }, name = "web", containers = {}, others = {}, volumes = {}, networks = {}, trees = {},
    info = { from = { Architecture = "x86_64" }, to = { Architecture = "x86_64" } },
    there = { containers = {}, volumes = {}, networks = {}, images = {}, planned = {} },
    look = { from = { known = true, ports = {}, paths = {} }, to = { known = true, ports = {}, paths = {}, free = 1 << 40 } },
  }
  for i, record in ipairs(require("migrate.chosen").order(records)) do
    local name = record.Name:sub(2)
    f.containers[i] = {
      id = record.Id, name = name, to = name, record = record, image = IMAGE, ref = "busybox", running = record.State.Running,
      body = require("recreate.body").of(record, IMAGE, "busybox"),
    }
  end
  for key, value in pairs(more or {}) do f[key] = value end
  return f
end

local function options(more)
  local o = { maps = maps.parse {}, binds = "map", image = "auto", keep = "stopped", verify = "sha256" }
  for key, value in pairs(more or {}) do o[key] = value end
  return o
end

local WARM, COLD = { warm = true, kind = "shell", loses = {} }, { warm = false, kind = "engine", loses = { "sparse files" },
  why = "no shell" }
local function tree(name, more)
  local t = { key = "volume " .. name, volume = name, to = name, moves = true, way_from = WARM, way_to = WARM, bytes = 1000, files = 3 }
  for key, value in pairs(more or {}) do t[key] = value end
  return t
end

local function words(report)
  local out = {}
  for i, b in ipairs(report.blockers) do out[i] = b.what end
  return table.concat(out, "\n")
end

local function check(f, o) return words(require("migrate.preflight").check(f, o or options())) end

describe("migrate.maps", function()
  it("reads all kinds, the longest path first", function()
    local m = maps.parse { "volume=a:b", "port=80:8080", "port=53/udp:5353", "path=/share:/x", "path=/share/web/:/y", "env=A:b:c",
      "env=E:" }
    h.eq(maps.volume(m, "a"), "b")
    h.eq(maps.volume(m, "other"), "other")
    h.eq(maps.port(m, "80", "tcp"), "8080")
    h.eq(maps.port(m, "53", "udp"), "5353")
    h.eq(maps.port(m, "53", "tcp"), "53")
    h.eq(maps.path(m, "/share/web/conf"), "/y/conf")
    h.eq(maps.path(m, "/share/webs"), "/x/webs")
    h.eq(maps.path(m, "/shared"), "/shared")
    h.eq(table.concat(maps.env(m, { "A=1", "B=2" }), " "):find "A=b:c B=2", 1)
  end)

  it("refuses what is none", function()
    for _, text in ipairs { "volume=a", "disk=a:b", "port=x:1", "port=1:70000", "path=a:/b", "path=/a/../b:/c", "env=1A:x",
      "volume=a:../b" } do
      h.raises({ code = "bad_map" }, maps.parse, { text })
    end
  end)
end)

describe("migrate.chosen", function()
  it("puts what others depend on first", function()
    local LABEL = "com.docker.compose."
    local function service(name, on)
      return container(name, { labels = { [LABEL .. "service"] = name, [LABEL .. "depends_on"] = on } })
    end
    local out = {}
    for _, r in ipairs(require("migrate.chosen").order { service("app", "db:service_healthy:false"), service("db"), service("web",
      "app") }) do
      out[#out + 1] = r.Name
    end
    h.eq(table.concat(out), "/db/app/web")
  end)

  it("knows a shell's patterns", function()
    local fits = require("migrate.chosen").fits
    h.eq(fits("db-1", "db*"), true)
    h.eq(fits("a.b", "a?b"), true)
    h.eq(fits("axb", "a.b"), false)
  end)
end)

describe("migrate.body", function()
  it("gives volumes, paths, ports, variables and references the target's names", function()
    local c = container("web", {
      binds = { "data:/data:ro", "/share/web:/conf" }, ports = { ["80/tcp"] = { { HostPort = "8080" } } }, network = "container:abc",
      links = { "/db:/web/sql" }, env = { "A=1" },
    })
    local body = require("migrate.body").of(c, IMAGE, {
      ref = "busybox", names = { abc = "other", db = "db2" }, networks = {},
      maps = maps.parse { "volume=data:d2", "path=/share/web:/x", "port=8080:9090", "env=A:2" },
    })
    h.eq(table.concat(body.HostConfig.Binds, " "), "d2:/data:ro /x:/conf")
    h.eq(body.HostConfig.PortBindings["80/tcp"][1].HostPort, "9090")
    h.eq(body.HostConfig.NetworkMode, "container:other")
    h.eq(body.HostConfig.Links[1], "db2:sql")
    h.eq(body.Env[1], "A=2")
  end)

  it("keeps a volume empty that the engine would fill", function()
    local body = { HostConfig = { Binds = { "d:/d", "d:/e:ro", "x:/x" }, Mounts = { { Type = "volume", Source = "d" } } } }
    require("migrate.body").keep_empty(body, "d")
    h.eq(table.concat(body.HostConfig.Binds, " "), "d:/d:nocopy d:/e:ro,nocopy x:/x")
    h.eq(body.HostConfig.Mounts[1].VolumeOptions.NoCopy, true)
  end)
end)

describe("migrate.networks", function()
  it("knows which share addresses", function()
    local overlap = require("migrate.networks").overlap
    h.eq(overlap("10.0.0.0/8", "10.9.0.0/24"), true)
    h.eq(overlap("10.9.1.0/24", "10.9.0.0/24"), false)
    h.eq(overlap("fd00::/64", "10.0.0.0/8"), false)
  end)

  it("keeps addresses that somebody chose, not the engine's", function()
    local function of(subnet, static)
      local f = facts({ container("web", { network = "n", networks = { n = { IPAMConfig = static and { IPv4Address = static } } } }) },
        { networks = { n = { Name = "n", Driver = "bridge", IPAM = { Config = { { Subnet = subnet } } } } } })
      local made = require("migrate.networks").bodies(f)[1].IPAM
      return made and made.Config[1].Subnet
    end
    h.eq(of "172.20.0.0/16", nil)
    h.eq(of "10.1.0.0/24", "10.1.0.0/24")
    h.eq(of("172.20.0.0/16", "172.20.0.9"), "172.20.0.0/16")
  end)
end)

describe("migrate.preflight", function()
  it("finds nothing in the way of what can move", function()
    h.eq(check(facts({ container "web" }, { trees = { tree "data" } })), "")
  end)

  it("finds names, ports and volumes that are taken", function()
    local f = facts({ container("web", { ports = { ["80/tcp"] = { { HostPort = "80" } }, ["81/tcp"] = { { HostPort = "81" } } } }) },
      { trees = { tree "data" } })
    f.there.containers = { { Names = { "/web" }, State = "running", Ports = { { PublicPort = 80, Type = "tcp" } } } }
    f.there.volumes.data = {}
    f.look.to.ports["81/tcp"] = true
    local text = check(f)
    h.contains(text, "b has a container web (running)")
    h.contains(text, "port 80/tcp of container web is in use on b, by container web")
    h.contains(text, "port 81/tcp of container web is in use on b, by a program of the NAS")
    h.contains(text, "b has a volume data: it is never overwritten")
  end)

  it("finds no room, another processor, --rm, and who else writes", function()
    local c = container "web"
    c.HostConfig.AutoRemove = true
    local f = facts({ c }, { trees = { tree("data", { bytes = 100 << 30 }) } })
    f.look.to.free = 1 << 30
    f.info.to.Architecture = "aarch64"
    f.others = { { Names = { "/other" }, State = "running", Mounts = { { Type = "volume", Name = "data", RW = true } } } }
    local text = check(f)
    h.contains(text, "free, and")
    h.contains(text, "is for amd64, and b is arm64")
    h.contains(text, "made with --rm")
    h.contains(text, "container other writes to volume data")
  end)

  it("says when an image's name means another one there", function()
    local f = facts { container "web" }
    f.there.images = { ["sha256:" .. ("2"):rep(64)] = { RepoTags = { "busybox:latest" } } }
    h.contains(table.concat(require("migrate.preflight").check(f, options()).warnings, "\n"), "busybox is another image on b")
  end)

  it("says all of it at once, and that nothing was changed", function()
    local report = { blockers = { { what = "one", hint = "x" }, { what = "two" } }, warnings = {} }
    h.raises({ code = "blocked", category = "conflict" }, require("migrate.preflight").refuse, report, "web cannot move")
  end)
end)

local function ops(f, o)
  local plan = require("plan").new { command = "migrate" }
  require("migrate.planner").add(plan, f, o or options())
  local out = {}
  for i, step in ipairs(plan.steps) do out[i] = ("%s:%s"):format(step.target, step.op) end
  return table.concat(out, " "), plan
end

describe("migrate.planner", function()
  it("copies warm, creates, stops, follows up, compares, starts: in that order", function()
    local text = ops(facts({ container("web", { binds = { "data:/data" } }) }, { trees = { tree "data" },
      volumes = { data = { Driver = "local" } } }))
    h.eq(text, "a:cutover.source b:migrate.image b:migrate.volume b:migrate.helpers b:migrate.precopy b:cutover.create a:cutover.freeze "
      .. "b:migrate.delta b:migrate.verify b:cutover.start b:cutover.health b:cutover.finish")
  end)

  it("stops first where a side cannot be read while it is written to, and says why", function()
    local f = facts({ container "web" }, { trees = { tree("data", { way_to = COLD }) }, volumes = { data = {} } })
    local text = ops(f)
    h.matches(text, "cutover.freeze b:migrate.delta b:migrate.verify b:cutover.create b:cutover.start")
    h.lacks(text, "precopy")
    h.contains(require("migrate.estimate").of(f, options()).why, "no shell")
  end)

  it("stops dependants before what they depend on", function()
    local LABEL = "com.docker.compose."
    local f = facts {
      container("db", { labels = { [LABEL .. "service"] = "db" } }),
      container("app", { labels = { [LABEL .. "service"] = "app", [LABEL .. "depends_on"] = "db:service_started:false" } }),
    }
    local _, plan = ops(f)
    for _, step in ipairs(plan.steps) do
      if step.op == "cutover.freeze" then
        h.eq(step.args.levels[1][1].name, "app")
        h.eq(step.args.levels[2][1].name, "db")
        h.eq(step.args.levels[1][1].policy.Name, "always")
      elseif step.op == "cutover.start" then
        h.eq(step.args.containers[1].name, "db")
        h.eq(#step.args.source.ids, 2)
      end
    end
  end)

  it("starts what ran, all, or nothing", function()
    local f = facts { container("web", { running = false }) }
    h.lacks(ops(f), "cutover.start")
    h.contains(ops(f, options { start = true }), "cutover.start")
    h.lacks(ops(facts { container "web" }, options { start = false }), "cutover.start")
  end)

  it("removes the source last, and only when asked", function()
    local text, plan = ops(facts { container "web" }, options { keep = "remove" })
    h.contains(text, "b:cutover.health a:cutover.discard b:cutover.finish")
    h.eq(plan:danger(), 3)
  end)
end)

describe("migrate.estimate", function()
  it("is longer down when cold, and blocks what is down for too long", function()
    local f = facts({ container "web" }, { trees = { tree("data", { bytes = 10 << 30, files = 100 }) } })
    local estimate = require "migrate.estimate"
    local warm, cold = estimate.of(f, options()), estimate.of(f, options { strategy = "cold" })
    h.eq(warm.strategy, "warm")
    h.eq(cold.downtime > 10 * warm.downtime, true)
    local report = { blockers = {}, warnings = {} }
    estimate.check(report, cold, options { max_downtime = 30 })
    h.contains(words(report), "--max-downtime allows 30 s")
  end)
end)

describe("cutover.source", function()
  -- Which of these are started when the move is taken back: container -> {running, policy} now.
  local function started(now)
    local f, out = facts { container("web", { policy = "unless-stopped" }) }, {}
    local _, plan = ops(f)
    local nas = {
      name = "a", containers = function() return {} end,
      container = function()
        return {
          inspect = function() return { State = { Running = now.running }, HostConfig = { RestartPolicy = { Name = now.policy } } } end,
          start = function() out[#out + 1] = "start" end,
        }
      end,
    }
    require("plan.ops.cutover").source.undo(nas, plan.steps[1], {}, { id = "j" })
    return table.concat(out, " ")
  end

  it("starts what an engine left stopped as it came up after a crash", function()
    h.eq(started { running = false, policy = "unless-stopped" }, "start")
  end)

  it("leaves what runs, and what somebody else has switched off: another move may have taken it away", function()
    h.eq(started { running = true, policy = "unless-stopped" }, "")
    h.eq(started { running = false, policy = "no" }, "")
  end)

  it("is the first step, so that it is taken back last; and does nothing where nothing is stopped", function()
    local _, plan = ops(facts { container "web" }, options { both = true, keep = "running", start = false })
    h.eq({ plan.steps[1].op, #plan.steps[1].args.levels }, { "cutover.source", 0 })
  end)
end)

describe("cutover.start", function()
  it("is taken back although a list says that nothing was started yet", function()
    local stopped = {}
    require("plan.ops.cutover").start.undo({
      containers = function()
        return { { Id = "1", State = "created" }, { Id = "2", State = "running", Labels = { ["qnap-docker.helper"] = "x" } } }
      end,
      container = function(_, id)
        return {
          inspect = function() return { HostConfig = { RestartPolicy = { Name = "no" } } } end,
          stop = function() stopped[#stopped + 1] = id end,
        }
      end,
    }, {}, {}, { id = "j" })
    h.eq(stopped, { "1" })
  end)
end)

describe("cutover.measured", function()
  it("counts from the first stop to the last start", function()
    local m = require("plan.ops.cutover").measured({ frozen = "s1", started = "s2", healthy = "s3", copies = { "s0" } },
      { s0 = { bytes = 5, files = 2 }, s1 = { at = 100.5 }, s2 = { at = 103 }, s3 = { at = 104 } })
    h.eq(m.downtime, 2.5)
    h.eq(m.healthy_after, 3.5)
    h.eq(m.bytes, 5)
  end)
end)

describe("migrate.units", function()
  local sync = require "migrate.units"

  it("takes projects as a whole, and what the globs say", function()
    local function record(name, project) return { Id = name, Names = { "/" .. name },
      Labels = { ["com.docker.compose.project"] = project } } end
    local list = { record("web"), record("shop-db-1", "shop"), record("shop-app-1", "shop"), record "tmp" }
    local units = sync.units(list, sync.scope({}, { "t*" }))
    h.eq(table.concat(require("compose.tables").sorted(units), " "), "shop web")
    h.eq(units.shop.project, "shop")
    h.eq(next(sync.units(list, sync.scope({ "s*" }, { "shop" }))), nil)
  end)

  it("leaves secrets behind, or those that are there", function()
    local body = { Env = { "A=1", "DB_PASSWORD=x", "API_KEY=y", "EMPTY_TOKEN=" } }
    h.eq(table.concat(sync.without_secrets(body, { "API_KEY=theirs", "A=9" }), " "), "DB_PASSWORD")
    h.eq(table.concat(body.Env, " "), "A=1 API_KEY=theirs EMPTY_TOKEN=")
  end)

  it("tells what is not made alike", function()
    local rows = { { name = "a", state = "different", what = "env X" }, { name = "b", state = "only there" }, { name = "c",
      state = "same" } }
    h.eq(table.concat(require("migrate.sync_command").lines(rows, {}), "|"), "different: a (env X)|only on the target: b|1 the same|"
      .. "--update makes what is different like the source|--prune removes what only the target has")
  end)
end)
