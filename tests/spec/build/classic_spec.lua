-- The engine's own builder: the context goes out while the answer is heard.
local classic = require "build.classic"
local task = require "task"

-- A build whose engine answers with these documents once `ready(stream)` holds.
local function build(pieces, documents, ready)
  local stream = setmetatable({ sent = {} }, { __close = function() end })
  function stream:write(bytes) return table.insert(self.sent, bytes) == nil end
  function stream:finish() self.finished = true end
  function stream:close() self.closed = true end
  function stream:next()
    while not ready(self) do task.sleep(0.001) end
    return table.remove(documents, 1)
  end
  local nas = { name = "nas1", cannot = function(_, what) return "cannot " .. what end, stream = function() return stream end }
  local out = {}
  local id = h.with(require "build.logins", { header = function() return nil end }, function()
    return classic.run(nas, {
      query = {}, pieces = pieces, out = function(text) out[#out + 1] = text end, message = function() end,
    })
  end)
  return id, table.concat(out), stream
end

describe("build.classic", function()
  it("says what was sent in front of what the engine says", function()
    local list = { "abc", "de" }
    local id, out = build(function() return table.remove(list, 1) end, { { stream = "Step 1\n" }, { aux = { ID = "sha256:1" } } },
      function(stream) return stream.finished end)
    h.eq(id, "sha256:1")
    h.eq(out, "Sending build context to Docker daemon       5B\r\r\nStep 1\n")
  end)

  it("hears a refusal while its source keeps it waiting", function()
    h.raises({ code = "build_failed", why = "no room" }, build, function() task.sleep(60) end, { { error = "no room" } },
      function() return true end)
  end)
end)
