-- What lives from one chunk to the next: variables, results, the NAS, settings, tasks beside the prompt. Errors end a chunk and nothing
-- else.
-- Dependencies: core.task, task, repl.*.
local core_task = require "core.task"
local reader = require "repl.reader"
local task = require "task"

local M = {}

---@class repl.Job
---@field id integer
---@field task task.Task
---@field what string the line that started it
---@field state "running"|"done"|"failed"|"stopped"

---@class repl.Settings
---@field depth integer how deep tables are shown
---@field raw boolean sizes and times as they are
---@field expanded boolean records one field a line
---@field format "table"|"tree"|"json"

---@class repl.Session
---@field env table the chunks' globals
---@field interactive boolean a person types; otherwise the first failure ends it
---@field profile? profile.Profile
---@field count integer results so far
---@field chunks string[] those that worked
---@field jobs repl.Job[]
---@field settings repl.Settings
---@field dry boolean what would change the NAS is shown instead
local Session = {}
Session.__index = Session

---@class repl.Options
---@field interactive boolean
---@field profile? profile.Profile
---@field no_profile? any the error that `nas` raises without one
---@field out fun(text: string) shows results
---@field tell fun(err: any) shows a failure
---@field style ui.Style

---@param options repl.Options
---@return repl.Session
function M.new(options)
  local self = setmetatable({
    interactive = options.interactive, labels = options.interactive, no_profile = options.no_profile, out = options.out,
    tell = options.tell, style = options.style, count = 0, chunks = {}, jobs = {}, task = task.current(), dry = false,
    settings = { depth = 4, raw = false, expanded = false, format = "table" },
  }, Session)
  self.env = require("repl.environment").new(self)
  if options.profile then self:use(options.profile) end
  return self
end

-- "~ restart container 'web' on nas1   POST /containers/web/restart"
local function plan_line(self, what, line)
  local text = what and what:gsub("^cannot ", "") or line or "a change"
  local behind = what and line and self.style:paint("dim", "   " .. line) or ""
  return self.style:paint("warn", "~ " .. text) .. behind .. "\n"
end

-- Shown instead of done; the chunk goes on.
local function apply_dry(self)
  if not self.nas_made then return end
  self.nas_made.dry = self.dry and function(what, line) self.out(require("core.log").redact(plan_line(self, what, line))) end or nil
end

---Whether what would change the NAS is shown instead of being done.
---@param on boolean
function Session:set_dry(on)
  self.dry = on
  apply_dry(self)
end

---From here on `nas` is this one. A protected one begins in dry mode.
---@param profile profile.Profile
function Session:use(profile)
  self:disconnect()
  self.profile, self.nas_made = profile, nil
  self:set_dry(profile.protected == true)
end

---Docker on the session's NAS; no question is asked yet.
---@return docker.Nas
function Session:nas()
  if not self.profile then error(self.no_profile, 0) end
  if not self.nas_made then
    self.nas_made = require("repl.live").new(self.profile)
    apply_dry(self)
  end
  return self.nas_made
end

---The same for completion: connected without a question to the user, or an error.
---@async
---@return docker.Nas
function Session:quiet_nas()
  local nas = self:nas()
  local connection = nas.connection
  if not connection.nas then connection.nas = require("docker").connect(self.profile, { interactive = false, timeout = 0.3 }) end
  return nas
end

---Lets go of the connection; the next question makes a new one.
function Session:disconnect()
  if self.nas_made then self.nas_made.connection:close() end
end

---Runs fn(...) as a task of its own that Ctrl-C stops.
---@async
---@return boolean ok
---@return any ... results, or the error
function Session:run(fn, ...)
  local chunk = task.spawn(fn, ...)
  chunk.owned = true
  if self.interactive then core_task.front(chunk.handle) end
  local results = table.pack(pcall(chunk.wait, chunk))
  if self.interactive then core_task.front(nil) end
  if not results[1] and task.cancelled() then error(results[2], 0) end -- the program is ended, not the chunk
  return table.unpack(results, 1, results.n)
end

---Runs fn(...) beside the prompt until it ends, `:jobs stop` or the end of the session.
---@param fn function
---@return repl.Job
function Session:spawn(fn, ...)
  if type(fn) ~= "function" then error("spawn(fn, ...): a function expected", 3) end
  local job = { id = #self.jobs + 1, what = self.text or "", state = "running" }
  self.jobs[job.id] = job
  job.task = self.task:spawn(function(...)
    local ok, err = pcall(fn, ...)
    job.state = ok and "done" or task.cancelled() and "stopped" or "failed"
    if job.state == "failed" then
      self.out(self.style:paint("dim", ("job %d failed:\n"):format(job.id)))
      self.tell(err)
    end
  end, ...)
  core_task.background(job.task.handle)
  return setmetatable(job, { __tostring = function(j) return ("job %d (%s)"):format(j.id, j.state) end })
end

---Ends what runs beside the prompt, and the connection.
function Session:close()
  for _, job in ipairs(self.jobs) do
    if job.state == "running" then job.task:cancel() end
  end
  self:disconnect()
end

---Keeps results as `_` and `_1`, `_2` …
---@param values table of table.pack
function Session:keep(values)
  for i = 1, values.n do
    self.count = self.count + 1
    rawset(self.env, "_" .. self.count, values[i])
    rawset(self.env, "_", values[i])
  end
end

---Keeps results and shows them.
---@param values table of table.pack
function Session:show(values)
  if values.n == 0 or values.n == 1 and values[1] == nil then return end
  local first, printer = self.count + 1, require "repl.printer"
  self:keep(values)
  for i = 1, values.n do self.out(printer.result(values[i], first + i - 1, self)) end
end

---Runs a chunk and shows what comes of it.
---@async
---@param text string
---@return "done"|"incomplete"|"failed"
---@return any err of a failure
function Session:evaluate(text)
  local chunk = reader.read(text, self.env)
  if chunk.kind == "empty" then return "done" end
  if chunk.kind == "incomplete" then return "incomplete", chunk.why end
  if chunk.kind == "error" then return "failed", reader.syntax_error(chunk.why) end
  self.text = text
  local results = table.pack(self:run(function()
    self:show(table.pack(chunk.fn())) -- here, because a value's own __tostring may fail, or go on for ever
  end))
  if not results[1] then return "failed", results[2] end
  self.chunks[#self.chunks + 1] = text
  return "done"
end

return M
