-- The grammars of run's flags: what the engine gets, and what is refused with docker's words.
local ports = require "create.ports"
local mounts = require "create.mounts"
local networks = require "create.networks"
local devices = require "create.devices"
local limits = require "create.limits"
local problem = require "create.problem"
local address = require "create.address"
local security = require "create.security"
local platform = require "create.platform"
local env = require "create.env"

local function why(fn, ...)
  local _, err = try(fn, ...)
  return err and (err.why or err.message)
end

describe("create.ports", function()
  local function publish(text)
    local bindings, exposed = {}, {}
    ports.publish(text, bindings, exposed)
    for _, list in pairs(bindings) do setmetatable(list, nil) end
    return bindings, exposed
  end

  local rows = {
    { "80", { ["80/tcp"] = { { HostIp = "", HostPort = "" } } } },
    { "8080:80", { ["80/tcp"] = { { HostIp = "", HostPort = "8080" } } } },
    { "127.0.0.1:53:53/udp", { ["53/udp"] = { { HostIp = "127.0.0.1", HostPort = "53" } } } },
    { "[::1]:80:80", { ["80/tcp"] = { { HostIp = "::1", HostPort = "80" } } } },
    { "::1:80:80/TCP", { ["80/tcp"] = { { HostIp = "::1", HostPort = "80" } } } },
    { "8000-8010:80", { ["80/tcp"] = { { HostIp = "", HostPort = "8000-8010" } } } },
    { "90-91:80-81/sctp", {
      ["80/sctp"] = { { HostIp = "", HostPort = "90" } }, ["81/sctp"] = { { HostIp = "", HostPort = "91" } },
    } },
    { "target=80,published=8080,protocol=udp", { ["80/udp"] = { { HostIp = "", HostPort = "8080" } } } },
    { "127.0.0.1::80", { ["80/tcp"] = { { HostIp = "127.0.0.1", HostPort = "" } } } },
  }
  for _, row in ipairs(rows) do
    it("reads " .. row[1], function()
      local bindings, exposed = publish(row[1])
      h.eq(bindings, row[2])
      for key in pairs(row[2]) do h.eq(exposed[key], {}) end
    end)
  end

  local refused = {
    { "abc:80", "invalid hostPort: abc" }, { "80:abc", "invalid containerPort: abc" }, { "80:", "no port specified: 80:" },
    { "80/icmp", "invalid proto: icmp" },
    { "1-2:1-3", "invalid ranges specified for container and host Ports: 1-3 and 1-2" },
    { "300.1.1.1:80:80", "invalid IP address: 300.1.1.1" }, { "65536", "invalid containerPort: 65536" },
    { "9-8", "invalid containerPort: 9-8" },
  }
  for _, row in ipairs(refused) do
    it("refuses " .. row[1], function() h.eq(why(publish, row[1]), row[2]) end)
  end

  it("exposes ranges", function()
    local exposed = {}
    ports.expose("8000-8001/udp", exposed)
    h.eq(exposed, { ["8000/udp"] = {}, ["8001/udp"] = {} })
    exposed = {}
    ports.expose("80/UDP/x", exposed)
    h.eq(exposed, { ["80/UDP"] = {} })
    h.contains(why(ports.expose, "1:2", {}), "invalid port format for --expose")
  end)
end)

describe("create.mounts", function()
  it("tells binds, volumes and anonymous volumes apart", function()
    h.eq(mounts.volume "/a:/b:ro", { source = "/a", target = "/b", mode = "ro", bind = true })
    h.eq(mounts.volume "data:/b", { source = "data", target = "/b", bind = false })
    h.eq(mounts.volume "/b", { target = "/b", bind = false })
    h.eq(mounts.volume "d:/b", { target = "d:/b", bind = false }) -- docker takes it for a drive of Windows
    h.eq(mounts.volume "vol:d:/b:ro", { source = "vol", target = "d:/b", mode = "ro", bind = false })
    h.contains(why(mounts.volume, ":/b"), "empty section between colons")
    h.contains(why(mounts.volume, "aa:bb:cc:dd"), "too many colons")
  end)

  it("puts relative sources under the base and cannot leave the root", function()
    h.eq((mounts.bind_source("./web", "/share/C")), "/share/C/web")
    h.eq((mounts.bind_source("../../../../etc", "/share/C")), "/etc")
    h.eq((mounts.bind_source("/abs", "/share/C")), "/abs")
    h.eq((mounts.bind_source(".", "/share/C")), "/share/C")
  end)

  it("reads --mount", function()
    h.eq(mounts.mount("type=bind,src=/a,dst=/b,ro,bind-propagation=rslave", "/"),
      { Type = "bind", Source = "/a", Target = "/b", ReadOnly = true, BindOptions = { Propagation = "rslave" } })
    h.eq(mounts.mount("type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770", "/"),
      { Type = "tmpfs", Target = "/t", TmpfsOptions = { SizeBytes = 1048576, Mode = 1016 } })
    h.eq(mounts.mount('source=v,target=/d,"volume-opt=o=a,b",volume-label=x=y,volume-nocopy', "/"), {
      Type = "volume", Source = "v", Target = "/d",
      VolumeOptions = { NoCopy = true, Labels = { x = "y" }, DriverConfig = { Options = { o = "a,b" } } },
    })
  end)

  local refused = {
    { "foo", "invalid field 'foo' must be a key=value pair" }, { "type=bind,source=x", "target is required" },
    { "target=/x,nope=1", "unexpected key 'nope' in 'nope=1'" }, { "target=/x,ro=maybe", "invalid value for ro: maybe" },
    { "type=bind,target=/x,volume-nocopy", "cannot mix 'volume-*' options with mount type 'bind'" },
    { "type=bind,src=/a,target=/x,bind-recursive=writable",
      "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction" },
  }
  for _, row in ipairs(refused) do
    it("refuses --mount " .. row[1], function() h.eq(why(mounts.mount, row[1], "/"), row[2]) end)
  end
end)

describe("create.networks", function()
  local function build(flags)
    local mode, endpoints, order = networks.build(flags)
    for _, e in pairs(endpoints) do
      for _, v in pairs(e) do
        if type(v) == "table" then setmetatable(v, nil) end
      end
    end
    return mode, endpoints, order
  end

  it("takes names and long forms", function()
    h.eq({ build { network = { "net" } } }, { "net", {}, { "net" } })
    h.eq({ build {} }, { "default", { default = {} }, { "default" } })
    h.eq({ build { network = { "name=net,alias=a,alias=b,ip=10.0.0.2" } } },
      { "net", { net = { Aliases = { "a", "b" }, IPAMConfig = { IPv4Address = "10.0.0.2" } } }, { "net" } })
    h.eq({ build { network = { "a", "b" }, network_alias = { "x" } } },
      { "a", { a = { Aliases = { "x" } }, b = {} }, { "a", "b" } })
  end)

  it("refuses what contradicts itself", function()
    h.contains(select(2, try(build, { network = { "a", "host" } })).message, "user-defined and non-user-defined")
    h.contains(select(2, try(build, { network = { "a", "a" } })).message, "specified multiple times")
    h.contains(why(build, { network = { "" } }), "no name set for network")
    h.contains(select(2, try(build, { network = { "name=a,ip=1.1.1.1" }, ip = "2.2.2.2" })).message, "per-network IPv4 address")
    h.contains(select(2, try(build, { network = { "host" }, network_alias = { "x" } })).message, "only supported for user-defined")
  end)
end)

describe("create.devices", function()
  it("reads devices and their permissions", function()
    h.eq(devices.device "/dev/a", { PathOnHost = "/dev/a", PathInContainer = "/dev/a", CgroupPermissions = "rwm" })
    h.eq(devices.device "/dev/a:r", { PathOnHost = "/dev/a", PathInContainer = "/dev/a", CgroupPermissions = "r" })
    h.eq(devices.device "/dev/a:/dev/b:rw", { PathOnHost = "/dev/a", PathInContainer = "/dev/b", CgroupPermissions = "rw" })
    h.contains(why(devices.device, "/dev/a:/dev/b:x"), "bad mode")
    h.eq(devices.is_cdi "vendor.com/gpu=0", true)
    h.eq(devices.is_cdi "/dev/sda", false)
  end)

  it("reads ulimits", function()
    h.eq(devices.ulimit "nofile=1:2", { Name = "nofile", Soft = 1, Hard = 2 })
    h.eq(devices.ulimit "core=-1", { Name = "core", Soft = -1, Hard = -1 })
    h.contains(why(devices.ulimit, "nofile=2:1"), "less than or equal")
    h.contains(why(devices.ulimit, "nofile=x"), "not an integer")
    h.contains(why(devices.ulimit, "what=1"), "invalid ulimit type")
    h.eq(devices.ulimits { "nofile=1", "core=2", "nofile=3" },
      { { Name = "core", Soft = 2, Hard = 2 }, { Name = "nofile", Soft = 3, Hard = 3 } })
  end)

  it("reads rates and weights", function()
    h.eq(devices.bytes_per_second("/dev/sda:1mb", "--device-read-bps"), { Path = "/dev/sda", Rate = 1048576 })
    h.eq(devices.operations_per_second("/dev/sda:10", "--device-read-iops"), { Path = "/dev/sda", Rate = 10 })
    h.eq(devices.weight "/dev/sda:0", { Path = "/dev/sda", Weight = 0 })
    h.contains(why(devices.weight, "/dev/sda:5"), "invalid weight")
    h.contains(why(devices.weight, "sda:50"), "bad format for device path")
  end)

  it("reads GPU requests", function()
    h.eq(devices.gpus("all").Count, -1)
    h.eq(devices.gpus("2").Count, 2)
    local r = devices.gpus 'device=0,"capabilities=compute,utility"'
    h.eq(setmetatable(r.DeviceIDs, nil), { "0" })
    h.eq(setmetatable(r.Capabilities[1], nil), { "compute", "utility", "gpu" })
    h.contains(why(devices.gpus, "count=x"), "invalid count")
  end)
end)

describe("create.limits", function()
  it("converts CPUs exactly", function()
    h.eq(limits.nano_cpus "0.5", 500000000)
    h.eq(limits.nano_cpus "1", 1000000000)
    h.eq(limits.nano_cpus ".000000001", 1)
    h.eq({ limits.nano_cpus "3/2", limits.nano_cpus "1e2", limits.nano_cpus "15e-1", limits.nano_cpus "-1", limits.nano_cpus "+.5" },
      { 1500000000, 100000000000, 1500000000, -1000000000, 500000000 })
    h.eq(why(limits.nano_cpus, "0.0000000001"), "value is too precise")
    h.eq(why(limits.nano_cpus, "1/3"), "value is too precise")
    h.contains(why(limits.nano_cpus, "1/0"), "rational number")
    h.contains(why(limits.nano_cpus, "x"), "rational number")
  end)

  it("adds --swap to --memory and sends the sum", function()
    local host = {}
    limits.apply({ memory = "512m", swap = "1g" }, {}, host)
    h.eq(host.MemorySwap, (512 + 1024) * 1048576)
    host = {}
    limits.apply({ memory = "512m", swap = "unlimited" }, {}, host)
    h.eq(host.MemorySwap, -1)
    h.contains(select(2, try(limits.apply, { memory = "1g", swap = "1g", memory_swap = "2g" }, {}, {})).message, "--swap and --memory-swap")
    h.contains(select(2, try(limits.apply, { swap = "1g" }, {}, {})).message, "--swap needs --memory")
  end)

  it("refuses what is for Windows", function()
    local _, err = try(limits.apply, {}, { cpu_count = true }, {})
    h.eq({ err.code, err.exit_code }, { "windows_only", 1 })
  end)

  it("refuses CPU limits on a kernel without CFS quota, or leaves them out when told", function()
    local info = { CpuCfsQuota = false, MemoryLimit = true, SwapLimit = true }
    local warned = 0
    local options = { nas = "nas1", warn = function() warned = warned + 1 end }
    local _, err = try(limits.preflight, { NanoCpus = 1 }, info, options)
    h.eq(err.code, "no_cfs_quota")
    options.best_effort = true
    local host = { NanoCpus = 1 }
    limits.preflight(host, info, options)
    h.eq(host.NanoCpus, nil)
    h.eq(warned, 1)
  end)
end)

describe("create.config", function()
  it("refuses an image without a name, which the engine would take", function()
    local _, err = try(require("create.config").build, {}, {}, "", {}, {})
    h.eq(err.code, "bad_reference")
  end)
end)

describe("listing.selection", function()
  local function signal(api, wanted)
    local warned = {}
    local nas = { name = "nas1", supports = function(_, version) return api >= version end }
    local ctx = { flags = { signal = wanted }, warn = function(_, text) warned[#warned + 1] = text end }
    local selection = require "listing.selection"
    selection.signal(ctx, nas)
    return selection.signal(ctx, nas), #warned
  end

  it("leaves out a signal that the engine does not know, and says so once", function()
    h.eq({ signal("1.42", "KILL") }, { "KILL", 0 })
    h.eq(table.pack(signal("1.41", "KILL")), { nil, 1, n = 2 })
    h.eq(table.pack(signal("1.41", nil)), { nil, 0, n = 2 })
  end)
end)

describe("create.problem", function()
  it("reads CSV as Go does", function()
    h.eq(problem.csv('a,"b,c","d""e"', "--x"), { "a", "b,c", 'd"e' })
    h.contains(why(problem.csv, 'a,"b', "--x"), "no closing")
  end)
end)

describe("create.address", function()
  it("reads addresses and writes them as Go does", function()
    local rows = {
      { "1.2.3.4", "1.2.3.4" }, { "::1", "::1" }, { "FD00:0:0:0::1", "fd00::1" }, { "::", "::" }, { "::ffff:1.2.3.4", "1.2.3.4" },
      { "1:0:0:2:0:0:0:3", "1:0:0:2::3" }, { "1:2:3:4:5:6:0:8", "1:2:3:4:5:6:0:8" }, { "64:ff9b::1.2.3.4", "64:ff9b::102:304" },
    }
    for _, row in ipairs(rows) do h.eq(address.ip(row[1]), row[2], row[1]) end
    for _, ip in ipairs { "1.2.3", "256.1.1.1", "01.2.3.4", "1:2:3", "a.b.c.d", "", ":::1", "12345::", "1.2.3.4::", "1::2::3" } do
      h.eq(address.ip(ip), nil, ip)
    end
  end)

  it("reads hardware addresses", function()
    for _, mac in ipairs { "02:42:ac:11:00:99", "02-42-AC-11-00-99", "0242.ac11.0099", "02:00:5e:10:00:00:00:01" } do
      h.eq(address.is_mac(mac), true, mac)
    end
    for _, mac in ipairs { "", "x", "02:42:ac:11:00", "02:42-ac:11:00:99", "0242.ac11" } do h.eq(address.is_mac(mac), false, mac) end
  end)

  it("reads search domains", function()
    h.eq({ address.search_domain " a.b ", address.search_domain "a.", address.search_domain "." }, { "a.b", "a", "." })
    for _, name in ipairs { "", "a b", "-x", "a_b.c", "a..b", ".a", "1.2" } do h.eq(address.search_domain(name), nil, name) end
  end)
end)

describe("create.security", function()
  local function options(...)
    local host = {}
    security.options({ ... }, host)
    return host.SecurityOpt and setmetatable(host.SecurityOpt, nil), host
  end

  it("sends options as they were typed", function()
    h.eq((options("no-new-privileges", "label:disable", "apparmor=x")), { "no-new-privileges", "label:disable", "apparmor=x" })
    h.contains(why(options, "x"), "invalid --security-opt: x")
    h.contains(why(options, "seccomp="), "invalid --security-opt: seccomp=")
  end)

  it("keeps systempaths=unconfined to itself, in that spelling", function()
    local list, host = options "systempaths=unconfined"
    h.eq({ list, #host.MaskedPaths, #host.ReadonlyPaths }, { nil, 0, 0 })
    list, host = options "systempaths:unconfined"
    h.eq({ list, host.MaskedPaths }, { { "systempaths:unconfined" }, nil })
  end)

  it("names capabilities in full, once, sorted", function()
    h.eq(setmetatable(security.capabilities { "net_admin", "ALL", "CAP_NET_ADMIN", "chown" }, nil), { "ALL", "CAP_CHOWN", "CAP_NET_ADMIN" })
    h.eq(security.capabilities {}, nil)
  end)

  it("knows the modes of namespaces", function()
    local host = {}
    security.namespaces({ pid = "container:x", uts = "host", userns = "", cgroupns = "private", ipc = "shareable" }, host)
    h.eq(host, { PidMode = "container:x", UTSMode = "host", CgroupnsMode = "private", IpcMode = "shareable" })
    for _, row in ipairs { { "pid", "container:" }, { "uts", "private" }, { "userns", "x" }, { "cgroupns", "HOST" } } do
      h.contains(why(security.namespaces, { [row[1]] = row[2] }, {}), "invalid")
    end
  end)

  it("lets through the sysctls that docker does", function()
    h.eq(security.sysctls { "net.a=1", "kernel.sem=2", "fs.mqueue.x=3", "net.a=4" },
      { ["net.a"] = "4", ["kernel.sem"] = "2", ["fs.mqueue.x"] = "3" })
    h.contains(why(security.sysctls, { "kernel.nope=1" }), "is not allowed")
    h.contains(why(security.sysctls, { "net.a" }), "is not allowed")
  end)
end)

describe("create.platform", function()
  it("takes names as containerd does", function()
    local rows = {
      { "linux/amd64", "linux/amd64" }, { "LINUX/x86_64", "linux/amd64" }, { "arm64", "linux/arm64" }, { "linux/arm/v7", "linux/arm/v7" },
      { "armhf", "linux/arm" }, { "linux", "linux" }, { "linux/aarch64/v8", "linux/arm64/v8" },
    }
    for _, row in ipairs(rows) do h.eq(platform.parse(row[1]), row[2], row[1]) end
    for _, text in ipairs { "x", "linux/", "a/b/c/d", "" } do h.eq(select(2, try(platform.parse, text)).code, "bad_platform", text) end
  end)
end)

describe("create.problem", function()
  it("reads string slices as docker: CSV, and nothing in an empty one", function()
    h.eq(problem.slices({ "", "a,b", '"c,d",e', "" }, "--x"), { "a", "b", "c,d", "e" })
    h.eq(problem.slices({ "a,,b" }, "--x"), { "a", "", "b" })
    h.contains(why(problem.slices, { 'a"b' }, "--x"), "bare")
  end)
end)

describe("create.env", function()
  it("keeps the last value of a name in the place of the first", function()
    h.eq(env.environment(nil, { "A=1", "B=1", "A=2" }), { "A=2", "B=1" })
  end)

  it("checks labels", function()
    h.eq(env.labels(nil, { "a=b=c", "d" }), { a = "b=c", d = "" })
    h.contains(why(env.labels, nil, { "=x" }), "empty name")
    h.contains(why(env.labels, nil, { "a b=x" }), "contains whitespaces")
    h.eq(select(2, try(env.environment, { "" })).code, "bad_flag_value")
  end)
end)
