local fs = require "fs"
local task = require "task"

describe("fs", function()
  local dir
  before_each(function()
    dir = fs.temp_dir()
  end)
  after_each(function()
    dir:close()
  end)

  local function fails(code, fn, ...)
    local _, err = try(fn, ...)
    h.eq(err and err.code, code)
    return err
  end

  it("writes and reads whole files, 0600 when new", function()
    local path = dir.path .. "/a"
    fs.write(path, "one\r\ntwo\n\nthree")
    h.eq(fs.read(path), "one\r\ntwo\n\nthree")
    h.eq(fs.stat(path).mode, tonumber("600", 8))
    h.eq(table.concat(fs.lines(path), "|"), "one|two||three")
    fs.chmod(path, tonumber("640", 8))
    fs.write(path, "")
    h.eq(fs.read(path), "")
    h.eq(fs.stat(path).mode, tonumber("640", 8))
    fs.write(path, "x", { mode = tonumber("604", 8), atomic = false, fsync = false })
    h.eq(fs.stat(path).mode, tonumber("604", 8))
    h.eq(table.concat(fs.list(dir.path), ","), "a")
  end)

  it("says what failed, and where", function()
    local missing = dir.path .. "/no/such"
    local err = fails("no_file", fs.read, missing)
    h.eq(err.category, "not_found")
    h.eq(err.message, "cannot read " .. missing)
    fails("no_file", fs.write, missing, "x")
    fails("no_file", fs.list, missing)
    fails("no_file", fs.remove, missing)
    fails("exists", fs.mkdir, dir.path)
    fs.write(dir.path .. "/big", ("x"):rep(1000))
    fails("too_large", fs.read, dir.path .. "/big", 999)
    h.eq(#fs.read(dir.path .. "/big", 1000), 1000)
    h.eq(fs.stat(missing), nil)
    h.eq(fs.lstat(missing), nil)
    h.eq(fs.exists(missing), false)
  end)

  it("refuses a path with a NUL in it", function()
    local ok, err = pcall(fs.read, "/etc/passwd\0.txt")
    h.eq(ok, false)
    assert(tostring(err):find "a path expected")
  end)

  it("makes and removes folders", function()
    local deep = dir.path .. "/a/b/c"
    fs.mkdir(deep, { parents = true })
    fs.mkdir(deep, { parents = true })
    h.eq(fs.is_directory(deep), true)
    h.eq(fs.stat(deep).mode, tonumber("700", 8))
    fs.write(deep .. "/f", "x")
    local _, err = try(fs.remove, deep)
    h.eq(err.code, "exists")
    fs.rename(deep .. "/f", deep .. "/g")
    fs.remove(deep .. "/g")
    fs.write(dir.path .. "/a/kept", "x")
    fs.remove(dir.path .. "/a", { recursive = true })
    h.eq(fs.exists(dir.path .. "/a"), false)
  end)

  it("reads and writes open files in parts, beside other tasks", function()
    local path = dir.path .. "/parts"
    task.all {
      function()
        local f <close> = fs.open(path, "w")
        for i = 1, 20 do
          f:write(("%d\n"):format(i))
        end
      end,
      function()
        task.sleep(0)
      end,
    }
    local f <close> = fs.open(path)
    h.eq(f:read(4), "1\n2\n")
    f:seek(2)
    h.eq(f:read(2), "2\n")
    local n = 0
    for part in function() return f:read(7) end do
      n = n + #part
    end
    h.eq(n, #fs.read(path) - 4)
    h.eq(f:read(), nil)
    local a <close> = fs.open(path, "a")
    a:write "end"
    assert(fs.read(path):find "20\nend$")
    f:close()
    f:close()
    h.eq(pcall(f.read, f), false)
  end)

  it("takes paths apart and joins them", function()
    h.eq(fs.join("a", "b/", "", "c"), "a/b/c")
    h.eq(fs.join("a", "/b"), "/b")
    h.eq(fs.basename "/a/b/", "b")
    h.eq(fs.dirname "/a/b", "/a")
    h.eq(fs.dirname "/a", "/")
    h.eq(fs.dirname "a", ".")
  end)
end)
