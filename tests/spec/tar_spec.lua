local fs = require "fs"
local paths = require "copy.paths"
local tar = require "tar"

describe("tar", function()
  local dir
  before_each(function()
    dir = fs.temp_dir()
    fs.mkdir(dir.path .. "/in")
    fs.mkdir(dir.path .. "/out")
  end)
  after_each(function() dir:close() end)

  it("packs what the filter takes, and unpacks it under another name", function()
    fs.write(dir.path .. "/in/a", "A")
    fs.write(dir.path .. "/in/b", ("B"):rep(600000))
    fs.mkdir(dir.path .. "/in/c")
    fs.write(dir.path .. "/in/c/d", "D")
    local asked = {}
    local pack <close> = tar.pack {
      path = dir.path .. "/in", name = "x", extra = { { name = "x/e", bytes = "E" } },
      filter = function(path, folder)
        asked[#asked + 1] = path .. (folder and "/" or "")
        return path == "a" and "skip" or "take"
      end,
    }
    local result = tar.unpack(pack, { dir = dir.path .. "/out", from = "x", to = "y" })
    h.eq(asked, { "a", "b", "c/", "c/d" })
    h.eq(fs.list(dir.path .. "/out/y"), { "b", "c", "e" })
    h.eq(#fs.read(dir.path .. "/out/y/b"), 600000)
    h.eq(result.bytes, 600002)
  end)

  it("an unpacker that is closed early leaves nothing half written", function()
    fs.write(dir.path .. "/in/big", ("x"):rep(2000000))
    local pack <close> = tar.pack { path = dir.path .. "/in/big", name = "big" }
    local raw = require("core.tar").unpack { dir = dir.path .. "/out" }
    raw:write(pack())
    raw:close()
    local clock = require("ui").clock
    local began = clock()
    while #fs.list(dir.path .. "/out") > 0 and clock() - began < 10 do require("task").sleep(0.01) end
    h.eq(fs.list(dir.path .. "/out"), {})
  end)

  it("says what is wrong with an archive", function()
    local given = false
    local _, err = try(tar.unpack, function()
      if given then return nil end
      given = true
      return ("no tar "):rep(1000)
    end, { dir = dir.path .. "/out" })
    h.eq(err.code, "bad_archive")
    local _, missing = try(function() return tar.pack { path = dir.path .. "/none" }() end)
    h.eq(missing.code, "no_file")
  end)
end)

describe("copy.paths", function()
  it("cleans, joins and splits as Go does", function()
    for path, clean in pairs { ["a//b/./c/.."] = "a/b", ["/../a"] = "/a", [""] = ".", ["../x"] = "../x", ["/"] = "/" } do
      h.eq(paths.clean(path), clean)
    end
    h.eq({ paths.split "a/b/." }, { "a/b", "." })
    h.eq({ paths.split "/a" }, { "/", "a" })
    h.eq({ paths.split "a/" }, { ".", "a" })
    h.eq(paths.absolute "/x/y/.", "/x/y/.")
    h.eq(paths.absolute "/x/y/", "/x/y/")
  end)

  it("tells containers from files", function()
    h.eq({ paths.container "web:/x" }, { "web", "/x" })
    h.eq({ paths.container "./a:b" }, { nil, "./a:b" })
    h.eq({ paths.container "/a:b" }, { nil, "/a:b" })
    h.eq({ paths.container "-" }, { nil, "-" })
  end)
end)
