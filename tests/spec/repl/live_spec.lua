local live = require "repl.live"

-- A NAS that answers what `answers` say, one after the other; a table is an error.
local function fake(answers)
  local made = { opened = 0, asked = {}, closed = 0 }
  made.nas = live.new({ name = "nas1", kind = "ssh" }, function()
    made.opened = made.opened + 1
    local function answer(_, options)
      made.asked[#made.asked + 1] = options and options.path or "api"
      local next_one = table.remove(answers, 1)
      if type(next_one) == "table" then Error(next_one) end
      return { status = 200, body = next_one }
    end
    return { request = answer, stream = answer, hijack = answer, api = answer, engine = { facts = function() return {} end },
      session = "login " .. made.opened, close = function() made.closed = made.closed + 1 end }
  end)
  return made
end

local LOST = { category = "connect", code = "connection_lost", message = "gone" }

describe("repl.live", function()
  it("connects at the first question and not before", function()
    local made = fake { "a", "b" }
    local web = made.nas:container "web"
    h.eq(made.opened, 0)
    h.eq(made.nas:request({ path = "/x" }).body, "a")
    h.eq(web:inspect(), "b")
    h.eq(made.opened, 1)
    h.eq(made.nas.session, "login 1")
  end)

  it("asks a question again over a new connection when the old one was gone", function()
    local made = fake { "a", LOST, "b" }
    made.nas:request { path = "/1" }
    h.eq(made.nas:request({ path = "/2" }).body, "b")
    h.eq({ made.opened, made.closed, made.asked }, { 2, 1, { "/1", "/2", "/2" } })
  end)

  it("never repeats a change; the next call connects", function()
    local made = fake { "a", LOST, "b" }
    made.nas:request { path = "/1" }
    h.raises({ code = "connection_lost" }, made.nas.request, made.nas, { method = "POST", path = "/2" })
    h.eq(made.nas:request({ method = "POST", path = "/3" }).body, "b")
    h.eq({ made.opened, made.asked }, { 2, { "/1", "/2", "/3" } })
  end)

  it("raises what a new connection runs into, at once", function()
    local made = fake { LOST }
    h.raises({ code = "connection_lost" }, made.nas.request, made.nas, { path = "/1" })
    h.eq(made.opened, 1)
  end)

  it("keeps the connection when the engine merely says no", function()
    local made = fake { { category = "not_found", code = "no_such_container", message = "no" }, "a" }
    h.raises({ code = "no_such_container" }, made.nas.request, made.nas, { path = "/1" })
    made.nas:request { path = "/2" }
    h.eq(made.opened, 1)
  end)

  it("in dry mode tells changes and asks questions", function()
    local made, told = fake { "a" }, {}
    made.nas.dry = function(what, line) told[#told + 1] = (what or "-") .. " | " .. line end
    made.nas:container("web"):restart()
    h.eq(made.nas:request({ path = "/q" }).body, "a")
    h.eq(told, { "cannot restart container 'web' on nas1 | POST /containers/web/restart" })
    h.raises({ code = "only_planned" }, made.nas.hijack, made.nas, { method = "POST", path = "/x" })
    h.raises({ code = "only_planned" }, require("nas.shell").write, made.nas, { text = "true", at = "/" })
    h.eq(made.asked, { "/q" })
  end)
end)
