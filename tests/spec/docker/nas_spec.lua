local docker = require "docker"
local errors = require "errors"

-- A NAS whose engine answers from a table {["GET /path"] = body or function}; what it was asked is in nas.asked.
local function fake(answers, options)
  options = options or {}
  local asked = {}
  local engine = {}
  function engine:api() return options.api or "1.41" end -- luacheck: ignore self
  function engine:facts() return { api = options.api or "1.41" } end -- luacheck: ignore self
  function engine:close() asked.closed = true end -- luacheck: ignore self
  function engine:request(o) -- luacheck: ignore self
    local key = (o.method or "GET") .. " " .. o.path
    asked[#asked + 1] = { key = key, query = o.query, body = o.body, what = o.what, object = o.object }
    local answer = answers[key]
    if type(answer) == "function" then answer = answer(o) end
    if answer == nil then
      Error { category = "not_found", code = "no_such_container", message = o.what, engine = "No such thing", engine_status = 404 }
    end
    local status = type(answer) == "number" and answer or 200
    return { status = status, headers = options.headers or {}, body = type(answer) == "table" and answer or nil }
  end
  function engine:stream(o) -- luacheck: ignore self
    asked[#asked + 1] = { key = (o.method or "GET") .. " " .. o.path, query = o.query, headers = o.headers }
    if options.stream_fails then Error { category = "unsupported", code = "logs_unreadable", message = o.what } end
    local stream = { headers = options.headers or {}, items = options.items or {}, sent = {} }
    function stream:close() self.closed = true end
    function stream:next() return table.remove(self.items, 1) end
    function stream:frame()
      local item = table.remove(self.items, 1)
      if item then return item[1], item[2] end
    end
    function stream:read() return table.remove(self.items, 1) end
    function stream:write(bytes)
      self.sent[#self.sent + 1] = bytes
      return #self.sent < (options.takes or 100)
    end
    function stream:finish() self.finished = true end
    function stream:response() -- a whole body is answered, no part of one
      while not self.finished do require("task").sleep(0.001) end
      asked.sent, asked.finished = self.sent, self.finished
    end
    asked.stream = stream
    return setmetatable(stream, { __close = stream.close })
  end
  local nas = docker.from_engine(engine, options.profile or "nas1")
  nas.asked = asked
  return nas
end

describe("docker.Nas", function()
  it("lists containers and asks for nothing that was not wanted", function()
    local nas = fake { ["GET /containers/json"] = { { Id = "a" } } }
    h.eq(nas:containers()[1].Id, "a")
    h.eq(nas.asked[1].query, {})
    nas:containers { all = true, filters = { label = { "a=b" } }, limit = 3, size = true }
    h.eq(nas.asked[2].query, { all = true, filters = { label = { "a=b" } }, limit = 3, size = true })
  end)

  it("names the object and the NAS in a failure", function()
    local nas = fake {}
    h.raises({ message = "cannot list the containers on nas1" }, nas.containers, nas)
    local web = nas:container "/web"
    h.raises({ message = "cannot start container 'web' on nas1" }, web.start, web)
    h.raises({ message = "cannot inspect image 'nginx:1' on nas1" }, nas.image(nas, "nginx:1").inspect, nas:image "nginx:1")
    h.raises({ message = "cannot remove volume 'v' on nas1" }, nas.volume(nas, "v").remove, nas:volume "v")
    h.raises({ message = "cannot connect container '50%' to network 'n' on nas1" }, nas.network(nas, "n").connect, nas:network "n", "50%")
    h.eq(nas.asked[2].object, "web")
  end)

  it("escapes names in paths", function()
    local nas = fake { ["POST /containers/a%20b%3Fc/start"] = 204, ["GET /images/user/app:1/json"] = {} }
    h.eq(nas:container "a b?c":start(), true)
    nas:image "user/app:1":inspect()
  end)

  it("does not send names that lead to another path", function()
    local nas = fake {}
    for _, name in ipairs { "", "/", "..", "a/b", "../images/x", "a\nb" } do h.raises("is called", nas.container, nas, name) end
    for _, name in ipairs { "", "../info", "a//b", "a/./b", "/a", "a/" } do h.raises("is called", nas.image, nas, name) end
    h.raises("is called", nas.volume, nas, "a/b")
    h.raises("is called", nas.network, nas, "..")
  end)

  it("tells a start that changed nothing", function()
    local web = fake({ ["POST /containers/web/start"] = 304, ["POST /containers/web/stop"] = 304 }):container "web"
    h.eq(web:start(), false)
    h.eq(web:stop { timeout = 1.2 }, false)
    h.eq(web.nas.asked[2].query.t, 2)
  end)

  it("refuses what the engine's version does not have", function()
    local nas = fake {}
    local web = nas:container "web"
    h.raises({ category = "unsupported", code = "engine_too_old" }, web.stop, web, { signal = "SIGHUP" })
    h.raises({ code = "engine_too_old" }, nas.df, nas, { type = "image" })
    h.eq(#nas.asked, 0)
    h.eq(nas:supports "1.41", true)
    h.eq(nas:supports "1.42", false)
    h.eq(fake({}, { api = "1.51" }):supports "1.9", true)
  end)

  it("changes nothing through a read-only profile", function()
    local nas = fake({ ["GET /volumes"] = {} }, { profile = { name = "n", read_only = true } })
    nas:volumes()
    h.raises({ category = "conflict", code = "read_only_profile" }, nas.create_volume, nas, { name = "v" })
    h.raises({ code = "read_only_profile" }, nas.pull, nas, { ref = "a" })
    h.eq(#nas.asked, 1)
  end)

  it("gives empty lists where the engine says null", function()
    local nas = fake({ ["GET /volumes"] = {}, ["GET /images/json"] = 200, ["GET /containers/c/changes"] = 200 },
      { headers = { ["content-type"] = "application/json" } })
    h.eq(nas:volumes(), {})
    h.eq(nas:images(), {})
    h.eq(nas:container "c":changes(), {})
  end)

  it("takes no other answer for an empty list", function()
    local nas = fake { ["GET /images/json"] = 200, ["GET /containers/json"] = { message = "hm" } }
    h.raises({ category = "connect", code = "bad_response" }, nas.images, nas)
    h.raises({ category = "connect", code = "bad_response" }, nas.containers, nas)
    for _, list in ipairs { { 7 }, { {} }, { { Id = 7 } }, { { Id = "a", Names = "x" } } } do
      local bad = fake { ["GET /containers/json"] = list }
      h.raises({ category = "connect", code = "bad_response" }, bad.containers, bad)
    end
  end)

  it("closes what it opened", function()
    local nas = fake {}
    local closed = 0
    nas.on_close = function() closed = closed + 1 end
    nas:close()
    nas:close()
    h.eq({ nas.asked.closed, closed }, { true, 1 })
  end)
end)

describe("docker.connect", function()
  local profile = require "profile"

  it("opens a local engine without asking it, with the version it had", function()
    profile.remember("here", { api_version = "1.44" })
    local nas <close> = docker.connect(profile.of("here", { host = "unix:///nowhere/docker.sock" }))
    h.eq({ nas.name, nas.hint }, { "here", "1.44" })
    local err = h.raises({ category = "connect", code = "no_socket" }, nas.containers, nas)
    h.contains(err.message, "/nowhere/docker.sock")
  end)

  it("remembers another version than it was told", function()
    local nas = fake({ ["GET /volumes"] = {} }, { profile = { name = "there" }, api = "1.46" })
    nas.hint = "1.44"
    nas:volumes()
    h.eq(profile.state("there").api_version, "1.46")
    h.eq(nas.hint, "1.46")
  end)

  it("goes through SSH, and ends the session that it began", function()
    local seen = {}
    local session = {
      dialer = function(_, p)
        seen[#seen + 1] = p.socket
        return require("core.docker").unix_dialer "/nowhere/ssh.sock"
      end,
      close = function() seen[#seen + 1] = "closed" end,
    }
    local ssh = {
      connect = function(p, options)
        seen[#seen + 1] = p.name .. " " .. options.timeout
        return session
      end,
    }
    local p = profile.of("nas1", { host = "nas1.local", engine = "system" })
    h.with(package.loaded, { ssh = ssh }, function()
      docker.connect(p, { timeout = 5 }):close()
      docker.connect(p, { session = session }):close() -- whoever began it ends it
    end)
    h.eq(seen, { "nas1 5", "/var/run/system-docker.sock", "closed", "/var/run/system-docker.sock" })
  end)
end)

describe("docker create", function()
  local config = {
    Image = "a", HostConfig = { NetworkMode = "front" },
    NetworkingConfig = { EndpointsConfig = { back = { Aliases = { "x" } }, front = {} } },
  }

  it("connects further networks afterwards on an old engine", function()
    local nas = fake { ["POST /containers/create"] = { Id = "i1" }, ["POST /networks/back/connect"] = 200 }
    local c = nas:create(config, { name = "web" })
    h.eq({ c.id, c.ref }, { "i1", "web" })
    h.eq(nas.asked[1].body.NetworkingConfig.EndpointsConfig, { front = {} })
    h.eq(nas.asked[2].body, { Container = "i1", EndpointConfig = { Aliases = { "x" } } })
    h.eq(config.NetworkingConfig.EndpointsConfig.back ~= nil, true)
  end)

  it("takes the container away again when that fails", function()
    local nas = fake { ["POST /containers/create"] = { Id = "i1" }, ["DELETE /containers/i1"] = 204 }
    h.raises({ message = "cannot create container 'web' on nas1", object = nil }, nas.create, nas, config, { name = "web" })
    h.eq(nas.asked[3].key, "DELETE /containers/i1")
  end)

  it("sends all of them to a newer one", function()
    local nas = fake({ ["POST /containers/create"] = { Id = "i1", Warnings = { "w" } } }, { api = "1.44" })
    h.eq(nas:create(config).warnings, { "w" })
    h.eq(#nas.asked, 1)
    h.eq(nas.asked[1].body, config)
  end)
end)

describe("docker logs", function()
  local function lines(items, options)
    local nas = fake({}, { items = items, headers = options and options.headers })
    options = options or {}
    if options.tty == nil then options.tty = false end
    local out = {}
    for r in nas:container "c":logs(options) do
      out[#out + 1] = r
    end
    return out, nas
  end

  it("makes lines of each output's pieces", function()
    local got, nas = lines { { "stdout", "a\nb" }, { "stderr", "x" }, { "stdout", "c\n\nd" }, { "stderr", "y\n" } }
    h.eq(got, {
      { stream = "stdout", text = "a" }, { stream = "stdout", text = "bc" }, { stream = "stdout", text = "" },
      { stream = "stderr", text = "xy" }, { stream = "stdout", text = "d", partial = true },
    })
    h.eq(nas.asked.stream.closed, true)
    h.eq(nas.asked[1].query, { stdout = true, stderr = true })
  end)

  it("takes the time off a line", function()
    local got = lines({ { "stdout", "2026-11-22T17:17:41.134912487Z hello world\nodd\n" } }, { timestamps = true })
    h.eq(got, { { stream = "stdout", text = "hello world", time = "2026-11-22T17:17:41.134912487Z" }, { stream = "stdout", text = "odd" } })
  end)

  it("puts a line together that the engine keeps in pieces, each with a stamp", function()
    local stamp, later = "2026-11-22T17:17:41.134912487Z", "2026-11-22T17:17:41.134999999Z"
    local long = ("x"):rep(16384)
    local bytes = ("%s %s%s rest\n"):format(stamp, long, later)
    h.eq(lines({ { "stdout", bytes } }, { timestamps = true }), { { stream = "stdout", text = long .. "rest", time = stamp } })
    local exact = lines({ { "stdout", bytes } }, { timestamps = true, inner_stamps = true })
    h.eq(exact, { { stream = "stdout", text = bytes:sub(#stamp + 2, -2), time = stamp } })
    local fake_stamp = ("%s short %s rest\n"):format(stamp, later)
    h.eq(lines({ { "stdout", fake_stamp } }, { timestamps = true })[1].text, "short " .. later .. " rest")
  end)

  it("hands on a line without an end in parts", function()
    local got = lines { { "stdout", ("x"):rep(1048577) }, { "stdout", "y\n" } }
    h.eq(#got[1].text, 1048577)
    h.eq(got[1].partial, true)
    h.eq(got[2], { stream = "stdout", text = "y" })
  end)

  it("hands out pieces as they come when asked to", function()
    h.eq(lines({ { "stdout", "a\nb" } }, { chunks = true }), { { stream = "stdout", text = "a\nb" } })
    h.eq(lines({ "raw\r\n" }, { chunks = true, tty = true }), { { stream = "stdout", text = "raw\r\n" } })
  end)

  it("raises what the daemon writes into the stream", function()
    local want = { category = "fail", message = "cannot read the logs of container 'c' on nas1" }
    local err = h.raises(want, lines, { { "system", "Error grabbing logs" } })
    h.eq(err.engine, "Error grabbing logs")
  end)

  it("asks an old engine whether there is a terminal, and believes a newer one", function()
    local nas = fake({ ["GET /containers/c/json"] = { Config = { Tty = true } } }, { items = { "raw\n" } })
    for r in nas:container "c":logs() do
      h.eq(r.text, "raw")
    end
    local headers = { ["content-type"] = "application/vnd.docker.multiplexed-stream" }
    nas = fake({}, { api = "1.42", items = { { "stdout", "a\n" } }, headers = headers })
    for r in nas:container "c":logs() do
      h.eq(r.text, "a")
    end
    h.eq(#nas.asked, 1)
  end)

  it("fails once, also when an old engine is asked two things", function()
    local nas = fake({}, { stream_fails = true })
    local err = require("task").spawn(function()
      return (select(2, try(function() nas:container("c"):logs() end)))
    end):wait()
    h.eq(err.code, "logs_unreadable")
  end)

  it("sends times as the engine reads them", function()
    local _, nas = lines({}, { since = 1700000000, until_ = 1700000000.25, tail = 5 })
    h.eq(nas.asked[1].query, { stdout = true, stderr = true, since = "1700000000", ["until"] = "1700000000.25", tail = "5" })
  end)
end)

describe("docker pull", function()
  it("normalises the name and reports progress", function()
    local seen = {}
    local nas = fake({}, { items = {
      { status = "Pulling from library/nginx", id = "1.25" }, { status = "Digest: sha256:ab" },
      { status = "Status: Downloaded newer image" },
    } })
    local function on_progress(doc)
      seen[#seen + 1] = doc.status
    end
    local result = nas:pull { ref = "nginx:1.25", platform = "linux/arm64", on_progress = on_progress }
    h.eq(result, { reference = "nginx:1.25", status = "Status: Downloaded newer image", digest = "sha256:ab" })
    h.eq(nas.asked[1].query, { fromImage = "docker.io/library/nginx", tag = "1.25", platform = "linux/arm64" })
    h.eq(#seen, 3)
    h.eq(nas.asked.stream.closed, true)
  end)

  it("raises an error that comes inside the stream", function()
    local words = "manifest unknown: nope"
    local nas = fake({}, { items = { { status = "x" }, { errorDetail = { message = words }, error = words } } })
    h.raises({ category = "not_found", code = "manifest_unknown", profile = "nas1", object = "nope:1" }, nas.pull, nas, { ref = "nope:1" })
    h.eq(nas.asked.stream.closed, true)
  end)

  it("hides the credentials that it sends", function()
    local nas = fake {}
    nas:pull { ref = "r:5/a", auth = { username = "u", password = "s3cr3t-w0rd" } }
    local header = nas.asked[1].headers["X-Registry-Auth"]
    h.eq(require("docker.base64").decode(header), '{"password":"s3cr3t-w0rd","username":"u"}')
    h.eq(require("core.log").redact("is s3cr3t-w0rd or " .. header), "is [redacted] or [redacted]")
  end)

  it("pushes with an empty credential rather than none", function()
    local nas = fake({}, { items = { { aux = { Tag = "1", Digest = "sha256:ab", Size = 3 } } } })
    h.eq(nas:image "r:5/a:1":push().Digest, "sha256:ab")
    h.eq(nas.asked[1].key, "POST /images/r:5/a/push")
    h.eq(nas.asked[1].headers["X-Registry-Auth"], "e30=")
  end)
end)

describe("docker archive", function()
  local archive = require "docker.archive"
  local function header(text)
    return (require("docker.base64").encode_url(text))
  end

  it("reads Go's file modes", function()
    local function stat(mode)
      local s = archive.stat(header(('{"name":"n","size":3,"mode":%d,"mtime":"t","linkTarget":"/x"}'):format(mode)))
      return { ("%o"):format(s.mode), s.type }
    end
    h.eq(stat(2147484141), { "755", "dir" })
    h.eq(stat(134218239), { "777", "symlink" })
    h.eq(stat(420 | 1 << 23), { "4644", "file" })
    h.eq(stat(511 | 1 << 31 | 1 << 20), { "1777", "dir" })
    h.eq(stat(438 | 1 << 26 | 1 << 21), { "666", "device" })
    h.raises({ code = "bad_response" }, archive.stat, "!")
    h.raises({ code = "bad_response" }, archive.stat, header "[]")
    h.raises({ code = "bad_response" }, archive.stat, nil)
  end)

  it("uploads in pieces until the engine takes no more", function()
    local nas = fake({}, { takes = 3 })
    nas:container "c":archive_put("/d", ("x"):rep(65536 * 5))
    h.eq({ #nas.asked.sent, #nas.asked.sent[1], nas.asked.finished }, { 3, 65536, true })
    h.eq(nas.asked[1].query, { path = "/d" })
  end)

  it("finds nothing without an error", function()
    local nas = fake({ ["HEAD /containers/c/archive"] = 404 })
    h.eq(nas:container "c":archive_head "/x", nil)
  end)
end)

describe("docker wait", function()
  it("gives code and problem, and an error when the engine went away", function()
    local nas = fake({}, { items = { { StatusCode = 3, Error = { Message = "m" } } } })
    local code, problem = nas:container "c":wait { condition = "removed" }
    h.eq({ code, problem }, { 3, "m" })
    h.eq(nas.asked[1], { key = "POST /containers/c/wait", query = { condition = "removed" } })
    local web = fake({}):container "c"
    h.raises({ category = "connect", code = "truncated_response", object = "c" }, web.wait, web)
    h.eq(errors.is(nil), false)
  end)
end)
