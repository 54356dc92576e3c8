-- core.docker where no engine is needed: arguments, paths, the words of errors, ends.
local core = require "core.docker"

local function engine()
  return core.engine(core.unix_dialer "/nowhere/docker.sock", { label = "nas1" })
end

describe("core.docker", function()
  it("escapes names for paths", function()
    h.eq(core.escape "a b/c", "a%20b%2Fc")
    h.eq(core.escape("library/nginx:1", true), "library/nginx:1")
    h.raises("1 to 4095", core.escape, "")
    h.raises("1 to 4095", core.escape, ("x"):rep(5000))
    h.eq(core.escape(("é"):rep(2000)), ("%C3%A9"):rep(2000))
  end)

  it("reads versions", function()
    h.eq(core.api_number "1.41", 141)
    h.eq(core.api_number "x", nil)
    h.eq({ core.engine_version "27.1.2-qnap8" }, { 27, 1, 2 })
    h.eq({ core.engine_version "?" }, {})
  end)

  it("turns the engine's words into an error", function()
    local err = core.failure { message = "toomanyrequests: slow down", what = "cannot pull", profile = "nas1", object = "x" }
    h.eq(require("errors").is(err), true)
    h.eq({ err.code, err.message, err.profile, err.object }, { "registry_rate_limit", "cannot pull", "nas1", "x" })
    h.eq(err.engine, "toomanyrequests: slow down")
  end)

  it("says which field of a request is wrong", function()
    local e <close> = engine()
    for want, request in pairs {
      ["'path': string expected"] = {},
      ["'query': table expected"] = { path = "/x", query = "a=b" },
      ["'body': table or string expected"] = { path = "/x", body = 1 },
      ["'headers': table expected"] = { path = "/x", headers = "a" },
      ["'headers': names and values must be strings"] = { path = "/x", headers = { a = 1 } },
      ["'ok': table expected"] = { path = "/x", ok = 404 },
      ["'pipeline': boolean expected"] = { path = "/x", pipeline = 1 },
      ["'timeout': seconds expected"] = { path = "/x", timeout = {} },
      ["engine:stream"] = { path = "/x", upload = true },
    } do
      h.raises(want, e.request, e, request)
    end
    h.raises({ category = "usage", code = "bad_request" }, e.request, e, { path = "/a b" })
    h.raises({ category = "usage", code = "bad_request" }, e.request, e, { path = "/a", headers = { ["X-A"] = "b\r\nX-C: d" } })
    h.raises({ category = "usage", code = "bad_request" }, e.request, e, { path = "/a", headers = { Host = "x" } })
    h.raises({ category = "usage", code = "bad_query" }, e.request, e, { path = "/a", query = { a = { { 1 } } } })
    h.raises("absolute path", core.unix_dialer, "docker.sock")
  end)

  it("fails with what the dialer says, in every kind of call", function()
    local e <close> = engine()
    local want = { category = "connect", code = "no_socket" }
    h.raises(want, e.request, e, { path = "/x" })
    h.raises(want, e.stream, e, { path = "/x" })
    h.raises(want, e.hijack, e, { path = "/x" })
    h.raises(want, e.api, e)
    local upload <close> = e:stream { method = "PUT", path = "/x", upload = true }
    h.raises(want, upload.response, upload)
    h.raises(want, upload.write, upload, "x")
    h.eq({ upload.status, upload.headers }, { nil, {} })
  end)

  it("does nothing on what was closed", function()
    local e = engine()
    local upload = e:stream { method = "PUT", path = "/x", upload = true }
    upload:close()
    upload:close()
    h.raises({ code = "connection_closed" }, upload.read, upload)
    h.raises({ code = "connection_closed" }, upload.response, upload)
    e:close()
    e:close()
    h.raises({ code = "connection_closed", message = "the connection to nas1 was closed" }, e.request, e, { path = "/x" })
    h.eq(tostring(e), "engine of nas1 (closed)")
  end)

  it("tells whoever waits when the engine is closed", function()
    local task = require "task"
    local e = engine()
    local waiting = task.spawn(try, e.request, e, { path = "/x" })
    local closer = task.spawn(e.close, e)
    closer:wait()
    local _, err = waiting:wait()
    h.eq(err.code == "connection_closed" or err.code == "no_socket", true)
  end)
end)
