-- Work of a job that is begun before its step: while a tree is listed or hashed, or comes in small files, the next one fills the link.
-- Dependencies: task.
local task = require "task"

local M = {}

local jobs = {} -- id of a job -> key -> {task: task.Task, log: fun(text: string)}

---Begins work beside the caller, unless it is begun. Its failure waits for whoever takes it.
---@param job string
---@param key string
---@param fn fun(log: fun(text: string)): any
function M.begin(job, key, fn)
  jobs[job] = jobs[job] or {}
  if jobs[job][key] then return end
  local work = { log = function() end }
  jobs[job][key] = work
  work.task = task.spawn(function()
    return table.pack(try(fn, function(text) work.log(text) end))
  end)
end

---Waits for work that was begun.
---@async
---@param job string
---@param key string
---@param log fun(text: string) takes its words from now on
---@return any result or the failure that is raised
function M.take(job, key, log)
  local work = jobs[job][key]
  work.log = log
  local answer = work.task:wait()
  jobs[job][key] = nil
  if answer[2] then error(answer[2], 0) end
  return answer[1]
end

---Stops all work of a job that nobody took.
---@async
---@param job string
function M.stop(job)
  local works = jobs[job] or {}
  jobs[job] = nil
  for _, work in pairs(works) do work.task:cancel() end
  for _, work in pairs(works) do pcall(work.task.wait, work.task) end
end

return M
