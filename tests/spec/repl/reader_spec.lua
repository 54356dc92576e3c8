local reader = require "repl.reader"

local function environment() return setmetatable({}, { __index = _G }) end

local function run(text, env)
  local chunk = reader.read(text, env or environment())
  h.eq(chunk.kind, "chunk")
  return chunk.fn()
end

describe("repl.reader", function()
  it("takes an expression for what it says, and all of its values", function()
    h.eq({ run "1 + 1, 'b'" }, { 2, "b" })
    h.eq(reader.read("1", environment()).expression, true)
  end)

  it("takes statements, whose locals live on", function()
    local env = environment()
    run("local a, b = 1, 2; c = a + b", env)
    h.eq({ run("a, b, c", env) }, { 1, 2, 3 })
    run("local a = a + 10 -- a comment at the end", env)
    h.eq(run("a", env), 11)
  end)

  it("keeps what stands behind a return of the chunk's own", function()
    h.eq(run "local x = 5; return x", 5)
    h.eq(run "do return 7 end", 7)
  end)

  it("knows what is not complete", function()
    for _, text in ipairs { "for i = 1, 2 do", "x = {", "f(", "if true then", "x = [[", "local function f()", "--[[ begun", "1 +" } do
      h.eq({ text, reader.read(text, environment()).kind }, { text, "incomplete" })
    end
  end)

  it("knows what is wrong, and where", function()
    local chunk = reader.read("x = 1\nx = = 1", environment())
    h.eq(chunk.kind, "error")
    h.contains(chunk.why, "line 2:")
    h.eq(reader.read("x = 'unfinished", environment()).kind, "error")
  end)

  it("knows what is empty", function()
    for _, text in ipairs { "", "  \n ", "-- words" } do h.eq(reader.read(text, environment()).kind, "empty") end
  end)

  it("takes no bytecode", function()
    h.eq(reader.read(string.dump(function() end), environment()).kind, "error")
  end)
end)
