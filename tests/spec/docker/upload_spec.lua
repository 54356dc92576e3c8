-- Bodies whose source keeps us waiting.
local task = require "task"
local upload = require "docker.upload"

local function fake()
  local stream = { sent = {} }
  function stream:write(bytes)
    self.sent[#self.sent + 1] = bytes
    return true
  end
  function stream:finish() self.finished = true end
  function stream:close() self.closed = true end
  return stream
end

local function waiting() task.sleep(60) end

describe("docker.upload", function()
  it("gives the answer to what was sent", function()
    local stream, list = fake(), { "a", "b" }
    local result = upload.run(stream, function() return table.remove(list, 1) end, function()
      while not stream.finished do task.sleep(0.001) end
      return #stream.sent
    end)
    h.eq({ result, stream.closed }, { 2, nil })
  end)

  it("does not wait for a source when the connection is gone", function()
    local stream = fake()
    h.raises({ category = "connect" }, upload.run, stream, waiting, function()
      Error { category = "connect", code = "connection_lost", message = "gone" }
    end)
    h.eq(stream.finished, nil)
  end)

  it("does not send the rest when the engine has answered", function()
    local stream = fake()
    h.eq(upload.run(stream, waiting, function() return "answer" end), "answer")
    h.eq(stream.finished, nil)
  end)

  it("ends the body by closing it when the source fails, and says why", function()
    local stream = fake()
    h.raises({ code = "io_error" }, upload.run, stream, function()
      Error { category = "fail", code = "io_error", message = "no more" }
    end, function()
      while not stream.closed do task.sleep(0.001) end
      Error { category = "connect", code = "connection_closed", message = "closed" }
    end)
    h.eq(stream.finished, nil)
  end)

  it("tells the engine's refusal rather than that it took no more", function()
    local stream = fake()
    function stream:write() -- luacheck: ignore self
      Error { category = "connect", code = "connection_lost", message = "gone" }
    end
    h.raises({ code = "no_such_path" }, upload.run, stream, function() return "x" end, function()
      while not stream.closed do task.sleep(0.001) end
      Error { category = "not_found", code = "no_such_path", message = "no", engine_status = 404 }
    end)
  end)
end)
