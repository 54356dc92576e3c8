-- What the flags of compose run make of a service.
local json = require "json"
local oneoff = require "compose.oneoff"

local function project(service)
  return { name = "shop", environment = {}, model = { name = "shop", services = { web = service } } }
end

local function flags(more)
  local f = { command = {}, env = {}, label = {}, cap_add = {}, cap_drop = {}, name = "shop-web-run-1", interactive = true, tty = false }
  for key, value in pairs(more or {}) do f[key] = value end
  return f
end

describe("compose.oneoff", function()
  it("takes a command line apart as a shell does, expanding nothing", function()
    h.eq(oneoff.split [[sh -c 'a "b" $c' "d \" e" f\ g ""]], { "sh", "-c", [[a "b" $c]], [[d " e]], "f g", "" })
    h.eq(oneoff.split [['a\b' "a\b" a\\]], { [[a\b]], "ab", [[a\]] })
    h.eq(oneoff.split "  ", {})
  end)

  it("leaves the project alone, and overrides what the flags name", function()
    local service = {
      image = "x", command = { "serve" }, environment = { A = "1", B = "2" }, labels = { k = "v" }, user = "u", restart = "always",
      ports = { { target = 80 } }, deploy = { restart_policy = { condition = "any" } }, cap_add = { "A" },
    }
    local before = project(service)
    local s = oneoff.project(before, "web", flags {
      command = { "sh" }, env = { "A=9", "NOT_SET_ANYWHERE" }, label = { "l=m" }, cap_add = { "B" }, workdir = "/w",
    }).model.services.web
    h.eq(s.command, { "sh" })
    h.eq(s.environment, { A = "9", B = "2", NOT_SET_ANYWHERE = json.null })
    h.eq(s.labels, { k = "v", l = "m" })
    h.eq({ s.user, s.working_dir, s.cap_add, s.container_name, s.stdin_open }, { "u", "/w", { "A", "B" }, "shop-web-run-1", true })
    h.eq({ s.ports, s.restart, s.deploy.restart_policy }, {})
    h.eq({ service.command, service.environment.A, service.restart, #service.ports }, { { "serve" }, "1", "always", 1 })
  end)

  it("another entrypoint takes the service's command away; --service-ports keeps its ports", function()
    local service = { image = "x", command = { "serve" }, ports = { { target = 80 } } }
    local s = oneoff.project(project(service), "web", flags { entrypoint = "sh -c", service_ports = true }).model.services.web
    h.eq({ s.entrypoint, s.command, #s.ports }, { { "sh", "-c" }, {}, 1 })
  end)

  it("names as compose v2: a slug of 64 hex digits, 12 of them in the name", function()
    local name, slug = oneoff.name({ name = "shop" }, "web")
    h.matches(slug, "^" .. ("%x"):rep(64) .. "$")
    h.eq(name, "shop-web-run-" .. slug:sub(1, 12))
    h.ok(select(2, oneoff.name({ name = "shop" }, "web")) ~= slug)
  end)
end)
