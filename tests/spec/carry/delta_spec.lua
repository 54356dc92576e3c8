-- carry.delta: what brings a copy to another state, and in what words two trees differ.
local delta = require "carry.delta"

-- "d/f" = "f644 1 5.0": kind and mode, inode, mtime; more as given.
local function manifest(files, loses)
  local m = { entries = {}, linked = {}, loses = loses or {}, count = 0, bytes = 0 }
  for path, f in pairs(files) do
    m.entries[path] = ("%s %s %s %s %s %s %d %s %s\0%s"):format(
      f[1]:sub(1, 1), f[1]:sub(2), f.uid or 0, f.gid or 0, f.links or 1, "1:" .. (f.inode or 0), f.size or 3, f.mtime or "5.000000000",
      f.ctime or "6.000000000", f.target or ""
    )
    if f.links then table.insert(m.linked, path) end
  end
  table.sort(m.linked)
  return m
end

local function between(a, b, options)
  local d = delta.between(manifest(a), manifest(b), options)
  return table.concat(d.changed, " "), table.concat(d.removed, " "), d.bytes
end

describe("a delta", function()
  it("is nothing where nothing changed", function()
    local tree = { ["."] = { "d755" }, a = { "f644" } }
    local changed, removed, bytes = between(tree, tree)
    h.eq(changed .. "|" .. removed .. "|" .. bytes, "||0")
  end)

  it("holds what is new, what is different in any way, and what is gone", function()
    local changed, removed, bytes = between(
      { a = { "f644" }, b = { "f644" }, c = { "f644" }, e = { "d755" }, ["e/f"] = { "f644" }, s = { "s755" } },
      { a = { "f600" }, b = { "f644", ctime = "7.0" }, c = { "f644" }, n = { "f644", size = 10 }, t = { "s755" } }
    )
    h.eq(changed, "a b n")
    h.eq(removed, "s e")
    h.eq(bytes, 16)
  end)

  it("takes away what is of another kind now, before it is copied", function()
    local changed, removed = between({ a = { "d755" }, ["a/x"] = { "f644" } }, { a = { "l777", target = "/etc" } })
    h.eq(changed .. "|" .. removed, "a|a")
    changed, removed = between({ a = { "l777", target = "/etc" } }, { a = { "d755" }, ["a/x"] = { "f644" } })
    h.eq(changed .. "|" .. removed, "a a/x|a")
  end)

  it("sends a group of hard links as a whole", function()
    local two, other = { "f644", inode = 7, links = 2 }, { "f644", inode = 8, links = 2 }
    local three = { "f644", inode = 7, links = 3 }
    local before, after = { a = two, b = two, c = other, d = other }, { a = three, b = two, z = three, c = other, d = other }
    h.eq((between(before, after)), "a b z")
  end)

  it("the tree itself is never removed", function()
    h.eq(select(2, between({ ["."] = { "d755" } }, {})), "")
  end)

  it("across two trees goes by what a copy keeps: not by inode and ctime, but by size, times, owner and the groups of links", function()
    local a = { a = { "f644", inode = 1 }, x = { "f644", inode = 5, links = 2 }, y = { "f644", inode = 5, links = 2 } }
    local b = { a = { "f644", inode = 9, ctime = "9.0" }, x = { "f644", inode = 3, links = 2 }, y = { "f644", inode = 3, links = 2 } }
    h.eq((between(a, b)), "a x y")
    h.eq((between(a, b, { across = true })), "")
    b.y = { "f644", inode = 4, links = 2 }
    h.eq((between(a, b, { across = true })), "y")
    b.a.size = 4
    h.eq((between(a, b, { across = true })), "a y")
  end)
end)

describe("two trees", function()
  local function compare(a, b, more)
    local o = more or {}
    o.manifest_from, o.manifest_to = manifest(a, o.loses), manifest(b)
    local list, count = delta.compare(o)
    return table.concat(list, "\n"), count
  end

  it("are equal by what is compared", function()
    local hashes = { hashes_from = { a = "1" }, hashes_to = { a = "1" } }
    h.eq((compare({ a = { "f644" } }, { a = { "f644", inode = 3, ctime = "1.0" } }, hashes)), "")
  end)

  it("differ in words", function()
    local list = compare(
      {
        a = { "f644" }, b = { "f644" }, c = { "l777", target = "x" }, d = { "d755" }, e = { "f644" }, ["f\n"] = { "f644" }, s = { "s755" },
        unread = { "f644" },
      },
      {
        a = { "f600", uid = 5, mtime = "4.0" }, b = { "f644" }, c = { "l777", target = "y" }, d = { "f644" }, g = { "f644" },
        ["f\n"] = { "f644", size = 9 }, unread = { "f644" },
      },
      { hashes_from = { a = "1", b = "1", ["f\n"] = "1" }, hashes_to = { a = "1", b = "2", ["f\n"] = "1" } }
    )
    h.eq(list, "a: mode, owner, mtime\nb: content\nc: link\nd: kind\ne: only in the source\nf\\x0a: size\ng: only in the target\n"
      .. "unread: content")
  end)

  it("are not told apart by what a way loses", function()
    local a, b = { a = { "f644", mtime = "5.250000000" }, l = { "l777", mtime = "9.0" } }, { a = { "f644" }, l = { "l777" } }
    h.eq((compare(a, b)), "a: mtime\nl: mtime")
    h.eq((compare(a, b, { loses = { "times below a second", "times of symlinks" } })), "")
  end)

  it("are told where hard links parted, and no more than is asked for", function()
    h.eq((compare({ a = { "f644", inode = 1, links = 2 }, b = { "f644", inode = 1, links = 2 } }, { a = { "f644" }, b = { "f644" } })),
      "a: hard link\nb: hard link")
    local list, count = compare({ a = { "f644" }, b = { "f644" } }, {}, { max = 1 })
    h.eq(list, "a: only in the source")
    h.eq(count, 2)
  end)
end)
