-- Scripts for the NAS's shell: they are POSIX sh, run by busybox as well, and take values as arguments or from standard input.
local fs = require "fs"
local shell = require "nas.shell"

local NAS = { name = "here", profile = { name = "here", kind = "local" } }

describe("nas.shell", function()
  local dir
  before_each(function() dir = fs.temp_dir() end)
  after_each(function() dir:close() end)

  it("arguments and input arrive as they are", function()
    local odd = "a 'b' \"c\" $(d) `e` \\ *\nf"
    local r = shell.read(NAS, { at = dir.path, text = 'printf %s "$1"; cat', args = { odd }, stdin = "in" })
    h.eq({ r.status, r.stdout }, { 0, odd .. "in" })
  end)

  it("input is given piece by piece, and the status is the script's", function()
    local r = shell.write(NAS, { at = dir.path, text = "wc -c; echo why >&2; exit 7", stdin = function(write)
      for _ = 1, 64 do write(("x"):rep(65536)) end
    end })
    h.eq({ r.status, tonumber(r.stdout), shell.why(r) }, { 7, 64 * 65536, "why" })
  end)

  it("a script that does not read to the end says why by its status", function()
    local r = shell.write(NAS, { at = dir.path, text = "exit 3", stdin = function(write)
      for _ = 1, 64 do write(("x"):rep(65536)) end
    end })
    h.eq(r.status, 3)
  end)

  it("an input that breaks off is raised", function()
    h.raises({ code = "broken" }, function()
      shell.write(NAS, { at = dir.path, text = "cat >/dev/null", stdin = function(write)
        write "half"
        Error { category = "fail", code = "broken", message = "broken" }
      end })
    end)
  end)

  it("a folder that is not there yet is judged by the nearest one that is", function()
    h.eq(shell.write(NAS, { at = dir.path .. "/a/b/c", text = 'mkdir -p "$1"', args = { dir.path .. "/a/b/c" } }).status, 0)
    h.eq(fs.is_directory(dir.path .. "/a/b/c"), true)
  end)
end)

describe("nas.shell.SUM", function()
  local EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  it("is told by sha256sum, and by openssl where there is none", function()
    local proc = require "proc"
    for _, script in ipairs { "sum </dev/null", "sha256sum() { return 127; }; sum </dev/null" } do
      h.eq(proc.check { argv = { "sh", "-c", shell.SUM .. script } }, EMPTY .. "\n")
      h.eq(proc.check { argv = { "busybox", "sh", "-c", shell.SUM .. script } }, EMPTY .. "\n")
    end
  end)
end)
