local errors = require "errors"
local task = require "task"

-- NASes by name: what nas.list() on each gives, or raises. Returns fn's result and the names that were asked, in order.
local function with_nases(nases, argv, def, terminal)
  local specs = {}
  for name, list in pairs(nases) do
    specs[name] = { list = list }
  end
  local fake = h.fake(specs)
  local result, asked = fake:command(def, argv, terminal), {}
  for i, call in ipairs(fake.calls) do
    asked[i] = call[1]
  end
  return result, asked
end

local function lister(extra)
  local def = {
    uses = { "targets", "output" },
    columns = { { "Name" } },
    run = function(ctx)
      return ctx:each_target(function(nas)
        return nas:list()
      end)
    end,
  }
  for k, v in pairs(extra or {}) do
    def[k] = v
  end
  return def
end

local function rows(...)
  local list = {}
  for i, name in ipairs { ... } do
    list[i] = { name = name }
  end
  return function()
    return list
  end
end

local function fails(category, code)
  return function()
    Error { category = category, code = code, message = "cannot reach it", why = "refused" }
  end
end

describe("each_target", function()
  it("asks the one NAS that is meant, without a PROFILE column", function()
    local r = with_nases({ a = rows "web", b = rows "db" }, {}, lister())
    h.eq({ r.out, r.code }, { "NAME\nweb\n", 0 })
  end)

  it("asks all at once and says which NAS a row is from", function()
    local r, asked = with_nases({ a = rows("web", "db"), b = rows "db" }, { "--all-profiles" }, lister())
    h.eq(r.out, "PROFILE   NAME\na         web\na         db\nb         db\n")
    table.sort(asked)
    h.eq(asked, { "a", "b" })
  end)

  it("keeps the order of the selection, whoever answers first", function()
    local slow = function()
      task.sleep(0.02)
      return { { name = "late" } }
    end
    local r = with_nases({ a = slow, b = rows "early" }, { "--profile", "a", "--profile", "b", "--json=name,profile" }, lister())
    h.eq(r.out, '[{"name":"late","profile":"a"},{"name":"early","profile":"b"}]\n')
  end)

  it("shows the healthy ones and reports the failed ones, grouped, with 7", function()
    local down = fails("connect", "unreachable")
    local r = with_nases({ a = rows "web", b = down, c = down }, { "--all-profiles" }, lister())
    h.eq({ r.code, r.out }, { 7, "PROFILE   NAME\na         web\n" })
    h.eq(r.err, "error: b, c: cannot reach it\n  why:  refused\n  code: unreachable   (details: --debug)\n")
  end)

  it("ends with the shared code when all failed", function()
    local r = with_nases({ a = fails("connect", "x"), b = fails("connect", "y") }, { "--all-profiles" }, lister())
    h.eq(r.code, 5)
    r = with_nases({ a = fails("auth", "x") }, {}, lister())
    h.eq({ r.code, r.out }, { 4, "" })
  end)

  it("reports failures as JSON with --json", function()
    local r = with_nases({ a = rows "web", b = fails("auth", "key_rejected") }, { "--all-profiles", "--json" }, lister())
    local object = require("json").decode(r.err).error
    h.eq({ object.profile, object.code, object.exit }, { "b", "key_rejected", 4 })
  end)

  it("shows a bug on one NAS as internal, without a traceback", function()
    local r = with_nases({ a = rows "web", b = function() return nil .. "x" end }, { "--all-profiles" }, lister())
    h.eq(r.code, 7)
    h.contains(r.err, "internal error")
    h.lacks(r.err, "stack traceback")
  end)

  it("keeps --timeout on each NAS", function()
    local hung = function()
      task.sleep(60)
    end
    local r = with_nases({ a = rows "web", b = hung }, { "--all-profiles", "--timeout", "0.05" }, lister())
    h.eq({ r.code, r.out }, { 7, "PROFILE   NAME\na         web\n" })
    h.contains(r.err, "error: b: ")
  end)
end)

describe("a profile's colour", function()
  it("paints its name where several are shown on a terminal", function()
    local fake = h.fake { a = { list = rows "web", color = "red" }, b = { list = rows "db" } }
    local r = fake:command(lister(), { "--all-profiles", "--color", "always" }, { stdout = true })
    h.contains(r.out, "\27[31ma\27[0m")
    h.lacks(r.out, "mb\27")
  end)
end)

describe("connections", function()
  it("are closed when the command ends, also by a failure", function()
    for _, list in ipairs { rows "web", fails("fail", "x") } do
      local fake = h.fake { a = { list = list, close = true } }
      fake:command(lister(), {})
      h.eq(fake.calls[#fake.calls], { "a", "close" })
    end
  end)
end)

describe("writing on several NASes", function()
  local function writer()
    return lister { writes = true, columns = { { "Name" } } }
  end

  it("asks first, with the list", function()
    local nases = { a = rows "web", b = rows "db" }
    local r = with_nases(nases, { "--all-profiles" }, writer())
    h.eq({ r.code, r.out }, { 9, "" })
    local terminal = { stdin = true, stderr = true, answers = { "y" } }
    r = with_nases(nases, { "--all-profiles" }, writer(), terminal)
    h.contains(r.err, "  a (a.local)\n  b (b.local)\nRun 'thing' on 2 NASes?")
    h.eq(r.code, 0)
  end)

  it("stops at the first failure, unless told to go on", function()
    local nases = { a = fails("fail", "broken"), b = rows "db" }
    local r, asked = with_nases(nases, { "--all-profiles", "--yes" }, writer())
    h.eq({ asked, r.code }, { { "a" }, 7 })
    h.contains(r.err, "not begun after the failure: b")
    r, asked = with_nases(nases, { "--all-profiles", "--yes", "--keep-going" }, writer())
    h.eq({ asked, r.code }, { { "a", "b" }, 7 })
  end)

  it("stops at a NAS on which one of several things failed, and tells it by its name", function()
    local function remover()
      return lister {
        writes = true, args = { { "name", variadic = true } },
        run = function(ctx)
          ctx:each_target(function(nas)
            ctx:each_item(ctx.args.name, function(name) return ctx:named(nas, nas:drop(name)) end)
          end)
        end,
      }
    end
    local function drop(missing)
      return function(name)
        if name == missing then Error { category = "not_found", code = "no_such_thing", message = "no " .. name } end
        return name
      end
    end
    local function run(nases, ...)
      local fake = h.fake(nases)
      return fake:command(remover(), { "--all-profiles", "--yes", "x", "y", ... })
    end
    local r = run { a = { drop = drop "x" }, b = { drop = drop() } }
    h.eq({ r.code, r.out }, { 7, "a/y\n" })
    h.eq(r.err, "warning: not begun after the failure: b (--keep-going goes on)\nerror: a: no x\n  code: no_such_thing\n")
    r = run({ a = { drop = drop "x" }, b = { drop = drop() } }, "--keep-going")
    h.eq({ r.code, r.out }, { 7, "a/y\nb/x\nb/y\n" })
    r = run({ a = { drop = drop "x" }, b = { drop = drop "x" } }, "--keep-going")
    h.eq({ r.code, r.err }, { 3, "error: a, b: no x\n  code: no_such_thing\n" })
  end)

  it("names the target once, where a person reads", function()
    local one = {
      writes = true, uses = { "targets" },
      run = function(ctx) return ctx:target().profile.name .. "\n" end,
    }
    local r = with_nases({ a = rows "x" }, {}, one, { stderr = true })
    h.eq({ r.out, r.err }, { "a\n", "→ a (a.local)\n" })
    r = with_nases({ a = rows "x" }, {}, one)
    h.eq(r.err, "")
    r = with_nases({ a = rows "x", b = rows "y" }, { "--all-profiles" }, one)
    h.eq(r.code, 2)
    h.contains(r.err, "selected are a, b")
  end)
end)

describe("each_item", function()
  local function remover(outcomes)
    return {
      args = { { "name", variadic = true } },
      run = function(ctx)
        ctx:each_item(ctx.args.name, function(name)
          local outcome = outcomes[name]
          if type(outcome) == "number" then
            task.sleep(outcome)
          elseif outcome then
            error(outcome, 0)
          end
          return name
        end)
      end,
    }
  end
  local function missing(name)
    return errors.new {
      category = "not_found", code = "no_such_container", message = "no such container: " .. name, hint = "qnap-docker ps -a",
    }
  end

  it("prints in the arguments' order", function()
    h.eq(h.command(remover { a = 0.02 }, { "a", "b" }).out, "a\nb\n")
  end)

  it("goes on after a failure and tells all of them in six lines", function()
    local r = h.command(remover { b = missing "b", c = missing "c" }, { "a", "b", "c", "d" })
    h.eq({ r.code, r.out }, { 3, "a\nd\n" })
    h.eq(r.err, [[
error: no such container: b
error: no such container: c
  try:  qnap-docker ps -a
  code: no_such_container
]])
    local outcomes, names = {}, {}
    for i = 1, 9 do
      names[i] = "x" .. i
      outcomes[names[i]] = missing(names[i])
    end
    local _, lines = h.command(remover(outcomes), names).err:gsub("\n", "")
    h.eq(lines, 6)
  end)

  it("ends with 1 when the causes differ", function()
    local r = h.command(remover { a = missing "a", b = errors.new { category = "conflict", message = "busy" } }, { "a", "b" })
    h.eq(r.code, 1)
    h.eq(r.err, "error: no such container: a\nerror: busy\n")
  end)
end)

describe("an object with its NAS in front", function()
  local filters
  local function stop(argv, terminal)
    local stopped = {}
    local function nas(name)
      return {
        containers = function(options)
          filters = options.filters
          return { { Names = { "/web1" }, State = "running" }, { Names = { "/web2" }, State = "running" },
            { Names = { "/db" }, State = "running" }, { Names = { "/old" }, State = "exited" } }
        end,
        container = function(c) return { stop = function() stopped[#stopped + 1] = name .. ":" .. c end } end,
      }
    end
    local fake = h.fake { a = nas "a", b = nas "b" }
    local result = h.with(require "profile", { exists = function(name) return name == "a" or name == "b" end }, function()
      return fake:run(argv, terminal)
    end)
    return result, table.concat(stopped, " ")
  end

  it("is looked for there", function()
    h.eq(select(2, stop { "stop", "b/web", "b/db" }), "b:web b:db")
    h.eq(select(2, stop { "stop", "web" }), "a:web")
  end)

  it("is refused where the line means several NASes", function()
    for _, argv in ipairs { { "stop", "a/web", "b/web" }, { "stop", "web", "b/web" }, { "--profile", "a", "stop", "b/web" },
      { "stop", "--all-profiles", "b/web" } } do
      local result, stopped = stop(argv)
      h.eq({ result.code, stopped }, { 2, "" })
      h.contains(result.err, "conflicting_targets")
    end
  end)

  it("is left alone when no profile is called so", function()
    h.eq(select(2, stop { "stop", "c/web" }), "a:c/web")
  end)

  it("may be a pattern: what fits is listed and asked about", function()
    local result, stopped = stop({ "stop", "b/web*" }, { stdin = true, stderr = true, answers = { "n" } })
    h.eq({ result.code, stopped }, { 9, "" })
    h.contains(result.err, "web2")
    h.lacks(result.err, "db")
    h.eq(select(2, stop { "--yes", "stop", "web[!2]", "d?" }), "a:web1 a:db")
    h.eq(stop { "--yes", "stop", "nothing*" }.code, 3)
  end)

  it("may be chosen by what ps filters by", function()
    h.eq(stop({ "stop", "--label", "role=web" }).code, 9)
    h.eq(select(2, stop { "stop", "--yes", "--label", "role=web", "--filter", "name=web", "--project", "shop" }), "a:db a:web1 a:web2")
    h.eq(filters, { name = { web = true }, label = { ["role=web"] = true, ["com.docker.compose.project=shop"] = true } })
    h.eq(stop({ "stop", "--label", "role=web", "web1" }).code, 2)
  end)
end)
