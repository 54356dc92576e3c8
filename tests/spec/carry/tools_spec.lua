-- carry's scripts with the tools of this machine, on a folder here: what find tells and what stat tells is one; names are bytes.
local carry = require "carry"
local fs = require "fs"
local proc = require "proc"

local NAMES = { "plain", "-dash", "new\nline", "new\nback\\slash", "\255\254", "back\\slash", " sp ", "d/deep/x", "d/*" }
local STAT = { xargs = "xargs", print0 = "1", stat = "stat", sum = "lines", gnu = "tar" }
local OPENSSL = { xargs = "xargs", sum = "lines", gnu = "tar", openssl = "openssl" }
local ONLY_OPENSSL = { xargs = "xargs", sum = "openssl", gnu = "tar", openssl = "openssl" }
local FIND = { xargs = "xargs", printf = "1", find = "find", sum = "zero", gnu = "tar" }

local function with_tree(fn)
  local dir <close> = fs.temp_dir()
  local root = dir.path .. "/tree"
  fs.mkdir(root .. "/d/deep", { parents = true })
  for _, name in ipairs(NAMES) do fs.write(root .. "/" .. name, name) end
  proc.check { argv = { "sh", "-c", 'cd "$1" && ln d/deep/x hard && ln -s "to\nthere" link && mkfifo d/pipe', "sh", root } }
  local nas = { name = "here", cannot = function(_, what) return "cannot " .. what .. " on here" end }
  local tree = { nas = nas, path = root }
  return fn(tree, function(tools) return { kind = "shell", at = root, tools = tools, loses = {}, warm = true } end, root)
end

describe("carry's scripts", function()
  it("tell the same of a tree by find and by stat", function()
    with_tree(function(tree, way)
      local a, b = carry.manifest(tree, way(FIND)), carry.manifest(tree, way(STAT))
      h.eq(a.entries, b.entries)
      h.eq(a.count, 15)
      h.eq(a.linked, { "d/deep/x", "hard" })
      local link = require("carry.delta").record(a.entries.link)
      h.eq(link.type .. link.target, "lto\nthere")
      for _, name in ipairs(NAMES) do h.eq(require("carry.delta").record(a.entries[name]).size, #name) end
    end)
  end)

  it("hash the same with every tool, and without one", function()
    with_tree(function(tree, way)
      local by_zero = carry.hash(tree, way(FIND))
      h.eq(carry.hash(tree, way(STAT)), by_zero)
      h.eq(carry.hash(tree, way { gnu = "tar", xargs = "xargs" }), by_zero)
      h.eq(carry.hash(tree, way(OPENSSL)), by_zero)
      h.eq(carry.hash(tree, way(ONLY_OPENSSL)), by_zero)
      local sum = require("core.seal").sha256()
      sum:update "new\nline"
      h.eq(by_zero["new\nline"], sum:hex())
      h.eq(by_zero.link, nil)
      local some = { ["-dash"] = by_zero["-dash"], ["\255\254"] = by_zero["\255\254"], ["new\nline"] = by_zero["new\nline"] }
      for _, tools in ipairs { FIND, STAT, { gnu = "tar", xargs = "xargs" }, OPENSSL, ONLY_OPENSSL } do
        h.eq(carry.hash(tree, way(tools), { paths = { "-dash", "d", "\255\254", "link", "new\nline", "gone" } }), some)
      end
      h.eq(carry.hash(tree, way(FIND), { paths = { "d" } }), {})
    end)
  end)

  it("take a hash tool that fails for a failure, though its output goes through a pipe", function()
    with_tree(function(tree, way)
      for _, paths in ipairs { false, { "plain" } } do
        local tools = { xargs = "xargs", sum = "lines", gnu = "tar", openssl = "false" }
        local _, err = try(carry.hash, tree, way(tools), { paths = paths or nil })
        h.eq(err and err.code, "hash_failed")
      end
    end)
  end)

  it("remove what is named, and nothing beside the tree", function()
    with_tree(function(tree, way, root)
      fs.write(root .. "/../kept", "x")
      proc.check { argv = { "ln", "-s", "..", root .. "/out" } }
      for _, path in ipairs { "../kept", "/etc/x", ".", "", "d/../../kept", "d//x", "out/kept", "a\0b" } do
        local _, err = try(carry.remove, tree, way(FIND), { path })
        h.eq(err and err.code, "outside")
      end
      h.eq(fs.read(root .. "/../kept"), "x")
      carry.remove(tree, way(FIND), { "d/deep/x", "d", "-dash", "new\nline", "out", "gone" })
      h.eq(fs.exists(root .. "/d"), false)
      h.eq(fs.exists(root .. "/-dash"), false)
      h.eq(fs.read(root .. "/plain"), "plain")
    end)
  end)

  it("say why a tree cannot be listed", function()
    with_tree(function(tree, way)
      local w = way(FIND)
      w.at = w.at .. "/nowhere"
      local _, err = try(carry.manifest, tree, w)
      h.eq(err.code, "manifest_failed")
      h.contains(err.why, "its folder is not there")
    end)
  end)
end)
