-- Structured concurrency: children end before their parent, and a failing child cancels its siblings.
-- Dependencies: core.task, core.error.
local core = require "core.task"
local core_error = require "core.error"

local M = {}

---@class task.Task
---@field handle userdata
---@field parent? task.Task
---@field children table<task.Task, true>
---@field owned boolean its failure is taken by whoever waits for it
---@field ok? boolean nil while it runs
---@field results? table
---@field err? any
---@field failure? any of a child that nobody waited for
local Task = {}
Task.__index = Task

local running = {} ---@type table<userdata, task.Task> by the scheduler's task id

local function traced(err)
  if type(err) == "table" then return err end
  return core_error.new {
    category = "internal", code = "internal", message = tostring(err), traceback = debug.traceback("", 2),
  }
end

local function cancel_children(rec)
  for child in pairs(rec.children) do child:cancel() end
end

local function end_children(rec)
  core.shield(true)
  while next(rec.children) do
    local child = next(rec.children)
    pcall(child.handle.wait, child.handle) -- fails only when the clean-up budget is spent
    rec.children[child] = nil
  end
  core.shield(false)
end

-- A child that nobody waits for takes its parent down with it.
local function report_failure(rec)
  local parent = rec.parent
  local cancelled = rec.err and rec.err.category == "cancelled" -- somebody meant it
  if rec.ok or rec.owned or cancelled or not parent or parent.failure or parent.ok ~= nil then return end
  parent.failure = rec.err
  parent:cancel()
end

local function body(rec, fn, ...)
  local id = core.id()
  running[id] = rec
  local results = table.pack(xpcall(fn, traced, ...))
  core.settle()
  if not results[1] then
    results[2] = traced(results[2]) -- where memory ran out, nobody was asked
    cancel_children(rec)
  end
  end_children(rec)
  running[id] = nil
  rec.err = rec.failure
  if not results[1] and not (rec.failure and results[2].category == "cancelled") then rec.err = results[2] end
  rec.ok = rec.err == nil
  rec.results = table.pack(table.unpack(results, 2, results.n))
  if rec.parent then rec.parent.children[rec] = nil end
  report_failure(rec)
end

local function start_below(parent, owned, fn, ...)
  local rec = setmetatable({ parent = parent, children = {}, owned = owned }, Task)
  rec.handle = core.start(body, rec, fn, ...)
  parent.children[rec] = true
  return rec
end

local function start(owned, fn, ...) return start_below(running[core.id()], owned, fn, ...) end

-- Task 0: called by the host inside its own coroutine. Returns the exit code. With `tell`, an error that fn raises is printed.
function M._root(tell, fn, ...)
  local rec = setmetatable({ handle = core.self(), children = {} }, Task)
  body(rec, fn, ...)
  local code = math.tointeger(rec.results[1])
  if rec.ok then return code or 0 end
  local err = rec.err
  if code and rec.failure == err then return code end -- told already
  require("core.job").failed(err)
  if tell and err.category ~= "cancelled" then
    io.stderr:write("error: ", tostring(err.message or err), "\n", err.traceback and err.traceback .. "\n" or "")
  end
  return err.exit_code or core_error.exit_code(err.category or "internal")
end

---Starts fn(...) beside the caller. A failure that nobody waits for fails the caller.
---@param fn function
---@return task.Task
function M.spawn(fn, ...) return start(false, fn, ...) end

---Waits until the task ended. Returns its results or raises its error.
---@async
---@return any ...
function Task:wait()
  self.owned = true
  self.handle:wait()
  if not self.ok then error(self.err, 0) end
  return table.unpack(self.results, 1, self.results.n)
end

---Starts fn(...) as a child of this task instead of the caller's: it may outlive the caller.
---@param fn function
---@return task.Task
function Task:spawn(fn, ...) return start_below(self, false, fn, ...) end

---Asks the task and its children to stop; their next wait raises `cancelled`.
function Task:cancel()
  cancel_children(self)
  self.handle:cancel()
end

---@return boolean
function Task:finished() return self.ok ~= nil end

local function cancel_all(tasks, but)
  for i, t in ipairs(tasks) do
    if i ~= but and t.ok == nil then t:cancel() end
  end
end

-- Waits until all ended, cancelling them when the caller itself is interrupted. With `fail_fast` (a table that the
-- tasks fill with `err`) raises what failed first in time, not the cancellations that followed from it.
local function wait_all(tasks, failure)
  local _ <close> = defer(function()
    cancel_all(tasks)
    for _, t in ipairs(tasks) do t.handle:wait() end
  end)
  for _, t in ipairs(tasks) do t.handle:wait() end
  if failure.err ~= nil then error(failure.err, 0) end
end

-- Starts fn(k) for k = 1..n; the first failure cancels the others and is raised.
local function together(n, fn)
  local tasks, failure = {}, {}
  for k = 1, n do
    tasks[k] = start(true, function()
      local ok, err = xpcall(fn, traced, k)
      if ok then return end
      if failure.err == nil then failure.err = err end
      cancel_all(tasks, k)
    end)
  end
  wait_all(tasks, failure)
end

local function collected(ok, value)
  if ok then return { ok = true, value = value } end
  if value.category == "cancelled" then error(value, 0) end
  return { ok = false, err = value }
end

---Calls fn(item, index) for every item, `limit` at a time (default 8), and returns the results in the list's order.
---With on_error = "collect" each result is {ok = true, value = …} or {ok = false, err = Error}; otherwise the first
---failure cancels the rest and is raised.
---@async
---@generic T, R
---@param list T[]
---@param fn fun(item: T, index: integer): R
---@param options? {limit?: integer, on_error?: "raise"|"collect"}
---@return R[]
function M.map(list, fn, options)
  local collect = options and options.on_error == "collect"
  local results, taken = {}, 0
  together(math.min(options and options.limit or 8, #list), function()
    while taken < #list do
      taken = taken + 1
      local i = taken
      if collect then
        results[i] = collected(xpcall(fn, traced, list[i], i))
      else
        results[i] = fn(list[i], i)
      end
    end
  end)
  return results
end

---Runs all functions at once; returns the first result of each, in order. The first failure cancels the rest.
---@async
---@param functions function[]
---@return any[]
function M.all(functions)
  local results = {}
  together(#functions, function(k) results[k] = functions[k]() end)
  return results
end

---Runs all functions at once; the first that ends decides, with its results or its error; the rest are cancelled.
---@async
---@param functions function[]
---@return any ...
function M.race(functions)
  local winner, tasks = nil, {}
  for k, fn in ipairs(functions) do
    tasks[k] = start(true, function()
      local results = table.pack(xpcall(fn, traced))
      if winner then return end
      winner = results
      cancel_all(tasks, k)
    end)
  end
  wait_all(tasks, {})
  if not winner[1] then error(winner[2], 0) end
  return table.unpack(winner, 2, winner.n)
end

local deadline_guard = { __close = function(self) core.restore_deadline(self.before) end }

---Runs fn(...) in this task; every wait inside fails with `timeout` once `seconds` have passed.
---@async
---@param seconds number
---@param fn function
---@return any ...
function M.deadline(seconds, fn, ...)
  local _ <close> = setmetatable({ before = core.deadline(seconds) }, deadline_guard)
  return fn(...)
end

---Waits.
---@async
---@param seconds number
function M.sleep(seconds) core.sleep(seconds) end

---Runs fn(...) so that it may still wait when the task was cancelled (2 s in all): clean-up.
---@async
---@param fn function
---@return any ...
function M.shield(fn, ...)
  core.shield(true)
  local results = table.pack(pcall(fn, ...))
  core.shield(false)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

---Why the running task was cancelled, when the failure of a child did it.
---@return any error nil otherwise
function M.failure() return running[core.id()].failure end

---@return task.Task that runs
function M.current() return running[core.id()] end

---@return boolean whether the running task was cancelled
function M.cancelled() return core.cancelled() end

return M
