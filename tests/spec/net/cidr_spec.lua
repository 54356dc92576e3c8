-- Addresses, networks, and what a new network collides with.
local cidr = require "net.cidr"
local routes = require "nas.routes"

describe("net.cidr", function()
  it("reads what Go reads", function()
    for _, text in ipairs { "10.0.0.1", "::", "::1", "fd00:77::", "1:2:3:4:5:6:7:8", "::ffff:10.1.2.3" } do
      h.eq({ text, cidr.address(text) ~= nil }, { text, true })
    end
    for _, text in ipairs { "", "10.0.0", "10.0.0.256", "010.0.0.1", "1::2::3", "1:2:3:4:5:6:7", "g::", "10.0.0.1.2", ":1" } do
      h.eq({ text, cidr.address(text) }, { text })
    end
    h.eq(cidr.parse "10.0.0.0/33", nil)
    h.eq(cidr.parse "10.0.0.0", nil)
    h.eq(cidr.parse("fd00::/64").bits, 64)
  end)

  it("knows what overlaps", function()
    local function overlap(a, b) return cidr.overlap(cidr.parse(a), cidr.parse(b)) end
    h.eq(overlap("10.1.0.0/16", "10.1.2.0/24"), true)
    h.eq(overlap("10.1.2.128/25", "10.1.2.0/25"), false)
    h.eq(overlap("0.0.0.0/0", "192.168.0.0/24"), true)
    h.eq(overlap("0.0.0.0/0", "fd00::/64"), false)
  end)
end)

describe("nas.routes", function()
  local answer = "peer 192.168.1.200\nself 192.168.1.10\naddr 192.168.1.10/24 eth0\naddr 172.17.0.1/16 docker0\n"
    .. "route 00000A0A 0000FFFF tun0\nroute 00000000 00000000 eth0\nnonsense\naddr what eth1\n"

  it("reads addresses and routes, and passes over the rest", function()
    local texts = {}
    for i, entry in ipairs(routes.parse(answer)) do texts[i] = entry.kind .. " " .. entry.text end
    h.eq(texts, { "peer 192.168.1.200", "self 192.168.1.10", "addr 192.168.1.10/24", "addr 172.17.0.1/16", "route 10.10.0.0/16" })
  end)

  it("puts what cuts us off first, and leaves docker's own networks to the engine", function()
    local known = routes.parse(answer)
    h.eq(routes.is_fatal(routes.collisions(known, "192.168.0.0/16")[1]), true)
    h.eq(routes.is_fatal(routes.collisions(known, "192.168.1.128/25")[1]), true)
    h.eq(routes.collisions(known, "192.168.1.64/27")[1].kind, "addr")
    h.eq(routes.collisions(known, "10.10.3.0/24")[1].device, "tun0")
    h.eq(routes.collisions(known, "172.17.5.0/24"), {})
    h.eq(routes.collisions(known, "nonsense"), {})
  end)
end)
