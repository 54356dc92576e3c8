-- What luv takes for what costs.c measures of the host: a line each, name and microseconds (or KiB).
local uv = require "luv"

local function resident()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmRSS:%s+(%d+)"
    if kib then return tonumber(kib) end
  end
end

-- A coroutine that waits for the loop's next turn, again and again.
local WAITS = 20000
local idle = uv.new_idle()
local from = uv.hrtime()
coroutine.wrap(function()
  local co = coroutine.running()
  for _ = 1, WAITS do
    idle:start(function()
      idle:stop()
      coroutine.resume(co)
    end)
    coroutine.yield()
  end
end)()
uv.run()
print("yield-luv", (uv.hrtime() - from) / 1e3 / WAITS)

local before = resident()
for _ = 1, 10000 do
  coroutine.wrap(function()
    local co, timer = coroutine.running(), uv.new_timer()
    timer:start(60000, 0, function() coroutine.resume(co) end)
    coroutine.yield()
  end)()
end
print("tasks-luv", resident() - before)
os.exit(0, false)
