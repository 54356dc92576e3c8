local errors = require "errors"
local render = require "cli.render_error"

local FULL = {
  category = "conflict", code = "port_conflict", message = "cannot start 'web' on production (nas1.local)",
  why = "host port 8080 is already used by container 'old-web'", engine = "driver failed programming external connectivity",
  hint = "qnap-docker stop old-web\nor publish another port: -p 8081:80",
}

describe("errors", function()
  it("have the form headline, why, engine, try, code", function()
    h.eq(render.text(errors.new(FULL)), [[
error: cannot start 'web' on production (nas1.local)
  why:  host port 8080 is already used by container 'old-web'
  engine: driver failed programming external connectivity
  try:  qnap-docker stop old-web
        or publish another port: -p 8081:80
  code: port_conflict
]])
  end)

  it("leave out what is not known, and the engine's words where they are the reason", function()
    h.eq(render.text(errors.new { category = "not_found", code = "x", message = "no 'a'", why = "b", engine = "b" }),
      "error: no 'a'\n  why:  b\n  code: x\n")
  end)

  it("take six lines at most, whatever the texts hold", function()
    local text = render.text(errors.new {
      category = "fail", code = "x", message = "a\nb", why = "c\nd\n\ne", engine = "\27[31mf\r\ng", hint = "1\n2\n3\n4",
    })
    local _, lines = text:gsub("\n", "")
    h.eq(lines, 6)
    h.contains(text, "why:  c; d; e\n")
    h.contains(text, "engine: f; g\n")
  end)

  it("show bugs without a traceback, unless debugging", function()
    local bug = errors.new { category = "internal", message = "qd:lua/ps.lua:12: attempt to index a nil value", traceback = "TRACE" }
    local text = render.text(bug)
    h.lacks(text, "TRACE")
    h.lacks(text, ".lua:12:")
    h.contains(text, "error: internal error: attempt to index a nil value\n  why:  in lua/ps.lua, line 12\n")
    h.contains(render.text(bug, { debug = true }), "TRACE")
    h.eq(errors.exit_code "a string", 70)
  end)

  it("are one object for programs", function()
    local object = render.object(errors.new(FULL)).error
    h.eq({ object.code, object.exit }, { "port_conflict", 6 })
    h.eq(object.hints, { "qnap-docker stop old-web", "or publish another port: -p 8081:80" })
  end)

  it("never show a registered secret", function()
    require("core.log").secret "hunter2-secret"
    h.lacks(render.text(errors.new { category = "fail", code = "x", message = "TOKEN=hunter2-secret" }), "hunter2")
    local object = render.object(errors.new { category = "fail", code = "x", message = "a", why = "hunter2-secret" })
    h.lacks(require("json").encode(object), "hunter2")
  end)
end)

describe("failures of several NASes", function()
  local function down(name, why)
    return {
      profile = name,
      err = errors.new { category = "connect", code = "unreachable", message = "cannot reach " .. name, why = why },
    }
  end

  it("are grouped by cause", function()
    local groups = render.group { down("a", "refused"), down("b", "refused"), down("c", "no route") }
    h.eq({ groups[1].profiles, groups[2].profiles }, { { "a", "b" }, { "c" } })
    h.contains(render.failures { down("a", "refused"), down("b", "refused") }, "error: a, b: cannot reach")
  end)

  it("do not name one NAS of a group twice, nor in what is said of all", function()
    local function lacks(profile)
      return {
        profile = profile,
        err = errors.new { category = "not_found", code = "no", message = "cannot stop 'web' on " .. profile, why = "gone" },
      }
    end
    h.eq(render.failures { lacks "a", lacks "a", lacks "b" }, "error: a, b: cannot stop 'web'\n  why:  gone\n  code: no\n")
  end)

  it("of one NAS count once", function()
    h.eq(render.exit_code({ down("a", "x"), down("a", "y") }, 2), 7)
    h.eq(render.exit_code({ down("a", "x"), down("a", "y"), down("b", "x") }, 2), 5)
  end)

  it("end with 7, or with the code that all share", function()
    h.eq(render.exit_code({ down("a", "x") }, 2), 7)
    h.eq(render.exit_code({ down("a", "x"), down("b", "y") }, 2), 5)
    local other = { profile = "c", err = errors.new { category = "auth", message = "no" } }
    h.eq(render.exit_code({ down("a", "x"), other }, 2), 1)
  end)
end)
