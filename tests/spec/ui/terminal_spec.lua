local ui = require "ui"

describe("ui", function()
  it("takes the width from COLUMNS, the terminal, or 80", function()
    h.ok(ui.width() >= 1)
    local help = "NAS to use: a profile's name, a glob, a,b, group:NAME (repeatable; see 'help selectors')\n"
    h.contains(h.program("help options", "COLUMNS=200 ").out, help)
    h.lacks(h.program("help options", "COLUMNS=60 ").out, help)
  end)

  it("reads lines as they were typed", function()
    local chunks = { "fir", "st\nsecond\nthi", "rd" }
    local tty = require "core.tty"
    local lines = h.with(tty, { read = function() return table.remove(chunks, 1) end }, function()
      return { ui.read_line(), ui.read_line(), ui.read_line(), ui.read_line() }
    end)
    h.eq(lines, { "first", "second", "third" })
  end)
end)

describe("core.tty", function()
  local tty = require "core.tty"

  it("refuses descriptors that are not ours", function()
    h.raises("0, 1 or 2 expected", tty.isatty, 3)
    h.raises("0, 1 or 2 expected", tty.write, -1, "x")
  end)

  it("says that a pipe is no terminal", function()
    h.eq(tty.size(0), nil)
    h.raises({ code = "no_tty" }, tty.raw, 0)
  end)

  it("reads to the end and writes everything", function()
    local dir = os.getenv "SPEC_WORK"
    local file = assert(io.open(dir .. "/cat.lua", "wb"))
    file:write [[
      local tty = require "core.tty"
      while true do
        local bytes = tty.read(0, 1000)
        if not bytes then break end
        tty.write(1, bytes)
      end
    ]]
    file:close()
    local line = "head -c 300000 /dev/zero | tr '\\0' x | '%s' __script '%s/cat.lua' | { sleep 0.1; wc -c; }"
    local pipe = assert(io.popen(line:format(os.getenv "SPEC_PROGRAM", dir)))
    h.eq(tonumber(pipe:read()), 300000)
    pipe:close()
  end)

  it("ends quietly when the reader went away", function()
    local r = h.program "help options | true"
    h.eq(r.err, "")
  end)
end)
