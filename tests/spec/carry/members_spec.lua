-- carry.members: what of a stranger's tar stream passes on to the target's tar, and what does not.
local entries = require "tar.entries"
local members = require "carry.members"

local function file(name, bytes, more)
  local e = { name = name }
  for key, value in pairs(more or {}) do e[key] = value end
  return entries.file(e, bytes or "")
end
local function dir(name) return entries.header { name = name, type = "dir", mode = 493 } end
local function link(name, target) return entries.header { name = name, type = "link", target = target } end
local function hard(name, target) return entries.header { name = name, type = "hardlink", target = target } end

-- What passes, fed in pieces of `size` bytes; the members that were seen.
local function pass(archive, options, size)
  local seen, out = {}, {}
  options = options or {}
  options.what = "cannot copy"
  options.on_member = function(m) seen[#seen + 1] = m end
  local reader = members.new(options)
  size = math.max(size or #archive, 1)
  for at = 1, #archive, size do out[#out + 1] = reader:feed(archive:sub(at, at + size - 1)) end
  out[#out + 1] = reader:finish()
  return table.concat(out), seen, reader
end

local function refuses(archive, options, word)
  local _, err = try(pass, archive, options)
  h.eq(err and err.code, "bad_archive")
  if word then h.contains(err.why, word) end
end

local GOOD = dir "./" .. dir "./d/" .. file("./d/f", ("x"):rep(1000), { mode = 2541, uid = 12, gid = 13, mtime = 5 }) .. link("./l", "/etc")
  .. hard("./h", "./d/f") .. file("./" .. ("n"):rep(150), "y")
  .. entries.extended { path = "./p", mtime = "7.25", ["SCHILY.xattr.user.a"] = "b\nc" } .. file("x", "z")

describe("a tar stream on its way", function()
  it("passes as it is, in pieces of any size", function()
    for _, size in ipairs { 1, 7, 511, 512, 513, 4096 } do
      local out, seen = pass(GOOD .. entries.END, nil, size)
      h.eq(out, GOOD .. entries.END)
      h.eq(#seen, 7)
    end
  end)

  it("tells its members", function()
    local _, seen = pass(GOOD .. entries.END)
    h.eq(seen[1].path, ".")
    h.eq(seen[3].path .. " " .. seen[3].mode .. " " .. seen[3].uid .. " " .. seen[3].gid .. " " .. seen[3].size, "d/f 2541 12 13 1000")
    h.eq(seen[4].link, "/etc")
    h.eq(seen[5].link, "d/f")
    h.eq(#seen[6].path, 150)
    h.eq(seen[7].path .. " " .. seen[7].mtime, "p 7.25")
  end)

  it("refuses what belongs to the other of two streams", function()
    local second = { names = { a = true }, within = true }
    local first = { names = { a = true }, within = false }
    local inside, outside = file("./a/x", "1") .. entries.END, file("./b", "1") .. entries.END
    h.eq((pass(inside, { parts = second })), inside)
    h.eq((pass(outside, { parts = first })), outside)
    refuses(inside, { parts = first }, "the other stream")
    refuses(outside, { parts = second }, "the other stream")
    refuses(hard("./a/y", "./b") .. entries.END, { parts = second }, "the other stream")
    refuses(link("./a", "/etc") .. entries.END, { parts = first }, "the other stream")
  end)

  it("loses the ends of archives that follow each other, where several are expected", function()
    local two = file("./a", "1") .. entries.END .. ("\0"):rep(4096) .. file("./b", "2") .. entries.END
    h.eq((pass(two, { several = true }, 1000)), file("./a", "1") .. file("./b", "2") .. entries.END)
    refuses(two, nil, "behind its end")
  end)

  it("tells contents apart from padding", function()
    local got = {}
    pass(GOOD .. entries.END, { on_data = function(bytes, last) got[#got + 1] = bytes .. (last and "|" or "") end }, 100)
    h.eq(table.concat(got), ("x"):rep(1000) .. "|y|z|")
  end)

  it("is not taken for whole when it breaks off", function()
    refuses(GOOD, nil, "breaks off")
    refuses(file("./a", "123"):sub(1, 515), nil, "breaks off")
    refuses("", nil, "breaks off")
  end)

  it("holds no name that leaves the tree", function()
    for _, name in ipairs { "/etc/passwd", "../x", "./a/../../x", "..", "a//b", "a/.." } do refuses(file(name, "x") .. entries.END) end
    refuses(entries.extended { path = "../x" } .. file("fine", "x") .. entries.END)
    refuses(entries.extended { path = "fine" } .. file("../x", "x") .. entries.END)
    refuses(entries.extended { path = "a\0b" } .. file("fine", "x") .. entries.END)
    refuses(entries.extended { ["GNU.sparse.name"] = "/x" } .. file("fine", "x") .. entries.END)
    refuses(entries.long("L", "../" .. ("x"):rep(120)) .. file("fine", "x") .. entries.END)
    refuses(hard("./a", "/etc/passwd") .. entries.END)
    refuses(hard("./a", "../b") .. entries.END)
  end)

  it("writes through no symlink: of the target's, of its own, or one that a hard link makes", function()
    refuses(file("./l/x", "x") .. entries.END, { links = { l = true } }, "through a symlink")
    refuses(link("./l", "/etc") .. file("./l/x", "x") .. entries.END, nil, "through a symlink")
    refuses(link("./l", "/etc") .. dir "./l/" .. entries.END, nil, "where a symlink is")
    refuses(link("./l", "/etc") .. hard("./m", "./l") .. file("./m/x", "x") .. entries.END, nil, "through a symlink")
    refuses(link("./l", "/etc") .. hard("./m", "./l/passwd") .. entries.END, nil, "through a symlink")
    refuses(file("./d/a", "x") .. link("./d", "/etc") .. file("./d/b", "x") .. entries.END, nil, "through a symlink")
    refuses(link(".", "/etc") .. entries.END, nil, "the tree itself")
  end)

  it("a symlink that a file took the place of is none any more", function()
    local archive = link("./l", "/etc") .. file("./l", "x") .. link("./l", "y") .. entries.END
    h.eq((pass(archive)), archive)
  end)

  it("is made of headers that all read alike", function()
    local bad = file("./a", "x")
    refuses(bad:sub(1, 10) .. "q" .. bad:sub(12) .. entries.END, nil, "checksum")
    for _, flag in ipairs { "g", "S", "V", "D", "A", "7" } do
      local block = bad:sub(1, 148) .. "        " .. flag .. bad:sub(158, 512)
      local sum = 0
      for i = 1, 512 do sum = sum + block:byte(i) end
      refuses(block:sub(1, 148) .. ("%06o\0 "):format(sum) .. block:sub(157) .. entries.END, nil, "unknown kind")
    end
    refuses(entries.extended { comment = "x" } .. bad .. entries.END, nil, "what it should not")
    refuses(entries.extended { path = "a" } .. entries.extended { path = "b" } .. bad .. entries.END, nil, "twice")
    refuses(entries.extended { size = "1e9" } .. bad .. entries.END, nil, "size")
    refuses(entries.extended { path = "a" } .. entries.END, nil, "middle of a member")
    refuses(entries.header { name = "PaxHeader", size = 1 } .. "x", nil)
  end)

  it("has numbers in base 256, within reason", function()
    local _, seen = pass(entries.header { name = "./a", uid = 3000000, gid = 2097152 } .. entries.END)
    h.eq(seen[1].uid .. " " .. seen[1].gid, "3000000 2097152")
    refuses(entries.header { name = "./a", size = 1 << 60 } .. entries.END, nil, "out of range")
  end)

  it("holds one file where one is expected", function()
    h.eq((pass(file("./a", "x") .. entries.END, { only = "a" })), file("./a", "x") .. entries.END)
    refuses(file("./a", "x") .. file("./b", "x") .. entries.END, { only = "a" })
  end)
end)

describe("a tar stream for another tar", function()
  it("names its members in GNU's way for one without extended headers, and repeats the folders", function()
    local archive = dir "./d/" .. entries.extended { path = "./ü" } .. file("x", "1") .. entries.END
    local out, _, reader = pass(archive, { plain = true, folders = true }, 300)
    h.eq(out, dir "./d/" .. entries.long("L", "./ü") .. file("x", "1") .. entries.END)
    h.eq(reader:only_folders(), dir "./d/" .. entries.END)
  end)

  it("puts its members below a folder", function()
    local archive = dir "./" .. file("./a", "1") .. hard("./b", "./a") .. link("./c", "../x") .. entries.END
    local out, seen = pass(archive, { prefix = "top" }, 300)
    h.eq(#seen, 4)
    local _, inside = pass(out)
    local got = {}
    for i, m in ipairs(inside) do got[i] = m.path .. (m.link and "=" .. m.link or "") end
    h.eq(table.concat(got, " "), "top top/a top/b=top/a top/c=../x")
  end)

  it("counts the digits of its extended headers", function()
    for _, n in ipairs { 1, 80, 88, 89, 90, 91, 92, 980, 985, 986, 987, 988, 989, 990 } do
      local name = ("n"):rep(n)
      local _, seen = pass(entries.extended { path = name } .. file("x", "") .. entries.END)
      h.eq(seen[1].path, name)
    end
  end)
end)
