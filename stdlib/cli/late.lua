-- One of several NASes that does not answer: how long it is waited for, so that it holds none of the others up, and how a command
-- that goes on until interrupted takes it in when it answers at last.
local again = require "nas.again"
local task = require "task"
local ui = require "ui"

local M = {}

M.PATIENCE = 10 -- seconds for the login and the engine's first answer, unless --timeout says how long everything may take
M.REMEMBERED = 2 -- the same for one that was late a moment ago (--watch)
local ALIVE = 3 -- seconds for a ping of one that is busy with a long question

local function too_late(p, seconds, why)
  Error {
    category = "timeout", code = "timeout", profile = p.name, why = why:format(seconds), hint = "--timeout 30s waits longer",
    message = ("%s did not answer in time"):format(require("profile.record").address(p)),
  }
end

-- Until the time is over in which nobody was asked anything.
local function sleep_unasked(seconds)
  local from, asked = ui.clock(), ui.asked()
  while true do
    local left = seconds - (ui.clock() - from - (ui.asked() - asked))
    if left <= 0 then
      return
    end
    task.sleep(math.max(left, 0.05))
  end
end

-- Raises when the NAS is late; never returns. A long answer (system df) is no reason as long as the engine answers a ping, and
-- what is being changed is not broken off.
local function guard(p, seconds, found, writes)
  sleep_unasked(seconds)
  if not found.nas then
    too_late(p, seconds, "no login was done within %g s; the others are not held up")
  elseif not writes and not found.nas.answered and not try(found.nas.ping, found.nas, ALIVE) then
    too_late(p, seconds + ALIVE, "the login was done, but the engine said nothing within %g s")
  end
  while true do
    task.sleep(3600)
  end
end

---Connects and runs fn(nas); raises `timeout` when the NAS is late.
---@async
---@param p profile.Profile
---@param how {connect: fun(p: profile.Profile): docker.Nas, seconds: number, writes: boolean}
---@param fn fun(nas: docker.Nas): any
---@return any
---@raise timeout
function M.run(p, how, fn)
  local found = {}
  return task.race {
    function()
      found.nas = how.connect(p)
      return fn(found.nas)
    end,
    function() guard(p, how.seconds, found, how.writes) end,
  }
end

local STEP = 0.2 -- seconds between looks at whether waiting still makes sense

---Waits for a NAS that could not be reached: it is asked again with growing pauses. Raises the last failure when it is not worth it:
---`hopeless()` says so, the patience is over, or the failure is of another kind.
---@async
---@param p profile.Profile
---@param err Error of the first try
---@param patience number seconds
---@param hopeless fun(): boolean
---@return docker.Nas
function M.awaited(p, err, patience, hopeless)
  local pause, from = 1, ui.clock()
  while true do
    local stop = ui.clock() + pause
    while ui.clock() < stop do
      if not again.broken(err) or hopeless() or ui.clock() - from > patience then
        error(err, 0)
      end
      task.sleep(STEP)
    end
    local nas, failed = try(again.answering, p)
    if nas then
      return nas
    end
    err, pause = failed, math.min(pause * 2, M.PATIENCE)
  end
end

---A gate that lets `n` through at a time: `local pass <close> = gate()`.
---@param n integer
---@return fun(): table
function M.gate(n)
  local inside = 0
  return function()
    while inside >= n do
      task.sleep(0.02)
    end
    inside = inside + 1
    return defer(function() inside = inside - 1 end)
  end
end

return M
