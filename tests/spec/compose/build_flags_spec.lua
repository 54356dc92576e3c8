-- The build section of a service as the flags of build.
local function project(service)
  return { name = "shop", environment = { TOKEN = "t0ken" }, model = { name = "shop", services = { web = service },
    secrets = { s = { environment = "TOKEN" }, gone = { environment = "NOT_SET" } } } }
end

describe("compose.build_flags", function()
  local build_flags = require "compose.build_flags"
  local function of(build, options, service)
    service = service or {}
    service.build = build
    return build_flags.of(project(service), "web", options or {})
  end

  it("gives the image its name, further tags, and compose's labels", function()
    local f = of({ context = ".", tags = { "a:b" }, labels = { k = "v" } }, nil, { image = "mine:1" })
    h.eq(f.tag, { "mine:1", "a:b" })
    h.eq({ f.label[1], f.label[2], f.label[3] }, { "k=v", "com.docker.compose.project=shop", "com.docker.compose.service=web" })
    h.eq(of({ context = "." }).tag, { "shop-web" })
  end)

  it("arguments of the command line come behind those of the file", function()
    h.eq(of({ context = ".", args = { A = "1" } }, { args = { "A=2" } }).build_arg, { "A=1", "A=2" })
  end)

  it("puts limits, hosts and platforms as build takes them", function()
    local f = of({
      context = ".", ulimits = { nofile = { soft = 1, hard = 2 }, nproc = 5 }, extra_hosts = { "h=::1" }, shm_size = "67108864",
      platforms = { "linux/amd64", "linux/arm64" },
    }, nil, { platform = "linux/arm64" })
    h.eq({ f.ulimit, f.add_host, f.shm_size, f.platform }, { { "nofile=1:2", "nproc=5" }, { "h:::1" }, "67108864", "linux/arm64" })
  end)

  it("reads secrets, and says which has no value", function()
    h.eq(of({ context = ".", secrets = { { source = "s", target = "t" } } }).secret, { { id = "t", bytes = "t0ken" } })
    h.raises({ code = "no_variable" }, of, { context = ".", secrets = { { source = "gone" } } })
  end)

  it("knows what only BuildKit has", function()
    local needs = require("build.command").mode
    local function how(build) return (needs(of(build), "FROM x")) end
    h.eq(how { context = "." }, "classic")
    h.eq(how { context = ".", cache_from = { "x", "type=registry,ref=y" } }, "classic")
    h.eq(how { context = ".", cache_from = { "type=local,src=z" } }, "cli")
    h.eq(how { context = ".", privileged = true }, "cli")
    h.eq(how { context = ".", platforms = { "linux/amd64", "linux/arm64" } }, "cli")
  end)
end)

describe("compose.build_contexts", function()
  local with = require("compose.build_contexts").with_stages

  it("puts stages in front of the first one, behind directives and arguments", function()
    h.eq(with("# syntax=x\nARG V=1\nFROM a:$V\nRUN x\nFROM b\n", { "FROM i AS o" }),
      "# syntax=x\nARG V=1\nFROM i AS o\nFROM a:$V\nRUN x\nFROM b\n")
    h.eq(with("from a", { "FROM i AS o", "FROM j AS p" }), "FROM i AS o\nFROM j AS p\nfrom a")
    h.eq(with("FROM a\n", {}), "FROM a\n")
  end)
end)
