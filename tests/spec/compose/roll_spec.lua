-- Going over to another version and back: green, the switch, copies of volumes, revisions, proxies.
local blue_green = require "compose.blue_green"
local fs = require "fs"
local green = require "compose.green"
local kept = require "compose.kept"
local proxy = require "compose.proxy"
local revision = require "compose.revision"
local snapshots = require "compose.snapshots"

local function load(text)
  local temp <close> = fs.temp_dir()
  fs.write(temp.path .. "/compose.yaml", text)
  local project = require("compose").load { cwd = temp.path, project_name = "p", environment = {} }
  for name, own in pairs(project.extensions) do project.model.services[name]["x-qnap"] = own["x-qnap"] end
  return project
end

local SHOP = [[
x-qnap: {verify: [{service: web, command: true-or-not}, {service: db, command: [pg_isready, -q]}]}
services:
  web:
    image: w
    container_name: shop
    restart: always
    ports: ["80:80"]
    networks: {front: , edge: {ipv4_address: 10.0.0.5}}
    volumes: ["/var/run/docker.sock:/s", "./html:/html:ro"]
  db: {image: d, network_mode: host, volumes: ["data:/d", "fresh:/f"]}
networks: {front: {ipam: {config: [{subnet: 10.1.0.0/24}]}, driver: macvlan}, edge: {external: true}}
volumes: {data: {}, fresh: {}}
]]

describe("compose.green", function()
  it("has other names, networks of its own, and no port, name or policy that blue has", function()
    local project = load(SHOP)
    local g = green.of(project, { p_data = {} })
    local web, db = g.model.services.web, g.model.services.db
    h.eq(g.name, "p-green")
    h.eq({ web.container_name, web.ports, web.restart }, { nil, nil, "no" })
    h.eq(web.networks.edge, nil)
    h.eq(g.model.networks.front.name, "p-green_front")
    h.eq({ g.model.networks.front.ipam, g.model.networks.front.driver, g.model.networks.edge }, {})
    h.eq({ db.network_mode, db.networks }, { nil, { default = {} } })
    h.eq(g.model.networks.default.name, "p-green_default")
    h.eq(web.labels[green.LABEL], "p")
    h.eq(project.model.services.web.container_name, "shop")
  end)

  it("shares the volumes that there are, and has the others for itself", function()
    local volumes = green.of(load(SHOP), { p_data = {} }).model.volumes
    h.eq({ volumes.data.name, volumes.data.external }, { "p_data", true })
    h.eq({ volumes.fresh.name, volumes.fresh.external }, { "p-green_fresh", nil })
  end)

  it("tells what both would write to: no sockets, nothing read-only, no volume that is not there yet", function()
    h.eq(green.shared(load(SHOP), { p_data = {} }), { "volume data of service 'db'" })
    h.eq(green.shared(load(SHOP), {}), {})
    local bound = green.shared(load "services: {a: {image: x, volumes: ['/share/a:/a']}}\n", {})
    h.eq(bound, { "directory /share/a of service 'a'" })
  end)

  it("a command to verify is words, or a line for the shell", function()
    h.eq(green.checks(load(SHOP)), {
      { service = "web", command = { "sh", "-c", "true-or-not" } }, { service = "db", command = { "pg_isready", "-q" } },
    })
    for _, bad in ipairs { "{verify: [{service: nobody, command: x}]}", "{verify: [{service: a}]}", "{verify: [x]}", "{verify: yes}" } do
      local err = h.raises("is not understood", function() green.checks(load(("x-qnap: %s\nservices: {a: {image: x}}\n"):format(bad))) end)
      h.eq(err.code, "bad_verify")
    end
  end)
end)

-- A plan of two services, one behind the other, as it would be without blue-green.
local function rolling()
  local plan = require("plan").new { command = "up", at_once = true }
  local function add(op, name, service, depends)
    return plan:add({ target = "n", op = op, object = { kind = "container", name = name }, group = service, depends = depends }).id
  end
  add("network.create", "net")
  local last
  for _, name in ipairs { "db", "web" } do
    local made = add("compose.create", name, name, { "s1" })
    local stopped = add("container.stop", name, name, { made, last })
    local started = add("container.start", name, name, { stopped, last })
    last = add("container.prove", name, name, { started })
    add("container.rename", name, nil, { last })
  end
  return plan
end

local function index_of(plan, op, name)
  for i, step in ipairs(plan.steps) do
    if step.op == op and step.object.name == name then return i, step end
  end
end

describe("compose.blue_green", function()
  it("all new ones are made before the first old one stops, and all old ones stop before the first new one starts", function()
    local p = { plan = rolling(), project = load "services: {web: {image: x, depends_on: [db]}, db: {image: x}}\n" }
    p.plan:add({ id = "gate", target = "n", op = "compose.verify" })
    table.insert(p.plan.steps, 1, table.remove(p.plan.steps))
    blue_green.together(p, 2, { "gate" })
    local at = {}
    for _, name in ipairs { "db", "web" } do
      for _, op in ipairs { "compose.create", "container.stop", "container.start" } do at[op .. name] = index_of(p.plan, op, name) end
    end
    h.ok(math.max(at["compose.createdb"], at["compose.createweb"]) < math.min(at["container.stopdb"], at["container.stopweb"]))
    h.ok(math.max(at["container.stopdb"], at["container.stopweb"]) < math.min(at["container.startdb"], at["container.startweb"]))
    h.ok(at["container.stopweb"] < at["container.stopdb"], "what depends on others stops first")
    h.ok(at["container.startdb"] < at["container.startweb"], "what others depend on starts first")
  end)

  it("every step waits for the verdict, is one group, and stands behind what it waits for", function()
    local p = { plan = rolling(), project = load "services: {web: {image: x, depends_on: [db]}, db: {image: x}}\n" }
    p.plan:add({ id = "gate", target = "n", op = "compose.verify" })
    table.insert(p.plan.steps, 1, table.remove(p.plan.steps))
    blue_green.together(p, 2, { "gate" })
    local groups = {}
    for i, step in ipairs(p.plan.steps) do
      if i > 1 then h.contains(table.concat(step.depends, " "), "gate") end
      if step.group then groups[step.group] = true end
    end
    h.eq(#require("compose.tables").sorted(groups), 1)
    local _, rename = index_of(p.plan, "container.rename", "db")
    local _, proof = index_of(p.plan, "container.prove", "web")
    h.contains(table.concat(rename.depends, " "), proof.id)
    h.eq(require("plan.check").problem(require("json").decode(require("json").encode(p.plan:document()))), nil)
  end)
end)

describe("compose.kept", function()
  local function c(name, state, more)
    local out = { name = name, project = "p", service = "web", number = 1, state = state, labels = {}, id = name }
    for key, value in pairs(more or {}) do out[key] = value end
    return out
  end

  it("knows blue containers, and none that a service calls so", function()
    local project = load "services: {web: {image: x, container_name: app-blue}, b: {image: x}}\n"
    h.eq(kept.is_blue(c("app-blue", "running"), project), false)
    h.eq(kept.is_blue(c("app-blue-blue", "exited"), project), true)
    h.eq(kept.is_blue(c("p-web-1-blue", "running")), true)
    h.eq(kept.is_blue(c("other-blue", "running")), false)
    h.eq(kept.is_kept(c("p-web-1-failed", "exited")), true)
    h.eq(kept.is_kept(c("p-web-1", "running")), false)
  end)

  it("they are kept as long as the switch said, or an hour from their end", function()
    local blue = { c("p-web-1-blue", "exited", { labels = { [kept.UNTIL] = "9999" } }) }
    local function look() return { State = { FinishedAt = "1970-01-01T00:10:00Z" } } end
    h.eq(kept.until_when({ c("p-web-1", "running", { labels = { [kept.UNTIL] = "77" } }), blue[1] }, blue, look), 77)
    h.eq(kept.until_when(blue, blue, look), 600 + 3600)
  end)
end)

describe("compose.snapshots", function()
  it("databases by the name of their image", function()
    for _, ref in ipairs { "postgres", "bitnami/postgresql:16", "localhost:5000/x/mariadb", "redis:7-alpine", "mongo@sha256:1" } do
      h.eq(snapshots.is_database(ref), true)
    end
    for _, ref in ipairs { "nginx", "postgres/web", "localhost:5000/app:redis" } do h.eq(snapshots.is_database(ref), false) end
  end)

  it("auto, always, never, and a label of the service", function()
    local yes, no = { labels = { ["qnap-docker.snapshot"] = "true" } }, { labels = { ["qnap-docker.snapshot"] = "false" } }
    h.eq(snapshots.wanted({}, "postgres", "auto"), true)
    h.eq(snapshots.wanted({}, "nginx", "auto"), false)
    h.eq(snapshots.wanted(yes, "nginx", "auto"), true)
    h.eq(snapshots.wanted(no, "postgres", "auto"), false)
    h.eq(snapshots.wanted(no, "nginx", "always"), true)
    h.eq(snapshots.wanted(yes, "postgres", "never"), false)
    h.eq(snapshots.wanted(yes, "postgres", nil), false)
  end)

  local function steps(options, mounts)
    local added = {}
    local w = {
      service = "db",
      planning = { options = options, project = load "services: {db: {image: x}}\n", time = 0, stored = { revision = 4 } },
    }
    local old = { id = "o", image_id = "i", record = { Image = "postgres", Mounts = mounts } }
    local last = snapshots.steps(w, old, { "stopped" }, function(op, args, more)
      added[#added + 1] = { op = op, args = args, depends = more.depends }
      return "s" .. #added
    end)
    return added, last
  end
  local DATA = { Type = "volume", Name = "p_data", Destination = "/d", RW = true }

  it("named volumes that the old container writes to are copied one after the other", function()
    local added, last = steps({ snapshot_volumes = "auto" }, {
      DATA, { Type = "volume", Name = "ro", Destination = "/r", RW = false }, { Type = "bind", Source = "/x", Destination = "/x",
        RW = true },
      { Type = "volume", Name = ("0a"):rep(32), Destination = "/anon", RW = true },
    })
    h.eq({ #added, added[1].op, added[1].depends, last }, { 1, "snapshot.copy", { "stopped" }, { "s1" } })
    h.eq(added[1].args.to, "p_data-snapshot-19700101-000000")
    h.eq(added[1].args.labels[snapshots.REVISION], "4")
  end)

  it("what is brought back is brought back after what is there was kept", function()
    local added, last = steps({ snapshot_volumes = "never", restore = { p_data = "old-copy" } }, { DATA })
    h.eq({ added[1].op, added[2].op, added[2].depends, last }, { "snapshot.copy", "snapshot.restore", { "s1" }, { "s2" } })
    h.eq({ added[1].args.spare, added[1].args.required, added[2].args.from }, { "old-copy", true, "old-copy" })
    h.eq(added[2].args.kept, added[1].args.to)
  end)

  it("a volume whose name looks like a number is one, too", function()
    local added = steps({ snapshot_volumes = "always" }, { { Type = "volume", Name = "db", Destination = "/d", RW = true } })
    h.eq(#added, 1)
  end)

  it("two copies of a second have two names", function()
    h.eq(snapshots.name("v", 0, { ["v-snapshot-19700101-000000"] = {} }), "v-snapshot-19700101-000000-2")
  end)

  it("nothing to do: it may start at once", function()
    local added, last = steps({ snapshot_volumes = "never" }, { DATA })
    h.eq({ #added, last }, { 0, { "stopped" } })
  end)

  it("the last copy of a revision counts", function()
    local list = {
      { name = "c", volume = "v", revision = 3 }, { name = "b", volume = "v", revision = 2 }, { name = "a", volume = "v", revision = 2 },
    }
    h.eq(snapshots.of_revision(list, 2), { v = "b" })
    h.eq(snapshots.of_revision(list, 9), {})
  end)
end)

describe("compose.revision", function()
  it("goes back to the good one before the newest", function()
    local list = { { number = 5, result = "ok" }, { number = 4, result = "failed" }, { number = 3, result = "ok" } }
    h.eq(revision.previous({ revisions = list }).number, 3)
    h.eq(revision.previous { revisions = { list[1] } }, nil)
  end)

  it("an image is asked for by its name while that means the same one, then by its digest, then by its id", function()
    local image = { image = "reg:5000/app:1", id = "sha256:a", digest = "sha256:d" }
    local digest = "reg:5000/app@sha256:d"
    h.eq(revision.reference(image, "reg:5000/app:1", { ["reg:5000/app:1"] = "sha256:a" }), "reg:5000/app:1")
    h.eq(revision.reference(image, "reg:5000/app:1", { ["reg:5000/app:1"] = "sha256:b", [digest] = "sha256:a" }), digest)
    h.eq(revision.reference(image, "reg:5000/app:1", { ["sha256:a"] = "sha256:a" }), "sha256:a")
    h.eq(revision.reference(image, "reg:5000/app:1", {}), digest)
    h.eq(revision.reference({ image = "app", id = "sha256:a" }, "app", {}), nil)
  end)

  it("a record without a model is none to go back to", function()
    h.eq(h.raises("has no model", function() revision.project({ number = 1 }, "p") end).code, "no_model")
  end)

  it("paths are those that the NAS has the revision's files by; its own stay", function()
    local project = revision.project({
      number = 1, directory = "/home/u/p", compose_files = { "/home/u/p/compose.yaml" },
      model = { services = { web = { volumes = {
        { type = "bind", source = "/home/u/p/conf", target = "/c", read_only = true },
        { type = "bind", source = "/home/u/p/html", target = "/h" }, { type = "bind", source = "/share/x", target = "/x" },
      } } } },
    }, "p")
    local manifest = {
      ["rev/conf"] = { kind = "dir", mode = 493, sha256 = "" }, ["rev/conf/a"] = { kind = "file", mode = 420, sha256 = "1" },
      ["data/html"] = { kind = "dir", mode = 493, sha256 = "" },
    }
    local nas = { name = "n", profile = { kind = "ssh", name = "n" } }
    local made = require("compose.sync").kept(nas, project, { root = "/r" }, manifest)
    local sources = {}
    for i, v in ipairs(made.project.model.services.web.volumes) do sources[i] = v.source end
    h.eq(sources, { "/r/current/conf", "/r/data/html", "/share/x" })
    h.eq(project.model.services.web.volumes[1].source, "/home/u/p/conf")
    manifest["rev/conf/a"].sha256 = "2"
    h.ok(made.digests.web ~= require("compose.sync").kept(nas, project, { root = "/r" }, manifest).digests.web, "another content")
  end)
end)

describe("compose.proxy", function()
  local WEB = [[
services:
  web:
    image: x
    ports: ["8080:80", "127.0.0.1:8443:443", "53:53/udp"]
    networks: {front: {aliases: [www]}}
    x-qnap: {proxy: %s}
networks: {front: {}}
]]

  it("TCP ports move to a service in front of it, UDP ports stay", function()
    local project = load(WEB:format "true")
    local services = proxy.of(project).model.services
    local moved = {}
    for i, p in ipairs(services["web-proxy"].ports) do moved[i] = p.published .. ":" .. p.target end
    h.eq(moved, { "8080:80", "8443:443" })
    h.eq({ #services.web.ports, services.web.ports[1].protocol }, { 1, "udp" })
    h.eq(services["web-proxy"].networks, { front = {} })
    h.eq(services["web-proxy"].depends_on.web.condition, "service_started")
    h.contains(services["web-proxy"].entrypoint[3], "nc web 443")
    h.eq(#project.model.services.web.ports, 3)
  end)

  it("so that it can be replaced start-first", function()
    local project = load(WEB:format("{image: mine:1}"):gsub(', "53:53/udp"', ""))
    local strategy = require "compose.strategy"
    h.eq(strategy.of(project.model.services.web, { rolling = true }).order, "stop-first")
    local with = proxy.of(project)
    h.eq(strategy.of(with.model.services.web, { rolling = true }).order, "start-first")
    h.eq(with.model.services["web-proxy"].image, "mine:1")
  end)

  it("without x-qnap.proxy nothing is another project", function()
    local project = load "services: {web: {image: x, ports: ['80:80']}}\n"
    h.eq(proxy.of(project), project)
    h.eq(proxy.of(load(WEB:format "false")).model.services["web-proxy"], nil)
  end)

  it("what cannot have one says why", function()
    for _, text in ipairs {
      "services: {web: {image: x, x-qnap: {proxy: true}}}", "services: {web: {image: x, ports: ['53:53/udp'], x-qnap: {proxy: true}}}",
      "services: {web: {image: x, ports: ['80:80'], network_mode: bridge, x-qnap: {proxy: true}}}",
      "services: {web: {image: x, ports: ['80:80'], x-qnap: {proxy: yes please}}}",
      "services: {web: {image: x, ports: ['80:80'], x-qnap: {proxy: true}}, web-proxy: {image: x}}",
    } do
      h.eq(h.raises("cannot have a proxy", function() proxy.of(load(text .. "\n")) end).code, "bad_proxy")
    end
  end)
end)
