-- Which containers a verb means, whose turn it is when, what is waited for, and how what runs differs from the files.
local conditions = require "compose.conditions"
local declared = require "compose.declared"
local drift = require "compose.drift"
local hash = require "compose.hash"
local judge = require "compose.judge"
local observe = require "compose.observe"
local projects = require "compose.projects"
local verbs = require "compose.verbs"

local LABEL = "com.docker.compose."

local function record(service, number, more)
  local r = {
    Id = service .. number, Names = { ("/p-%s-%d"):format(service, number) }, ImageID = "sha256:1",
    State = "running", Status = "Up 2 minutes",
    Labels = { [LABEL .. "project"] = "p", [LABEL .. "service"] = service, [LABEL .. "container-number"] = tostring(number) },
  }
  for k, v in pairs(more or {}) do
    if k ~= "labels" then r[k] = v end
  end
  for k, v in pairs(more and more.labels or {}) do r.Labels[k] = v end
  return r
end

local function containers(...) return observe.containers { ... } end

local function project(services, disabled)
  return { name = "p", directory = "/src", model = { name = "p", services = services }, disabled = disabled or {} }
end

local function names(list)
  local out = {}
  for i, c in ipairs(list) do out[i] = c.name end
  return out
end

describe("compose.verbs", function()
  it("levels: each behind what it depends on, as far as these are taken", function()
    local deps = { web = { api = {}, db = {} }, api = { db = {} }, db = {}, cron = {} }
    h.eq(verbs.levels(deps, { web = true, api = true, db = true, cron = true }), { { "cron", "db" }, { "api" }, { "web" } })
    h.eq(verbs.levels(deps, { web = true, db = true }), { { "db" }, { "web" } })
    h.eq(verbs.levels({ a = { b = {} }, b = { a = {} } }, { a = true, b = true }), { { "b" }, { "a" } })
    h.eq(verbs.reversed { 1, 2, 3 }, { 3, 2, 1 })
  end)

  it("dependencies: the files count more than labels", function()
    local list = containers(record("web", 1, { labels = { [LABEL .. "depends_on"] = "old:service_started:false" } }),
      record("gone", 1, { labels = { [LABEL .. "depends_on"] = "web:service_started:false" } }))
    local deps = verbs.dependencies({ name = "p", services = {}, project = project { web = { depends_on = { db = {} } }, db = {} } }, list)
    h.eq(deps.web, { db = {} })
    h.eq(deps.gone, { web = { condition = "service_started", restart = false } })
  end)

  it("unnamed: what the files declare; named: whatever there is; without files: all", function()
    local oneoff = record("web", 2, { labels = { [LABEL .. "oneoff"] = "True" } })
    local list = containers(record("web", 1), record("old", 1), record("debug", 1), oneoff)
    local files = project({ web = {} }, { debug = {} })
    h.eq(names(verbs.chosen({ name = "p", services = {}, project = files }, list)), { "p-web-1" })
    h.eq(names(verbs.chosen({ name = "p", services = { "debug" }, project = files }, list)), { "p-debug-1" })
    local all = { "p-debug-1", "p-old-1", "p-web-1" }
    h.eq(names(verbs.chosen({ name = "p", services = {}, project = files }, list, { orphans = true })), all)
    h.eq(names(verbs.chosen({ name = "p", services = {} }, list)), all)
  end)
end)

describe("compose.conditions", function()
  local function met(condition, more) return conditions.met(containers(record("a", 1, more)), condition) end

  it("healthy", function()
    h.eq(met("service_healthy", { Status = "Up 1 second (healthy)" }), true)
    h.eq(met("service_healthy", { Status = "Up 1 second (health: starting)" }), false)
    h.eq(select(2, met("service_healthy", { Status = "Up 1 second (unhealthy)" })), "container p-a-1 is unhealthy")
    h.eq(select(2, met("service_healthy", { State = "exited", Status = "Exited (4) 1 second ago" })), "container p-a-1 exited (4)")
    local ok, why, unsure = met "service_healthy"
    h.eq({ ok, why, unsure.name }, { nil, "container p-a-1 has no health check", "p-a-1" })
    h.eq(met("service_healthy", { State = "restarting", Status = "Restarting (1) 1 second ago" }), false)
  end)

  it("ended well", function()
    local function ended(code) return { State = "exited", Status = ("Exited (%d) 1 second ago"):format(code) } end
    h.eq(met "service_completed_successfully", false)
    h.eq(met("service_completed_successfully", ended(0)), true)
    h.eq(select(2, met("service_completed_successfully", ended(3))), "container p-a-1 ended with exit code 3")
    h.eq(met "settled", true)
    h.eq(met("settled", ended(0)), true)
    h.eq(met("settled", ended(1)), nil)
    h.eq(met("settled", { Status = "Up 1 second (health: starting)" }), false)
  end)

  it("all of a service's containers count, and nothing is waited for when it only has to be started", function()
    local starting = record("a", 2, { Status = "Up 1 second (health: starting)" })
    local list = containers(record("a", 1, { Status = "Up 1 second (healthy)" }), starting)
    h.eq(conditions.met(list, "service_healthy"), false)
    h.eq(conditions.met(list, "service_started"), true)
  end)
end)

describe("compose.declared", function()
  local function hashed(name, service) return record(name, 1, { labels = { [hash.LABEL] = judge.hash(project { [name] = service },
    name) } }) end

  it("a service whose hash differs has changed; others' containers and services with files are not judged", function()
    local before, now = { image = "a:1" }, { image = "a:2" }
    local files = project { web = now, same = before, foreign = now, mounted = now }
    files.model.services.mounted = { image = "a:2", volumes = { { type = "bind", source = "/src/conf", target = "/c" } } }
    local list = containers(hashed("web", before), hashed("same", before), record("foreign", 1), hashed("mounted", before))
    h.eq(declared.changed(files, list), { "web" })
    h.eq(declared.note(files, list), "1 service changed in the file (web); 'compose up' applies it")
    h.eq(declared.note(project { same = before }, list), nil)
  end)

  it("a source that only begins as the project's directory does is outside of it", function()
    local service = { image = "a:2", volumes = { { type = "bind", source = "/src2", target = "/c" } } }
    h.eq(declared.changed(project { web = service }, containers(hashed("web", { image = "a:1" }))), { "web" })
  end)

  it("what configs and secrets hold is taken as it was", function()
    local service = { image = "a:1", configs = { { source = "c" } } }
    local made = judge.hash(project { web = service }, "web", "digest")
    local list = containers(record("web", 1, { labels = { [hash.LABEL] = made, [drift.CONTENTS] = "digest" } }))
    h.eq(declared.changed(project { web = service }, list), {})
    h.eq(declared.changed(project { web = { image = "a:2", configs = service.configs } }, list), { "web" })
  end)

  it("what is kept beside a service's containers does not count", function()
    local failed = record("web", 2, { Names = { "/p-web-1-failed" }, State = "exited", Status = "Exited (1) 1 second ago" })
    local files = project { web = { image = "a" } }
    h.eq(declared.problems({ name = "p", services = {}, project = files }, containers(record("web", 1), failed)), {})
    h.eq(declared.problems({ name = "p", services = {} }, containers(record("web", 1), failed)), {})
    h.eq(names(verbs.chosen({ name = "p", services = {}, project = files }, containers(record("web", 1), failed))), { "p-web-1" })
  end)

  it("what is not as declared", function()
    local files = project {
      web = { image = "a", scale = 2 }, job = { image = "a", deploy = { replicas = 1 } }, db = { image = "a", restart = "always" },
    }
    local list = containers(record("web", 1, { Status = "Up 1 second (unhealthy)" }),
      record("job", 1, { State = "exited", Status = "Exited (0) 1 second ago" }),
      record("db", 1, { State = "exited", Status = "Exited (0) 1 second ago" }), record("old", 1))
    h.eq(declared.problems({ name = "p", services = {}, project = files }, list), {
      "db: p-db-1 ended with exit code 0", "web: 1 of 2 containers", "web: p-web-1 is unhealthy", "old: is in no file",
    })
    h.eq(declared.problems({ name = "p", services = {} }, list), { "web: p-web-1 is unhealthy" })
    h.eq(declared.problems({ name = "p", services = {}, project = project { web = { image = "a" } } }, containers(record("web", 1))), {})
  end)
end)

describe("compose.projects", function()
  local function of(project_name, state, files)
    return { State = state, Labels = { [LABEL .. "project"] = project_name, [LABEL .. "project.config_files"] = files } }
  end

  it("one row for each project, states counted, files once each", function()
    local list = projects.of {
      of("b", "running", "/b.yaml"), of("a", "running", "/1,/2"), of("a", "exited", "/2,/3"), of("a", "running", "/1"),
    }
    h.eq(list[1], { name = "a", status = "exited(1), running(2)", config_files = "/1,/2,/3", containers = 3 })
    h.eq(projects.of { of("c", "running", nil) }[1].config_files, "N/A")
    h.eq(projects.json { list[2] }, '[{"Name":"b","Status":"running(1)","ConfigFiles":"/b.yaml"}]\n')
    h.eq(projects.json {}, "[]\n")
  end)

  it("--filter name: a name, or a regular expression in it", function()
    local function kept(pattern, name) return projects.filter { "name=" .. pattern }(name) end
    h.eq({ kept("sh", "shop"), kept("^ho", "shop"), kept("op$", "shop"), kept("s.*p", "shop"), kept("[a-z]+-1", "shop-1") },
      { true, false, true, true, true })
    h.eq({ kept("a-1", "xa-12"), kept("a-b", "ab"), projects.filter {} "any" }, { true, false, true })
    h.raises({ category = "usage", code = "bad_filter" }, projects.filter, { "name=(a|b)" })
    h.raises({ category = "usage", code = "bad_filter" }, projects.filter, { "label=x" })
  end)
end)
