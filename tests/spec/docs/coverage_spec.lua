-- ---@endpoint annotations: what they name exists, and what a module sends is named.
local coverage = require "docs.coverage"

local known = {}
for _, line in ipairs(require "docs.endpoints") do
  known[line:match "^%S+ %S+"] = true
end

describe("docs.coverage", function()
  local sources = coverage.sources "stdlib"

  it("names endpoints that the engine has", function()
    local count = 0
    for _, module in ipairs(sources) do
      for _, note in ipairs(coverage.annotations(module.source)) do
        count = count + 1
        h.eq({ module.name, note.name, known[note.endpoint] }, { module.name, note.name, true })
      end
    end
    h.eq(count > 40, true)
  end)

  it("misses no whole path that a module of docker sends", function()
    for _, module in ipairs(sources) do
      local named = {}
      for _, note in ipairs(coverage.annotations(module.source)) do
        named[note.endpoint:match "/.*"] = true
      end
      for path in (module.name:find "^docker/" and module.source or ""):gmatch 'path = "(/[%w_/-]+)"[,} ]' do
        local whole = known["GET " .. path] or known["POST " .. path]
        if whole and next(named) then
          h.eq({ module.name, path, named[path] }, { module.name, path, true })
        end
      end
    end
  end)

  it("says what is used by whom, and why something is not", function()
    local page = coverage.page { { name = "docker/system", source = "function Nas:info(x) ---@endpoint GET /info\n" } }
    h.contains(page, "| `GET /info` |  | `Nas:info` (stdlib/docker/system.lua) |")
    h.contains(page, "| `GET /version` |  | not used |")
    h.contains(page, "not used: swarm mode is not managed")
    h.contains(page, "1 are used")
  end)
end)
