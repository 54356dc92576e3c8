-- From the flags of run and create to a request: what a NAS's profile and the environment add.
local starter = require "create.start"

local function request(flags, ...)
  local ctx = { flags = flags, given = {}, args = { image = "app" }, note = function() end }
  local out = {}
  for i, profile in ipairs { ... } do
    out[i] = starter.request(ctx, { name = "nas" .. i, profile = profile }, {})
  end
  return table.unpack(out)
end

local function flags() return { env = {}, pull = "missing" } end

describe("create.start", function()
  it("takes the defaults of each NAS for that one alone", function()
    local typed = flags()
    local one, two = request(typed, { defaults = { restart = "always", network = "lan", platform = "linux/arm64" } }, {})
    h.eq({ one.body.HostConfig.RestartPolicy.Name, one.body.HostConfig.NetworkMode, one.platform }, { "always", "lan", "linux/arm64" })
    h.eq({ two.body.HostConfig.RestartPolicy.Name, two.body.HostConfig.NetworkMode, two.platform }, { "no", "default" })
    h.eq(typed, flags())
  end)
end)
