-- Plans as data: what they print, what is saved of them, the engine that only reads, and journals after a crash.
local journal = require "plan.journal"
local json = require "json"
local plan = require "plan"
local show = require "plan.show"

local function step(fields)
  local out = {
    target = "nas1", op = "container.remove", args = { container = "a" }, verb = "remove", object = { kind = "container", name = "a" },
  }
  for key, value in pairs(fields or {}) do
    out[key] = value
  end
  return out
end

local function two()
  local p = plan.new { command = "test" }
  p:add(step { bytes = 1500, danger = 2 })
  p:add(step { verb = "replace", object = { kind = "container", name = "b\27[31m" }, before = "x:1", after = "x:2" })
  return p
end

describe("a plan", function()
  it("prints its steps and the sum, without control characters", function()
    h.eq(show.text(two()), "- remove container a  1.5kB\n^ replace container b  x:1 -> x:2\n"
      .. "Plan: 0 to create, 1 to replace, 1 to destroy; frees up to 1.5kB\n")
  end)

  it("groups several NASes", function()
    local p = two()
    p:add(step { target = "nas2" })
    h.contains(show.text(p), "nas2:\n  - remove container a\n")
  end)

  it("does not show secrets", function()
    require("core.log").secret "opensesame1"
    local p = plan.new { command = "test" }
    p:add(step { verb = "change", before = "opensesame1", after = "other" })
    h.contains(show.text(p), "(changed)")
    h.lacks(show.text(p), "opensesame1")
  end)

  it("is the same after it was saved and read", function()
    local p = two()
    local again = plan.from_document(json.decode(json.encode(p:document())))
    h.eq(show.text(again), show.text(p))
    h.eq(again:danger(), 2)
  end)

  it("leaves secrets out of what is saved, and says which", function()
    local p = plan.new { command = "test" }
    p:add(step { op = "container.create", args = { name = "a", body = { Env = { "DB_PASSWORD=topsecret", "COLOR=red" } } } })
    local text = json.encode(p:document())
    h.lacks(text, "topsecret")
    h.eq(p:document().steps[1].args.hidden, { "DB_PASSWORD" })
    h.eq(p.steps[1].args.body.Env[1], "DB_PASSWORD=topsecret")
  end)

  it("refuses what is none", function()
    for _, document in ipairs { 1, {}, { steps = {} }, { version = 1, command = "x", steps = { { id = "s1" } } },
      { version = 99, command = "x", steps = {} } } do
      h.raises({ category = "usage", code = "bad_plan" }, plan.from_document, document)
    end
    local p = two():document()
    p.steps[2].id = "s1"
    h.raises({ code = "bad_plan" }, plan.from_document, p)
  end)

  it("knows the operations of plan/ops alone", function()
    for _, op in ipairs { "os.execute", "container.nothing", "../x.y", "script", "container.", "" } do
      h.raises({ category = "unsupported", code = "unknown_operation" }, function()
        local p = plan.new { command = "test" }
        p:op(p:add(step { op = op }))
      end)
    end
  end)
end)

describe("a state's hash", function()
  it("is the same for the same members, whatever their order", function()
    local hash = require("plan.hash").of
    h.eq(hash { a = 1, b = { "x" } }, hash { b = { "x" }, a = 1 })
    h.ne(hash { a = 1 }, hash { a = 2 })
    h.ne(hash(nil), hash {})
    h.matches(hash "x", "^%x+$")
  end)
end)

describe("the engine that only reads", function()
  local sent
  local function nas()
    sent = {}
    local engine = { facts = function() return {} end, api = function() return "1.41" end, close = function() end }
    for _, name in ipairs { "request", "stream", "hijack" } do
      engine[name] = function(_, options)
        if (options.method or "GET") ~= "GET" and options.method ~= "HEAD" then
          error "something was written"
        end
        sent[#sent + 1] = options.path
        return { status = 200, headers = { ["content-type"] = "application/json" }, body = json.array {} }
      end
    end
    return require("docker").from_engine(engine, "nas1")
  end

  it("reads", function()
    local reader = plan.reader(nas())
    h.eq(#reader:containers { all = true }, 0)
    h.eq(sent, { "/containers/json" })
    h.ok(not reader:supports "1.42")
  end)

  it("refuses every other method, by whatever way", function()
    local reader = plan.reader(nas())
    local writes = {
      function() reader:container("a"):stop() end,
      function() reader:container("a"):remove {} end,
      function() reader:container("a"):wait() end,
      function() reader:create({ Image = "x" }, {}) end,
      function() reader:pull { ref = "x" } end,
      function() reader:volume("a"):remove() end,
      function() reader:container("a"):attach { tty = false } end,
      function() reader:request { method = "PUT", path = "/x" } end,
      function() reader.engine:request { method = "POST", path = "/x" } end,
      function() reader:hijack { method = "GET", path = "/x" } end,
    }
    for _, write in ipairs(writes) do
      h.raises({ code = "plan_would_write" }, write)
    end
    h.eq(sent, {})
  end)
end)

describe("a journal", function()
  local function text(...)
    local by = { pid = 1, host = require("sys").hostname(), birth = "no" }
    local lines = { json.encode { t = "plan", id = "x", ts = 1, by = by, plan = two():document() } }
    for _, record in ipairs { ... } do
      lines[#lines + 1] = type(record) == "string" and record or json.encode(record)
    end
    return table.concat(lines, "\n")
  end

  it("tells how far a run came", function()
    local done = { t = "done", step = "s1", result = { id = "1" } }
    local job = journal.parse(text({ t = "started", step = "s1" }, done, { t = "started", step = "s2" }))
    h.eq(job.state, "interrupted")
    h.eq(job.steps.s1, { state = "done", result = { id = "1" } })
    h.eq(job.steps.s2.state, "started")
  end)

  it("takes a torn last line for one that was not written", function()
    local job = journal.parse(text({ t = "started", step = "s1" }, '{"t":"done","st'))
    h.eq(job.steps.s1.state, "started")
    h.eq(journal.parse(text({ t = "end", state = "finished" }, '{"t":')).state, "finished")
    h.eq(journal.parse '{"t":"pl', nil)
  end)

  it("has no ids that are paths", function()
    for _, id in ipairs { "../x", "a/b", "", ".", "a b" } do
      h.raises({ category = "not_found", code = "no_such_job" }, journal.read, id)
    end
  end)
end)

describe("a job", function()
  it("is one command's at a time, and only as that command saw it", function()
    local fs = require "fs"
    local home <close> = fs.temp_dir()
    h.with(require "profile", { paths = function() return { state = home.path } end }, function()
      local p = plan.new { command = "script" }
      p:add { target = "here", describe = "fail", apply = function() Error { category = "fail", code = "no", message = "no" } end }
      h.raises({ code = "no" }, p.apply, p, { nas_of = function() return { name = "here" } end })
      local job = journal.list()[1]
      do
        local other <close> = fs.open(journal.folder() .. "/" .. job.id .. ".ndjson", "a")
        h.ok(other:lock())
        h.raises({ code = "locked", category = "conflict" }, journal.open, job, { t = "resumed" })
        job.state = "running"
        h.raises({ code = "locked" }, journal.ended, job, 0.01)
        require("task").spawn(function() other:close() end)
        h.eq(journal.ended(job, 60).state, "failed")
      end
      h.raises({ code = "job_changed" }, journal.open, job, { t = "resumed" })
      job.state = "failed"
      journal.open(job, { t = "resumed" }, 1):close()
    end)
  end)
end)

describe("a plan of a script", function()
  it("does, journals and takes back steps with functions", function()
    local fs = require "fs"
    local home <close> = fs.temp_dir()
    local profile = require "profile"
    h.with(profile, { paths = function() return { state = home.path } end }, function()
      local seen = {}
      local p = plan.new { command = "script", undo_on_failure = true }
      for _, name in ipairs { "a", "b", "c" } do
        p:add {
          target = "here", describe = "do " .. name,
          apply = function()
            seen[#seen + 1] = name
            if name == "c" then
              Error { category = "fail", code = "no", message = "no c" }
            end
            return { name = name }
          end,
          undo = function(_, _, result) seen[#seen + 1] = "-" .. tostring(result.name) end,
        }
      end
      local err = h.raises({ code = "no" }, p.apply, p, { nas_of = function() return { name = "here" } end })
      h.ok(err.undone)
      h.eq(seen, { "a", "b", "c", "-nil", "-b", "-a" })
      h.eq(journal.list()[1].state, "undone")
    end)
  end)
end)

describe("taking back", function()
  local function run(steps, nas_of)
    local fs = require "fs"
    local home <close> = fs.temp_dir()
    local err
    h.with(require "profile", { paths = function() return { state = home.path } end }, function()
      local p = plan.new { command = "script", undo_on_failure = true }
      for _, one in ipairs(steps) do p:add(one) end
      p:add { target = "here", describe = "fail", apply = function() Error { category = "fail", code = "no", message = "no" } end }
      err = h.raises({ code = "no" }, p.apply, p, { nas_of = nas_of or function() return { name = "here" } end })
    end)
    return err
  end

  it("goes on in front of a step that stands apart, and stops at any other", function()
    local seen
    local function steps(apart)
      seen = {}
      local function nothing() end
      return {
        { target = "here", describe = "a", apply = nothing, undo = function() seen[#seen + 1] = "a" end },
        { target = "here", describe = "b", apply = nothing, apart = apart,
          undo = function() Error { category = "fail", code = "stuck", message = "stuck" } end },
      }
    end
    h.eq(run(steps(true)).undone, false)
    h.eq(seen, { "a" })
    h.eq(run(steps(nil)).undone, false)
    h.eq(seen, {})
  end)

  it("tries a NAS that was gone by a new connection", function()
    local asked = {}
    local err = run({
      { target = "here", describe = "a", apply = function() end,
        undo = function(nas)
          if nas.old then Error { category = "connect", code = "gone", message = "gone" } end
        end },
    }, function(_, anew)
      asked[#asked + 1] = anew or false
      return { name = "here", old = not anew }
    end)
    h.eq(err.undone, true)
    h.eq(asked[#asked], true)
  end)
end)

describe("what a recreated container is asked for", function()
  it("leaves out what the image, the engine and the moment added", function()
    local id = ("ab"):rep(32)
    local body = require("recreate.body").of({
      Id = id, Image = "sha256:1",
      Config = {
        Image = "app", Hostname = id:sub(1, 12), Env = { "PATH=/bin", "A=1" }, Cmd = { "serve" },
        Entrypoint = { "/run" }, WorkingDir = "/srv",
        Labels = { v = "1", mine = "x", ["qnap-docker.journal"] = "j" }, ExposedPorts = { ["80/tcp"] = {}, ["90/tcp"] = {} }, User = "",
      },
      HostConfig = { NetworkMode = "net", Binds = { "named:/data" } },
      Mounts = { { Type = "volume", Name = "named", Destination = "/data" },
        { Type = "volume", Name = "ff", Destination = "/anon", RW = true } },
      NetworkSettings = {
        Networks = { net = { Aliases = { id:sub(1, 12), "web" }, IPAMConfig = { IPv4Address = "10.0.0.9" }, IPAddress = "10.0.0.9" } },
      },
    }, { Config = { Env = { "PATH=/bin" }, Cmd = { "serve" }, Entrypoint = { "/run" }, WorkingDir = "/srv", Labels = { v = "1" },
      ExposedPorts = { ["80/tcp"] = {} } } }, "app:2")
    h.eq(body.Image, "app:2")
    h.eq(body.Env, { "A=1" })
    h.eq({ body.Cmd, body.Entrypoint, body.WorkingDir, body.Hostname, body.User }, {})
    h.eq(body.Labels, { mine = "x" })
    h.eq(body.ExposedPorts, { ["90/tcp"] = {} })
    h.eq(body.HostConfig.Binds, { "named:/data", "ff:/anon" })
    h.eq(body.NetworkingConfig, { EndpointsConfig = { net = { Aliases = { "web" }, IPAMConfig = { IPv4Address = "10.0.0.9" } } } })
  end)
end)

describe("starting what a run made", function()
  local start = require("plan.ops.container").start
  -- What is asked of the container, in a run.
  local function asked(run, started_at)
    local calls, container = {}, {}
    function container:inspect()
      calls[#calls + 1] = "inspect"
      return { State = { StartedAt = started_at } }
    end
    function container:start() calls[#calls + 1] = "start" end
    run.results = { s1 = { id = "c" } }
    start.apply({ container = function() return container end }, { args = { from = "s1" } }, run)
    return calls
  end

  it("asks nothing where nobody can have started it", function()
    h.eq(asked({}, ""), { "start" })
  end)

  it("starts it once, where the run paused or was cut off", function()
    h.eq(asked({ continued = true }, "2026-01-01T00:00:00Z"), { "inspect" })
    h.eq(asked({ continued = true }, "0001-01-01T00:00:00Z"), { "inspect", "start" })
  end)
end)

describe("steps beside each other", function()
  local function run(fields)
    local fs, profile = require "fs", require "profile"
    local home <close> = fs.temp_dir()
    local seen = {}
    local p = plan.new { command = "test", at_once = true }
    for _, f in ipairs(fields) do
      p:add {
        target = "here", id = f.id, depends = f.depends, follows = f.follows, group = f.group, object = { kind = "thing", name = f.id },
        apply = function()
          while f.waits and not table.concat(seen, " "):find(f.waits, 1, true) do require("task").sleep(0.001) end
          seen[#seen + 1] = f.id
          if f.fails then Error { category = "fail", code = "no", message = "no " .. f.id } end
        end,
        undo = function() seen[#seen + 1] = "-" .. f.id end,
      }
    end
    local result
    h.with(profile, { paths = function() return { state = home.path } end }, function()
      result = p:apply { nas_of = function() return { name = "here" } end }
    end)
    return seen, result
  end

  it("each as soon as those in front of it are done", function()
    h.eq(run { { id = "s1", waits = "s4" }, { id = "s2" }, { id = "s3", depends = { "s1" } }, { id = "s4", depends = { "s2" } } },
      { "s2", "s4", "s1", "s3" })
  end)

  it("a failure takes back its group, the last first, and leaves the others", function()
    local seen, result = run {
      { id = "s1", group = "a" }, { id = "s2", group = "b" }, { id = "s3", group = "a", depends = { "s1" }, fails = true },
      { id = "s4", group = "a", depends = { "s3" } }, { id = "s5", group = "b", depends = { "s2" }, waits = "-s1" },
    }
    local first = { table.remove(seen, 1), table.remove(seen, 1) } -- beside each other
    table.sort(first)
    h.eq(first, { "s1", "s2" })
    h.eq(seen, { "s3", "-s3", "-s1", "s5" })
    h.eq(#result.failed, 1)
    h.ok(result.failed[1].err.undone)
  end)

  it("what waits for a failed one is taken back as far as it got; what only follows it goes on", function()
    local seen = run {
      { id = "s1", group = "a", fails = true }, { id = "s2", group = "b" }, { id = "s3", group = "b", depends = { "s1", "s2" } },
      { id = "s4", follows = { "s1" } },
    }
    table.sort(seen)
    h.eq(seen, { "-s1", "-s2", "s1", "s2", "s4" })
  end)

  it("parts of a group go back with it", function()
    local seen = run {
      { id = "s1", group = "a#1" }, { id = "s2", group = "a#2", fails = true, follows = { "s1" } },
      { id = "s3", group = "a", follows = { "s1", "s2" }, fails = true },
    }
    h.eq(seen, { "s1", "s2", "-s2", "s3", "-s3", "-s1" })
  end)
end)

describe("plan.made: what is being created as the user interrupts", function()
  local task = require "task"

  -- Whether the engine's answer was waited for.
  local function waited(apply, args)
    local answered
    local function create()
      task.sleep(0.02)
      answered = true
      return { ref = "1", Name = "1", id = "1" }
    end
    local nas = {
      create = create, create_network = create, create_volume = create,
      volume = function() return { exists = function() return false end } end,
      image = function() return { inspect = function() return { Id = "1" } end } end,
    }
    local t = task.spawn(function()
      apply(nas, { id = "s1", args = args }, { results = {}, labels = function() return {} end })
    end)
    task.sleep(0)
    t:cancel()
    pcall(t.wait, t)
    return answered
  end

  it("is answered first, so that taking it back sees it", function()
    local move = require "plan.ops.migrate"
    h.ok(waited(move.network.apply, { body = { Name = "n" } }), "network")
    h.ok(waited(move.volume.apply, { options = { name = "v" } }), "volume")
    for _, room in ipairs { "cutover", "container", "compose" } do
      h.ok(waited(require("plan.ops." .. room).create.apply, { name = "c", body = { Image = "i", HostConfig = {} } }), room)
    end
    h.ok(waited(function(nas) require("carry").helper({ nas = nas, volume = "v" }, { kind = "engine", image = "i" }) end), "helper")
  end)
end)
