local complete = require "repl.complete"

local asked = {}
local function around(env)
  asked = {}
  return {
    env = setmetatable(env or {}, { __index = _G }),
    commands = { { ":help", "help" }, { ":history" }, { ":profile" } },
    live = function(kind)
      asked[#asked + 1] = kind
      return ({
        containers = { { "web", "nginx (running)" }, { "web2" }, { "db" } }, images = { { "nginx:1" } }, volumes = { { "data" } },
        networks = { { "lan" } }, profiles = { { "nas1" } },
      })[kind]
    end,
    files = function(prefix) return { { prefix .. "file.lua" } } end,
  }
end

local function words(text, env)
  local out = {}
  for i, item in ipairs((complete.find(text, around(env)))) do out[i] = item[1] end
  return out
end

describe("repl.complete", function()
  it("offers globals, modules and keywords", function()
    h.eq(words "toStr", {})
    h.eq(words "tostr", { "tostring" })
    h.eq(words("x = mi", { mine = 1 }), { "mine" })
    h.eq(words "whi", { "while" })
    h.eq(words "compo", { "compose" })
    h.eq(words "nas", { "nas" })
  end)

  it("offers fields, and methods alone behind a colon", function()
    local env = { t = { alpha = 1, beta = { gamma = 2 }, run = print } }
    h.eq(words("t.", env), { "alpha", "beta", "run" })
    h.eq(words("t.beta.g", env), { "gamma" })
    h.eq(words("print(t:", env), { "run" })
    h.eq(words("none.x", env), {})
  end)

  it("looks through __index without calling it", function()
    local called = false
    local object = setmetatable({ own = 1 }, { __index = setmetatable({ method = print }, { __index = function() called = true end }) })
    h.eq(words("o.", { o = object }), { "method", "own" })
    h.eq(words("o.none.x", { o = object }), {})
    h.eq(called, false)
    h.eq(words("('x'):re", {}), {})
    h.eq(words("s:rev", { s = "text" }), { "reverse" })
  end)

  it("offers the methods of an object that one call makes", function()
    local nas = require("docker").open_socket "/nowhere"
    h.eq(words('nas:container "x":unp', { nas = nas }), { "unpause" })
    h.eq(words('nas:container("x"):unp', { nas = nas }), { "unpause" })
    h.eq(words("nas:create_v", { nas = nas }), { "create_volume" })
  end)

  it("asks for what a string names", function()
    h.eq(words 'nas:container "we', { "web", "web2" })
    h.eq(asked, { "containers" })
    h.eq(words "nas:volume('", { "data" })
    h.eq(words 'docker.connect "', { "nas1" })
    h.eq(words 'nas:create { image = "ng', { "nginx:1" })
    h.eq(words 'f("', { "web", "web2", "db", "nginx:1", "data", "lan" })
    h.eq(words 'loadfile "/tmp/', { "/tmp/file.lua" })
    h.eq(words 'x = "./', { "./file.lua" })
  end)

  it("tells strings from what looks like them", function()
    h.eq(words [[print("a \" b", 'c') tostr]], { "tostring" })
    h.eq(words "x = [[ text ]] tostr", { "tostring" })
    h.eq(words "-- it's a comment: tostr", {})
    h.eq(words "-- it's\ntostr", { "tostring" })
    h.eq(words [[nas:container 'w]], { "web", "web2" })
  end)

  it("offers commands and what belongs to them", function()
    h.eq(words ":h", { ":help", ":history" })
    h.eq(words ":profile n", { "nas1" })
    h.eq(words ":dry o", { "off", "on" })
    h.eq(words ":time tostr", { "tostring" })
  end)

  it("puts in what is sure, and lists what may be", function()
    local function tab(text, cursor) return complete.tab(text, cursor or #text, around(), 80) end
    local one = tab 'nas:container "d'
    h.eq({ one.remove, one.insert, one.list }, { 1, 'db"' })
    h.eq(tab('nas:container "d"', 16).insert, "db") -- the quote is there
    local common = tab 'nas:container "w'
    h.eq({ common.insert, common.list }, { "web" })
    local several = tab 'nas:container "web'
    h.eq({ several.remove, several.insert }, { 0, "" })
    h.contains(several.list, "nginx (running)")
    h.eq(tab "zzz", { remove = 0, insert = "" })
  end)

  it("counts characters, not bytes, and cuts none", function()
    local env = { names = { ["é1"] = 1 } }
    h.eq(words("names.", env), {}) -- no name that could be typed so
    local items = around()
    items.live = function() return { { "aé" }, { "aè" } } end
    local found = complete.tab('nas:container "', 15, items, 80)
    h.eq(found.insert, "a")
    items.live = function() return { { "日本" } } end
    local wide = complete.tab('nas:container "日', 18, items, 80)
    h.eq({ wide.remove, wide.insert }, { 1, '日本"' })
  end)

  it("shows nothing that would drive the terminal", function()
    local items = around()
    items.live = function() return { { "a1", "\27[2Jimage" }, { "a2" } } end
    local found = complete.tab('nas:container "a', 16, items, 80)
    h.eq(found.list:find("\27", 1, true), nil)
  end)
end)
