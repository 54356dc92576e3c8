-- What a NAS keeps of a project: its folder, read and written by a POSIX shell; here on this machine.
local fs = require "fs"
local json = require "json"
local store = require "compose.store"

local function nas_of(dir)
  return { name = "here", profile = { name = "here", kind = "local", data_root = dir.path } }
end

describe("compose.store", function()
  local dir, nas, root
  before_each(function()
    dir = fs.temp_dir()
    nas = nas_of(dir)
    root = dir.path .. "/.qnap-docker/projects/p"
  end)
  after_each(function() dir:close() end)

  local function lay(number, manifest)
    fs.mkdir(root .. "/revisions", { parents = true })
    fs.mkdir(("%s/rev-%d"):format(root, number))
    os.execute(("ln -s rev-%d '%s/current'"):format(number, root))
    fs.write(("%s/revisions/%d.files"):format(root, number), store.manifest_text(manifest))
  end

  it("a project that was never there has no revision, and reading makes nothing", function()
    local s = store.read(nas, "p", { paths = { "/", "/no/such", dir.path } })
    h.eq({ s.root, s.revision, s.next, s.files, s.lock }, { root, 0, 1, 0, nil })
    h.eq({ s.there["/"], s.there["/no/such"] }, { "dir", false })
    h.eq(fs.list(dir.path), {})
  end)

  it("reads the current files and the revisions", function()
    lay(4, { ["rev/a b"] = { kind = "file", mode = 420, sha256 = "ff", writable = true } })
    fs.write(root .. "/revisions/6.json", "{}")
    fs.write(root .. "/state.json", json.encode { version = 1, revisions = {
      { number = 2, time = 5, result = "ok", files = 2, images = { web = { id = "sha256:1", image = "app" } } },
      { number = 5, time = 9, result = "failed", files = 4, images = { web = { id = "sha256:1" }, db = { id = "sha256:2" } } },
    } })
    local s = store.read(nas, "p")
    h.eq({ s.revision, s.files, s.next, s.directories }, { 5, 4, 7, { 4 } })
    h.eq(s.manifest["rev/a b"], { kind = "file", mode = 420, sha256 = "ff", writable = true })
    h.eq({ s.revisions[1].number, s.revisions[2].result }, { 5, "ok" })
    h.eq(s.kept, { ["sha256:1"] = 5, ["sha256:2"] = 5 })
  end)

  it("does not trust what it reads", function()
    lay(1, {})
    fs.write(root .. "/state.json", '{"version": 1, "revisions": [{"number": "9"}, {"number": -1}, 7, {"number": 3, "images": {"a": 5}}]}')
    h.eq(#store.read(nas, "p").revisions, 1)
    fs.write(root .. "/state.json", "not json")
    h.raises({ code = "bad_store" }, function() store.read(nas, "p") end)
    fs.write(root .. "/state.json", '{"version": 2}')
    h.raises({ code = "newer_store" }, function() store.read(nas, "p") end)
  end)

  it("the newest ten revisions stay, the files that they have, and the current ones", function()
    local revisions = {}
    for i = 1, 12 do revisions[i] = { number = 30 - i, files = 20 - i // 2 } end
    local stored = { files = 3, directories = { 3, 4, 14, 15, 20 } }
    local gone, stay = require("compose.record").outdated(stored, revisions)
    h.eq(gone, { "r19", "r18", "f4", "f14" })
    h.eq({ #stay, stay[1].number, stay[10].number }, { 10, 29, 20 })
  end)

  it("a revision is written down once, under a number of its own, and taken back", function()
    local record = require "compose.record"
    h.with(require "compose.observe", { list = function() return {} end }, function()
      local args = { project = "p", number = 1, command = "compose up" }
      h.eq(record.write(nas, args, { failed = {} }), { number = 1, result = "ok", unsettled = {} })
      local failed = { failed = { { step = { object = { name = "web" } } } } }
      h.eq(record.write(nas, args, failed), { number = 2, result = "failed", unsettled = {} })
    end)
    local s = store.read(nas, "p")
    h.eq({ s.revision, s.next, s.revisions[1].result, s.revisions[2].command }, { 2, 3, "failed", "compose up" })
    h.eq(store.revision(nas, "p", 2).failed, { "web" })
    h.eq(fs.stat(root .. "/revisions/2.json").mode, 384)
    record.remove(nas, "p", 2)
    h.eq(store.read(nas, "p").revision, 1)
    h.raises({ code = "no_revision" }, function() store.revision(nas, "p", 2) end)
  end)

  it("names of projects lead nowhere else", function()
    for _, name in ipairs { "../x", "a/b", "", ".", "A", "-p" } do
      h.raises({ code = "bad_project_name" }, function() store.root(nas, name) end)
    end
  end)

  it("is held by one at a time, and given back", function()
    local lock = store.lock(nas, "p", { what = "first" })
    local err = h.raises({ code = "locked" }, function() store.lock(nas, "p", { wait = 0 }) end)
    h.contains(err.why, "for 'first'")
    h.eq(store.read(nas, "p").lock.command, "first")
    lock:close()
    lock:close()
    h.eq(store.read(nas, "p").lock, nil)
  end)

  it("what a dead process of this machine holds is taken over, another one's is not", function()
    local lock = store.lock(nas, "p")
    local holder = json.decode(fs.read(root .. "/lock/who"))
    lock:close()
    holder.pid, holder.born = 2 ^ 22 | 0, "1"
    fs.mkdir(root .. "/lock")
    fs.write(root .. "/lock/who", json.encode(holder))
    store.lock(nas, "p", { wait = 0 }):close()
    holder.host = "elsewhere"
    fs.mkdir(root .. "/lock")
    fs.write(root .. "/lock/who", json.encode(holder))
    h.raises({ code = "locked" }, function() store.lock(nas, "p", { wait = 0 }) end)
    fs.write(root .. "/lock/who", "")
    h.raises({ code = "locked" }, function() store.lock(nas, "p", { wait = 0 }) end)
  end)

  it("a lock that was taken from its holder is not given back by them", function()
    local lock = store.lock(nas, "p")
    fs.remove(root .. "/lock", { recursive = true })
    local other = store.lock(nas, "p", { what = "other" })
    lock:close()
    h.eq(store.read(nas, "p").lock.command, "other")
    other:close()
  end)

  it("neither a reader nor a read_only profile writes", function()
    h.raises({ code = "plan_would_write" }, function() store.lock(require("plan").reader(nas), "p") end)
    nas.profile.read_only = true
    h.raises({ code = "read_only_profile" }, function() store.lock(nas, "p") end)
  end)
end)
