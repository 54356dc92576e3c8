-- ---@endpoint annotations: what they name exists, and what a module sends is named.
local coverage = require "docs.coverage"

local known = {}
for _, line in ipairs(require "docs.endpoints") do
  known[line:match "^%S+ %S+"] = true
end

describe("docs.coverage", function()
  local sources, commands = coverage.sources "stdlib", coverage.sources "lua"
  table.move(commands, 1, #commands, #sources + 1, sources)

  it("names endpoints that the engine has", function()
    local count = 0
    for _, module in ipairs(sources) do
      for _, note in ipairs(coverage.annotations(module.source)) do
        count = count + 1
        h.eq({ module.name, note.name, known[note.endpoint] }, { module.name, note.name, true })
      end
    end
    h.eq(count > 60, true)
  end)

  it("misses no whole path that a module sends", function()
    for _, module in ipairs(sources) do
      local named = {}
      for _, note in ipairs(coverage.annotations(module.source)) do
        named[note.endpoint:match "/.*"] = true
      end
      for path in module.source:gmatch 'path = "(/[%w_/-]+)"[,} ]' do
        if known["GET " .. path] or known["POST " .. path] then
          h.eq({ module.name, path, named[path] }, { module.name, path, true })
        end
      end
    end
  end)

  it("knows functions by their own name and by that of their field", function()
    local found = coverage.annotations("local function f(a) ---@endpoint GET /a\n  apply = function(x) ---@endpoint POST /b\n"
      .. "-- ---@endpoint GET /c\n")
    h.eq(found, { { endpoint = "GET /a", name = "f" }, { endpoint = "POST /b", name = "apply" } })
  end)

  it("says what is used by whom, and why something is not", function()
    local page = coverage.page { { file = "stdlib/docker/system.lua", source = "function Nas:info(x) ---@endpoint GET /info\n" } }
    h.contains(page, "| `GET /info` |  | `Nas:info` (stdlib/docker/system.lua) |")
    h.contains(page, "| `GET /version` |  | not used |")
    h.contains(page, "| `HEAD /_ping` |  | not used: GET /_ping says the same |")
    h.contains(page, "not used: swarm mode is not managed")
    h.contains(page, "1 are used")
  end)
end)
