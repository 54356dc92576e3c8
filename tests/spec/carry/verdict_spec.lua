-- carry.verdict: what GNU tar and busybox tar say, sorted. The lines are theirs.
local verdict = require "carry.verdict"

local function left(v)
  local out = {}
  for i, u in ipairs(v.unsupported) do out[i] = u.what .. "=" .. u.path end
  return table.concat(out, " ")
end

describe("what a tar said", function()
  it("names what stays behind, with names as they are", function()
    local v = verdict.sort("/usr/bin/tar: ./d/a\\nb\\\\c\\377: socket ignored\ntar: ./s: socket ignored\n"
      .. "/usr/bin/tar: d/dev: Cannot mknod: Operation not permitted\n/usr/bin/tar: Exiting with failure status due to previous errors\n")
    h.eq(left(v), "socket=d/a\nb\\c\255 socket=s device=d/dev")
    h.eq(#v.problems + #v.changed, 0)
  end)

  it("tells changes from failures", function()
    local v = verdict.sort("tar: ./a: file changed as we read it\ntar: ./b: File removed before we read it\n"
      .. "tar: ./c: Cannot stat: No such file or directory\n"
      .. "tar: ./d: File shrank by 10 bytes; padding with zeros\ntar: ./e: Cannot open: Permission denied\n")
    h.eq(#v.changed, 4)
    h.eq(table.concat(v.problems), "tar: ./e: Cannot open: Permission denied")
    h.eq(v.full, false)
  end)

  it("knows a full disk", function()
    for _, line in ipairs {
      "tar: ./a: Cannot write: No space left on device", "/usr/bin/tar: ./much: Wrote only 3072 of 65536 bytes",
      "tar: write error: Disk quota exceeded",
    } do
      h.eq(verdict.sort(line .. "\n").full, true)
    end
  end)

  it("is kept within limits", function()
    local v = verdict.sort(("tar: ./s: socket ignored\n"):rep(2000) .. ("tar: oh\n"):rep(500))
    h.eq(#v.unsupported, 1000)
    h.eq(#v.problems, 100)
  end)
end)
