local probe = require "nas.probe"
local capabilities = require "nas.capabilities"

local QTS = [[
uid=0
user=admin
groups=administrators everyone
arch=x86_64
kernel=5.10.60-qnap
page_size=4096
qnap=yes
model=TS-X73
firmware=5.2.9
build=20260214
hostname=cellar
station_path=/share/CACHEDEV2_DATA/.qpkg/container-station
station_version=3.1.2.1742
station_enabled=TRUE
default_volume=/share/CACHEDEV1_DATA
container_share=/share/CACHEDEV1_DATA/Container
docker=/share/CACHEDEV2_DATA/.qpkg/container-station/bin/docker
socket=/var/run/docker.sock
socket_denied=/var/run/system-docker.sock
vxlan=yes
volume=/share/CACHEDEV1_DATA /dev/mapper/cachedev1 1000 900 100 90% /share/CACHEDEV1_DATA
volume=/share/CACHEDEV2_DATA /dev/mapper/cachedev2 2000 20 1980 1% /share/CACHEDEV2_DATA
root=/ tmpfs 400 300 100 75% /
end=yes
]]

describe("nas.probe", function()
  it("reads a QTS machine", function()
    local f = probe.parse(QTS)
    h.eq({ f.qnap, f.hero, f.uid, f.page_size, f.groups }, { true, false, 0, 4096, { "administrators", "everyone" } })
    h.eq(f.sockets, { ["/var/run/docker.sock"] = "open", ["/var/run/system-docker.sock"] = "denied" })
    h.eq(f.station.path, "/share/CACHEDEV2_DATA/.qpkg/container-station")
    h.eq(f.volumes[1], { path = "/share/CACHEDEV1_DATA", name = "CACHEDEV1_DATA", total = 1024000, used = 921600, free = 102400 })
    h.eq(probe.system(f), "TS-X73, QTS 5.2.9 (build 20260214)")
    h.eq(probe.primary_volume(f), "CACHEDEV1_DATA")
  end)

  it("knows QuTS hero by its volumes", function()
    local volume = "volume=/share/ZFS530_DATA zpool1/zfs530 10 1 9 10% /share/ZFS530_DATA\n"
    local f = probe.parse("qnap=yes\nmodel=TVS\nfirmware=5.1\n" .. volume .. "end=yes\n")
    h.eq({ f.hero, probe.system(f), probe.primary_volume(f) }, { true, "TVS, QuTS hero 5.1", "ZFS530_DATA" })
  end)

  it("reads a machine that is no QNAP", function()
    local f = probe.parse "os=Debian GNU/Linux 12\ndocker=/usr/bin/docker\nroot=/ /dev/sda1 10 5 5 50% /\nend=yes\n"
    h.eq({ f.qnap, f.station, f.volumes, probe.system(f) }, { false, nil, {}, "not a QNAP: Debian GNU/Linux 12" })
    h.eq(probe.primary_volume(f), nil)
  end)

  it("takes no path of Container Station that QNAP does not use", function()
    for _, path in ipairs { "/tmp/x", "/share/a/../.qpkg", "/share/a b/.qpkg", "/share/$(x)/.qpkg", "/share/.qpkg" } do
      local f = probe.parse(("qnap=yes\nstation_version=3\nstation_path=%s/container-station\nend=yes\n"):format(path))
      h.eq(f.station.path, nil, path)
    end
  end)

  it("passes over nonsense, and refuses an answer that ends early", function()
    local long = ("x"):rep(1000)
    local f = probe.parse("banner\n=x\nuid=zero\nuid=999999999999999999999\npage_size=1e9\nvolume=/x\nmodel=" .. long .. "\nend=yes\n")
    h.eq({ f.uid, f.page_size, f.model, f.volumes[1].free }, { nil, nil, nil, nil })
    h.raises({ code = "bad_probe" }, probe.parse, "qnap=yes\nmodel=T")
    h.raises({ code = "bad_probe" }, probe.parse, "")
  end)

  it("is a script that this machine's shell runs, without single quotes", function()
    h.lacks(probe.SCRIPT, "'")
    local f = probe.parse(require("nas.reach").here():sh(probe.SCRIPT))
    h.ok(f.uid and f.arch and f.kernel and f.root.total)
    h.eq(f.qnap, false)
  end)

  it("says what a kernel lacks", function()
    local list = capabilities.list({ MemoryLimit = true, SwapLimit = false, CpuCfsQuota = false, CgroupVersion = "1", Driver = "overlay2" },
      { vxlan = true, page_size = 32768, arch = "armv7l" })
    local grave = capabilities.grave(list)
    h.eq({ #grave, grave[1].name, grave[2].name }, { 2, "cpu limits", "page size" })
    h.matches(capabilities.table(list), "\n  swap limit      no         %-%-swap has no effect\n")
    h.matches(capabilities.table(list), "\n  vxlan           yes\n")
  end)
end)
