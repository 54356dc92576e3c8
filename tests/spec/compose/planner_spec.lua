-- Declared state and observed state -> the steps between them.
local body = require "compose.body"
local decide = require "compose.decide"
local fs = require "fs"
local hash = require "compose.hash"
local judge = require "compose.judge"
local observe = require "compose.observe"
local planner = require "compose.planner"
local strategy = require "compose.strategy"

local LABEL = "com.docker.compose."

local function load(text)
  local temp <close> = fs.temp_dir()
  fs.write(temp.path .. "/compose.yaml", text)
  return require("compose").load { cwd = temp.path, project_name = "p", environment = {} }
end

-- A container of the engine's list, as one of ours made from a project.
local function container(p, service, number, more)
  local name = body.container_name(p, service, number)
  local r = {
    Id = (service .. number):rep(8), Names = { "/" .. name }, ImageID = "sha256:x", State = "running", Status = "Up 1 minute", Image = "x",
    Labels = {
      [LABEL .. "project"] = "p", [LABEL .. "service"] = service, [LABEL .. "container-number"] = tostring(number),
      [LABEL .. "image"] = "sha256:x", [hash.LABEL] = judge.hash(p, service), [hash.BASE] = judge.hash(p, service, nil, true),
    },
  }
  for k, v in pairs(more or {}) do r[k] = v end
  return r
end

local function network(p)
  local record = { Id = "n1", Name = "p_default", Driver = "bridge", Labels = { [LABEL .. "network"] = "default", [LABEL
    .. "project"] = "p" } }
  return p.model.networks and p.model.networks.default and { p_default = record } or {}
end

local function planned(p, records, options, more)
  local situation = {
    api = "1.41", containers = observe.containers(records or {}), images = { x = { Id = "sha256:x" } }, networks = network(p),
      network_ids = {},
    volumes = {},
  }
  for k, v in pairs(more or {}) do situation[k] = v end
  local planning = {
    target = "nas1", project = p, source = p, options = options or {}, digests = {}, situation = situation, notes = {},
    plan = require("plan").new { command = "up", at_once = true }, files = {}, stored = { root = "/r", files = 0, next = 1 },
    look = function(id)
      for _, r in ipairs(records) do
        if r.Id == id then return r.inspect end
      end
    end,
  }
  return planner.up(planning)
end

-- "compose.create p-web-1", ...: all steps, and what each waits for.
local function steps(p)
  local out = {}
  for i, s in ipairs(p.plan.steps) do out[i] = ("%s %s"):format(s.op, s.object.name) end
  return out
end

local function step(p, op, name)
  for _, s in ipairs(p.plan.steps) do
    if s.op == op and s.object.name == name then return s end
  end
end

local TWO = [[
services:
  web: {image: x, depends_on: [db]}
  db: {image: x}
]]

describe("compose.planner", function()
  it("nothing is there: what is needed first, then each service behind those that it depends on", function()
    local p = planned(load(TWO), {}, {}, { networks = {} })
    h.eq(steps(p), {
      "network.create p_default", "compose.create p-db-1", "container.start p-db-1", "compose.create p-web-1", "container.start p-web-1",
    })
    h.eq(step(p, "container.start", "p-web-1").depends, { step(p, "compose.create", "p-web-1").id, step(p, "container.start",
      "p-db-1").id })
    h.eq(step(p, "compose.create", "p-web-1").depends, { step(p, "network.create", "p_default").id })
  end)

  it("all is as declared: no step at all", function()
    local project = load(TWO)
    h.eq(steps(planned(project, { container(project, "web", 1), container(project, "db", 1) })), {})
  end)

  it("one service changed: only that is recreated, under a name of its own until the old one is gone", function()
    local project = load(TWO)
    local db = container(project, "db", 1)
    db.Labels[hash.LABEL], db.Labels[hash.BASE] = "other", "other"
    db.inspect = { Config = { Image = "x", Env = {}, Labels = {} }, HostConfig = {}, NetworkSettings = { Networks = { p_default = {} } } }
    local p = planned(project, { container(project, "web", 1), db })
    h.eq(steps(p), {
      "compose.create p-db-1", "container.stop p-db-1", "container.start p-db-1", "container.prove p-db-1", "container.remove p-db-1",
      "container.rename p-db-1",
    })
    h.eq(p.plan.steps[1].args.name, db.Id:sub(1, 12) .. "_p-db-1")
    h.eq({ p.plan.steps[1].group, p.plan.steps[2].group, p.plan.steps[5].group }, { "db", "db" })
  end)

  it("what a crash left: the new one that runs stays, the old one goes, the name comes back", function()
    local project = load(TWO)
    local old = container(project, "db", 1, { State = "exited", Status = "Exited (0) 1 second ago" })
    old.Labels[hash.LABEL], old.Labels[hash.BASE] = "other", "other"
    old.inspect = { Config = { Image = "x", Labels = {} }, HostConfig = {}, NetworkSettings = {} }
    local new = container(project, "db", 1, { Id = "new", Names = { "/abc_p-db-1" } })
    local p = planned(project, { container(project, "web", 1), old, new })
    h.eq(steps(p), { "container.start p-db-1", "container.prove p-db-1", "container.remove p-db-1", "container.rename p-db-1" })
    h.eq(step(p, "container.remove", "p-db-1").args.container, old.Id)
  end)

  it("limits are changed in place", function()
    local project = load "services: {db: {image: x, mem_limit: 64m}}\n"
    local db = container(project, "db", 1)
    db.Labels[hash.LABEL] = "other"
    db.inspect = {
      Config = { Image = "x", Labels = {} }, HostConfig = { Memory = 33554432, MemorySwap = 67108864, NetworkMode = "p_default" },
      NetworkSettings = { Networks = { p_default = {} } },
    }
    local p = planned(project, { db })
    h.eq(steps(p), { "container.update p-db-1" })
    h.eq(p.plan.steps[1].args.resources, { Memory = 67108864, MemorySwap = 134217728 })
  end)

  it("what is missing on the NAS is said, all of it", function()
    local err = h.raises({ code = "no_external" }, function()
      planned(load [[
services: {a: {image: x, networks: [n], volumes: ["vol:/v"]}}
networks: {n: {external: true}}
volumes: {vol: {external: true}}
]])
    end)
    h.contains(err.message .. err.why, "volume vol declared as external")
    h.contains(err.message .. err.why, "network n declared as external")
  end)

  it("a job that others wait for is not run again when it ended well", function()
    local project = load [[
services:
  web: {image: x, depends_on: {job: {condition: service_completed_successfully}}}
  job: {image: x}
]]
    local job = container(project, "job", 1, { State = "exited", Status = "Exited (0) 3 hours ago" })
    h.eq(steps(planned(project, { container(project, "web", 1), job })), {})
    job.Status = "Exited (1) 3 hours ago"
    h.eq(steps(planned(project, { container(project, "web", 1), job }))[1], "container.start p-job-1")
  end)

  it("orphans are told, or removed", function()
    local project = load "services: {web: {image: x}}\n"
    local orphan = container(load(TWO), "db", 1)
    local p = planned(project, { container(project, "web", 1), orphan })
    h.eq({ #p.plan.steps, #p.notes }, { 0, 1 })
    h.eq(steps(planned(project, { container(project, "web", 1), orphan }, { remove_orphans = true })), {
      "container.stop p-db-1", "container.remove p-db-1",
    })
  end)
end)

describe("compose.decide", function()
  local project = load "services: {web: {image: x}}\n"
  local function decided(count, records, fits)
    local d = decide.service(project, "web", count, observe.containers(records), function(c) return not fits[c.number]
      and { "image" } or nil end)
    local slots, surplus = {}, {}
    for i, s in ipairs(d.slots) do slots[i] = ("%d:%s"):format(s.number, s.keep and "keep" or #s.old > 0 and "replace" or "new") end
    for i, c in ipairs(d.surplus) do surplus[i] = c.name end
    return slots, surplus
  end

  it("up: numbers go on behind the highest; down: what does not fit goes first, then high numbers", function()
    local three = { container(project, "web", 1), container(project, "web", 2), container(project, "web", 5) }
    h.eq(decided(4, three, { [1] = true, [2] = true, [5] = true }), { "1:keep", "2:keep", "5:keep", "6:new" })
    local slots, surplus = decided(1, three, { [2] = true, [5] = true })
    h.eq(slots, { "2:keep" })
    h.eq(surplus, { "p-web-1", "p-web-5" })
  end)

  it("what an update left for people to look into is no container of the service", function()
    local failed = container(project, "web", 1, { Id = "f", Names = { "/p-web-1-failed" }, State = "exited" })
    local slots, surplus = decided(1, { container(project, "web", 1), failed }, { [1] = true })
    h.eq({ slots, surplus }, { { "1:keep" }, { "p-web-1-failed" } })
  end)
end)

describe("compose.strategy", function()
  local function of(text, options)
    local s = strategy.of(load("services: {a: {image: x, " .. text .. "}}\nvolumes: {data: }\n").model.services.a, options
      or { rolling = true })
    return s.order, s.why, s
  end

  it("start-first unless something exists once only, and why", function()
    h.eq(of "user: a", "start-first")
    h.eq(select(2, of('ports: ["8080:80"]')), "publishes host port 8080")
    h.eq(select(2, of('volumes: ["data:/d"]')), "sole writer of volume data")
    h.eq(of 'volumes: ["data:/d:ro"]', "start-first")
    h.eq(of 'volumes: ["/share/.qnap-docker/projects/p/current/a.conf:/a.conf"]', "start-first")
    h.eq(select(2, of('volumes: ["/share/.qnap-docker/projects/p/data/db:/db"]')), "sole writer of directory ./db")
    h.eq(of "network_mode: host", "stop-first")
  end)

  it("what the file says counts, with a warning where it is a risk", function()
    local _, _, s = of('volumes: ["data:/d"], deploy: {update_config: {order: start-first, parallelism: 2, delay: 3s, monitor: 4s}}', {})
    h.eq({ s.order, s.parallelism, s.delay, s.monitor, s.rolling }, { "start-first", 2, 3.0, 4.0, true })
    h.contains(s.warning, "two writers")
    _, _, s = of('ports: ["1:1"]', { strategy = "start-first" })
    h.eq({ s.order, s.warning ~= nil }, { "stop-first", true })
  end)
end)
