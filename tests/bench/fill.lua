-- fill.lua PROFILE N: makes containers b1 … bN that never ran and images bench/r1 … bench/rN of busybox.
local docker = require "docker"
local task = require "task"

local profile, n = ...
local nas <close> = docker.connect(profile)
local numbers = {}
for i = 1, tonumber(n) do
  numbers[i] = i
end
task.map(numbers, function(i)
  nas:create({ Image = "busybox", Cmd = { "sleep", "1000" }, Labels = { app = "bench", number = tostring(i) } }, { name = "b" .. i })
  nas:image("busybox"):tag(("bench/r%d:v1"):format(i))
end, { limit = 8 })
return 0
