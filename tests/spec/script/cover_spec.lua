-- QNAP_DOCKER_COV: the lines of our sources that ran, in every kind of coroutine.
local fs = require "fs"

-- Line of the body of a function of stdlib/units.lua.
local function body_of(name)
  local number = 0
  for line in fs.read("stdlib/units.lua"):gmatch "([^\n]*)\n" do
    number = number + 1
    if line:find("function M." .. name, 1, true) then return number + 1 end
  end
end

describe("coverage of Lua", function()
  local dir
  before_each(function() dir = fs.temp_dir() end)
  after_each(function() dir:close() end)

  -- What ran of a script: {[file] = " 1 2 3 "}.
  local function cover(script, env)
    local to = dir.path .. "/out"
    fs.write(dir.path .. "/it.lua", script)
    if not fs.exists(to) then fs.mkdir(to) end
    local r = h.program("__script '" .. dir.path .. "/it.lua'", env:format(to))
    h.eq({ r.code, r.err }, { 0, "" })
    local out = {}
    for _, name in ipairs(fs.list(to)) do
      for file, numbers in fs.read(to .. "/" .. name):gmatch "(%S+)([^\n]*)\n" do out[file] = numbers .. " " end
    end
    return out, r.out
  end
  local function ran(lines, name) return lines["stdlib/units.lua"]:find((" %d "):format(body_of(name))) ~= nil end

  it("counts in the first task, in others, and in coroutines of the script's own", function()
    local lines = cover([[
      local task, units = require "task", require "units"
      units.size "1k"
      task.spawn(function()
        units.duration "1s"
        coroutine.wrap(function() units.bytes_size(1) end)()
      end)
      task.sleep(0)]], "QNAP_DOCKER_COV='%s' ")
    h.eq({ ran(lines, "size"), ran(lines, "duration"), ran(lines, "bytes_size"), ran(lines, "rfc3339") }, { true, true, true, false })
    h.eq(lines["it.lua"], nil)
    for file in pairs(lines) do h.ok(file:find "^lua/" or file:find "^stdlib/", file) end
  end)

  it("leaves no hook where it is not asked for", function()
    local lines, out = cover("print(debug.gethook())", "env -u QNAP_DOCKER_COV ")
    h.eq({ next(lines), (out:match "^%S*") }, { nil, "nil" })
    lines, out = cover("print(debug.gethook())", "QNAP_DOCKER_COV= ")
    h.eq({ next(lines), (out:match "^%S*") }, { nil, "nil" })
  end)

  it("harms nothing where the directory is missing", function()
    local lines, out = cover("print 'done'", "QNAP_DOCKER_COV='%s/none' ")
    h.eq({ next(lines), out }, { nil, "done\n" })
  end)
end)
