-- tar members made one by one: what tar programs make of them.
local entries = require "tar.entries"
local fs = require "fs"
local proc = require "proc"

describe("tar.entries", function()
  for _, program in ipairs { "tar", "busybox" } do
    it("is unpacked by " .. program, function()
      local dir <close> = fs.temp_dir()
      local long, target = ("d"):rep(90) .. "/" .. ("f"):rep(90), ("t"):rep(120)
      local stream = entries.header { name = "sub", type = "dir", mode = 448 }
        .. entries.file({ name = "sub/a", mode = 384, mtime = 1000000000 }, "content")
        .. entries.header { name = "sub/hard", type = "hardlink", target = "sub/a" }
        .. entries.header { name = "link", type = "link", target = target }
        .. entries.file({ name = long }, ("x"):rep(600))
        .. entries.file({ name = "empty" }, "")
        .. entries.END
      local argv = program == "tar" and { "tar", "xpf", "-", "-C", dir.path } or { "busybox", "tar", "xpf", "-", "-C", dir.path }
      local r = proc.run { argv = argv, stdin = stream }
      h.eq({ r.code, r.stderr }, { 0, "" })
      h.eq(fs.read(dir.path .. "/sub/a"), "content")
      local stat = fs.stat(dir.path .. "/sub/hard")
      h.eq({ stat.mode, stat.links, math.floor(stat.mtime), fs.stat(dir.path .. "/sub").mode }, { 384, 2, 1000000000, 448 })
      h.eq(fs.readlink(dir.path .. "/link"), target)
      h.eq(fs.read(dir.path .. "/" .. long), ("x"):rep(600))
      h.eq(fs.stat(dir.path .. "/empty").size, 0)
    end)
  end

  it("large numbers are in base 256", function()
    local header = entries.header { name = "big", size = 10 << 30, uid = 3000000 }
    h.eq(header:sub(125, 136), "\128\0\0\0\0\0\0\2\128\0\0\0")
    h.eq(header:sub(109, 116), "\128\0\0\0\0\45\198\192")
    h.eq(#header, 512)
  end)
end)
