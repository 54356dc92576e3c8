-- inspects.lua PROFILE: inspects c1 … c20 on one connection, one after the other and then together, and prints for each way
-- its name and microseconds. The connection and its first answer are not counted.
local docker = require "docker"
local sys = require "sys"
local task = require "task"

local nas <close> = docker.connect((...))
nas:version()

local names = {}
for i = 1, 20 do
  names[i] = "c" .. i
end
local function inspect(name)
  return nas:container(name):inspect().name
end

local function timed(name, fn)
  local from = sys.now()
  fn()
  print(("%s %d"):format(name, math.floor((sys.now() - from) * 1e6)))
end

inspect(names[1])
timed("sequence", function()
  for _, name in ipairs(names) do
    inspect(name)
  end
end)
timed("together", function()
  local all = {}
  for i, name in ipairs(names) do
    all[i] = function()
      return inspect(name)
    end
  end
  task.all(all)
end)
return 0
