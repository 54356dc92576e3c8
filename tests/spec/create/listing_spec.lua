-- Rows of ps and images as docker shows them.
local ports = require "listing.ports"
local text = require "listing.text"
local images = require "listing.images"
local filters = require "listing.filters"
local keys = require "attach.keys"

local function port(private, public, ip, protocol)
  return { PrivatePort = private, PublicPort = public, IP = ip, Type = protocol or "tcp" }
end

describe("listing", function()
  it("folds ports", function()
    h.eq(ports.text {}, "")
    h.eq(ports.text { port(80) }, "80/tcp")
    h.eq(ports.text { port(80), port(81), port(83, nil, nil, "udp") }, "80-81/tcp, 83/udp")
    h.eq(ports.text { port(80, 8080, "0.0.0.0"), port(80, 8080, "::") }, "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp")
    h.eq(ports.text { port(81, 81, "0.0.0.0"), port(80, 80, "0.0.0.0"), port(82, 82, "0.0.0.0") }, "0.0.0.0:80-82->80-82/tcp")
  end)

  it("cuts and quotes", function()
    h.eq(text.ellipsis("12345678901234567890", 20), "12345678901234567890")
    h.eq(text.ellipsis("123456789012345678901", 20), "1234567890123456789…")
    h.eq(text.quote 'a"b\n', '"a\\"b\\n"')
    h.eq(text.short_id("sha256:" .. ("ab"):rep(32)), "abababababab")
    h.eq(text.labels { b = "1", a = "" }, "a=,b=1")
  end)

  it("says ages, or the times themselves", function()
    h.eq(text.since(0, { now = 7200, flags = {} }), "2 hours ago")
    h.eq(text.since(0, { now = 7200, flags = { utc = true, full_time = true } }), "1970-01-01T00:00:00Z")
    h.matches(text.since(0, { now = 7200, flags = { full_time = true } }), "^19[67]%d%-%d%d%-%d%dT%d%d:%d%d:%d%d[Z+-]")
  end)

  it("makes a row of each repository and tag", function()
    local rows = images.rows({ { RepoTags = { "a:1", "a:2", "r.io:5000/b:x" }, RepoDigests = { "a@sha256:1" } } }, false, false)
    h.eq(#rows, 3)
    h.eq({ rows[3].repository, rows[3].tag }, { "r.io:5000/b", "x" })
    rows = images.rows({ { RepoTags = { "a:1" }, RepoDigests = { "a@sha256:1", "c@sha256:2" } } }, true, true)
    h.eq({ rows[1].digest, rows[2].repository, rows[2].tag, rows[2].digest }, { "sha256:1", "c", "<none>", "sha256:2" })
    h.eq(images.rows({ { RepoTags = {}, RepoDigests = {} } }, false, false)[1].repository, "<none>")
  end)

  it("reads filters", function()
    h.eq(filters.parse { "status=a", "status=b", "Label!=x=y" }, { status = { a = true, b = true }, ["label!"] = { ["x=y"] = true } })
    h.eq(select(2, try(filters.parse, { "bad" })).code, "bad_filter")
  end)
end)

describe("detach keys", function()
  it("find the sequence over several reads and hold back its start", function()
    local feed = keys.filter(keys.parse(nil))
    h.eq({ feed "ab\16" }, { "ab", false })
    h.eq({ feed "c" }, { "\16c", false })
    h.eq({ feed "\16" }, { "", false })
    h.eq({ feed "\16\17" }, { "\16", true })
  end)

  it("are checked", function()
    h.eq(keys.parse "ctrl-a,b", "\1b")
    h.eq(keys.parse "ctrl-@,ctrl-_", "\0\31")
    h.eq(select(2, try(keys.parse, "ctrl-pp")).code, "bad_detach_keys")
  end)
end)
