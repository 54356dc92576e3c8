-- What __docs writes: a page a command, and the man pages.
describe("__docs", function()
  local function written(...)
    local dir = os.getenv "SPEC_WORK" .. "/pages"
    os.execute(("rm -rf '%s' && mkdir '%s'"):format(dir, dir))
    local r = h.run { "__docs", dir, ... }
    h.eq({ r.code, r.out, r.err }, { 0, "", "" })
    local fs, out = require "fs", {}
    for _, name in ipairs(fs.list(dir)) do
      out[name] = fs.read(dir .. "/" .. name)
    end
    return out
  end

  it("writes a page for every command, with its flags", function()
    local pages = written()
    h.contains(pages["ps.md"], "--all")
    h.contains(pages["profile-add.md"] or pages["profile_add.md"], "--host")
    h.eq(pages["__docs.md"], nil)
  end)

  it("writes man pages", function()
    local count = 0
    for name, text in pairs(written "--man") do
      count = count + 1
      h.contains(name, ".1")
      h.contains(text, ".TH ")
    end
    h.eq(count > 0, true)
  end)

  it("says which function sends which request", function()
    h.contains(written("--endpoints")["engine-api-coverage.md"], "/containers/json")
  end)

  it("says where it could not write", function()
    local r = h.run { "__docs", os.getenv "SPEC_WORK" .. "/nowhere" }
    h.eq({ r.code, r.out }, { 1, "" })
    h.contains(r.err, "error: cannot write ")
  end)
end)
