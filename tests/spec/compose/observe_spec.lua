-- What a NAS has of a project, and in which order it is taken.
local cli = require "compose.cli"
local hash = require "compose.hash"
local observe = require "compose.observe"
local order = require "compose.order"

local LABEL = "com.docker.compose."

local function record(service, number, more)
  local r = {
    Id = service .. number, Names = { ("/p-%s-%d"):format(service, number) }, ImageID = "sha256:1",
    State = "running", Status = "Up 2 minutes",
    Labels = { [LABEL .. "project"] = "p", [LABEL .. "service"] = service, [LABEL .. "container-number"] = tostring(number) },
  }
  for k, v in pairs(more or {}) do r[k] = v end
  return r
end

describe("compose.observe", function()
  it("containers by service and number, one-offs last, what is of no project left out", function()
    local oneoff = record("a", 1)
    oneoff.Names, oneoff.Labels[LABEL .. "oneoff"] = { "/p-a-run-1" }, "True"
    local loose = { Id = "x", Names = { "/x" }, Labels = {} }
    local list = observe.containers { record("web", 10), oneoff, record("web", 2), record("db", 1), loose }
    local names = {}
    for i, c in ipairs(list) do names[i] = c.name end
    h.eq(names, { "p-db-1", "p-web-2", "p-web-10", "p-a-run-1" })
  end)

  it("health and exit code stand in the status", function()
    h.eq(observe.container(record("a", 1, { Status = "Up 1 second (health: starting)" })).health, "starting")
    h.eq(observe.container(record("a", 1, { Status = "Up 1 second (healthy)" })).health, "healthy")
    h.eq(observe.container(record("a", 1)).health, nil)
    h.eq(observe.container(record("a", 1, { State = "exited", Status = "Exited (137) 3 days ago" })).exit_code, 137)
  end)
end)

describe("compose.order", function()
  local deps = { web = { api = {}, db = {} }, api = { db = {} }, db = {}, cron = {} }

  it("what others depend on comes first", function()
    h.eq(order.forward(deps), { "db", "api", "cron", "web" })
    h.eq(order.backward(deps), { "web", "cron", "api", "db" })
    h.eq(order.forward(deps, { web = true, db = true }), { "db", "web" })
  end)

  it("those that depend on some, and what some depend on", function()
    h.eq(order.dependants(deps, { api = true }), { web = true })
    h.eq(order.dependants(deps, { db = true }), { api = true, web = true })
    h.eq(order.closure(deps, { "api" }), { api = true, db = true })
  end)

  it("labels tell it, too", function()
    local list = observe.containers { record("web", 1), record("db", 1) }
    list[2].labels[LABEL .. "depends_on"] = "db:service_healthy:true"
    h.eq(order.of_containers(list), { web = { db = { condition = "service_healthy", restart = true } }, db = {} })
  end)
end)

describe("compose.hash", function()
  it("another setting or content is another hash; what needs no other container is not", function()
    local one = hash.service({ image = "x", scale = 1, deploy = { replicas = 2 } })
    h.eq(#one, 64)
    h.eq(hash.service { image = "x", scale = 3, build = {}, deploy = { replicas = 3, update_config = { order = "start-first" } } }, one)
    h.eq(hash.service { image = "x" }, one)
    h.eq(hash.service { image = "y" } ~= one, true)
    h.eq(hash.service({ image = "x" }, "content") ~= one, true)
  end)
end)

describe("compose.cli.select", function()
  local containers = observe.containers { record("web", 1), record("web", 2), record("db", 1, { State = "exited" }) }

  it("services, states and indexes", function()
    h.eq(#cli.select({ name = "p", services = {} }, containers), 3)
    h.eq(#cli.select({ name = "p", services = { "web" } }, containers), 2)
    h.eq(cli.select({ name = "p", services = { "web" } }, containers, { index = 2 })[1].name, "p-web-2")
    h.eq(#cli.select({ name = "p", services = {} }, containers, { states = { running = true } }), 2)
  end)

  it("a service that nobody knows is told, with those that are there", function()
    h.raises("no such service", function() cli.select({ name = "p", services = { "wbe" } }, containers) end)
  end)
end)
