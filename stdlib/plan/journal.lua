-- What was begun, done and taken back: one file a run, <state>/journal/<id>.ndjson (0600), a record a line, on the disk
-- before the thing that it announces. After a crash any process can read how far it came.
-- Records: {t="plan"}, {t="started"|"done"|"failed"|"undone", step=}, {t="resumed"}, {t="end", state=}.
local fs = require "fs"
local json = require "json"

local M = {}

local MOST_BYTES = 64 << 20
local KEEP, KEEP_SECONDS = 50, 30 * 86400

---@class plan.Journal
---@field id string
---@field path string
---@field file core.fs.File
local Journal = {}
Journal.__index = Journal

---@return string the folder of all journals
function M.folder()
  return fs.join(require("profile").paths().state, "journal")
end

local function check_id(id)
  if not tostring(id):find "^[%w-]+$" then
    Error { category = "not_found", code = "no_such_job", message = ("there is no job '%s'"):format(id), hint = "qnap-docker jobs" }
  end
  return id
end

local function path_of(id)
  return fs.join(M.folder(), check_id(id) .. ".ndjson")
end

local function new_id()
  local seconds, ns = require("sys").time()
  return os.date("!%Y%m%d-%H%M%S", seconds) .. ("-%04x%02x"):format((ns // 1000) & 0xffff, require("sys").pid() & 0xff)
end

-- When the process began, so that another one with its number is not taken for it; nil where the system does not tell.
local function birth(pid)
  local text = try(fs.read, ("/proc/%d/stat"):format(pid))
  local fields = text and text:match "^.*%)%s(.*)$"
  if not fields then
    return nil
  end
  local n = 0
  for word in fields:gmatch "%S+" do
    n = n + 1
    if n == 20 then
      return word
    end
  end
end

local function who()
  local pid = require("sys").pid()
  return { pid = pid, birth = birth(pid), host = require("sys").hostname() }
end

---Writes a record; it is on the disk when this returns.
---@async
---@param record table
function Journal:write(record)
  record.ts = os.time()
  self.file:write(require("core.log").redact(json.encode(record)) .. "\n")
  self.file:sync()
end

function Journal:close()
  self.file:close()
end
Journal.__close = Journal.close

-- Who works on a job holds its file; two would undo each other's steps.
local function take(id, file)
  if file:lock() then return file end
  file:close()
  Error {
    category = "conflict", code = "locked", message = ("job %s is being worked on by another command"):format(id),
    hint = "qnap-docker jobs\nor wait for it: --lock-wait 5m",
  }
end

---Begins the journal of a run.
---@async
---@param plan plan.Plan
---@param id? string
---@return plan.Journal
function M.create(plan, id)
  id = id or new_id()
  fs.mkdir(M.folder(), { parents = true })
  local path = path_of(id)
  local self = setmetatable({ id = id, path = path, file = take(id, fs.open(path, "a")) }, Journal)
  self:write { t = "plan", id = id, by = who(), plan = plan:document() }
  return self
end

---Goes on with one that is there, as soon as nobody else works on it.
---@async
---@param job plan.Job as it was seen before
---@param record table why: {t = "resumed"}
---@param lock_wait? number seconds (default: does not wait)
---@return plan.Journal
---@raise conflict "locked", "job_changed"
function M.open(job, record, lock_wait)
  local path = path_of(job.id)
  local file = require("locks").patiently(lock_wait or 0, function() return take(job.id, fs.open(path, "a")) end)
  local self = setmetatable({ id = job.id, path = path, file = file }, Journal)
  local text = fs.read(path, MOST_BYTES)
  local now = M.parse(text)
  if not now or now.state ~= job.state then
    self:close()
    Error {
      category = "conflict", code = "job_changed", message = ("job %s is not what it was"):format(job.id),
      why = now and ("another command has %s it meanwhile"):format(now.state) or "its journal is not readable", hint = "qnap-docker jobs",
    }
  end
  if text:sub(-1) ~= "\n" then
    self.file:write "\n" -- a torn line must not swallow the next one
  end
  record.by = who()
  self:write(record)
  return self
end

---@class plan.Job
---@field id string
---@field command string
---@field state "running"|"interrupted"|"finished"|"failed"|"undone"
---@field started integer
---@field ended? integer
---@field steps table<string, {state: "started"|"done"|"failed"|"undone", result?: table, error?: table}>
---@field plan plan.Plan

local function apply_record(job, record)
  job.ended = record.ts
  if record.t == "plan" then
    job.document, job.started, job.by = record.plan, record.ts, record.by
  elseif record.t == "resumed" then
    job.by, job.final = record.by, nil
  elseif record.t == "end" then
    job.final = record.state
  elseif type(record.step) == "string" then
    local before = job.steps[record.step] or {}
    job.steps[record.step] = { state = record.t, result = record.result or before.result, error = record.error }
  end
end

local function lives(by)
  if type(by) ~= "table" or math.type(by.pid) ~= "integer" then
    return false
  elseif by.host ~= require("sys").hostname() then
    return true -- somebody else's machine: we cannot tell, and do not interfere
  end
  return by.birth ~= nil and birth(by.pid) == by.birth
end

---What a journal's text says. A torn last line is as if it had not been written.
---@param text string
---@return plan.Job?
function M.parse(text)
  local job = { steps = {} }
  for line in text:gmatch "[^\n]+" do
    local record = try(json.decode, line)
    if type(record) == "table" then
      apply_record(job, record)
    end
  end
  if not job.document then
    return nil
  end
  job.plan = try(require("plan").from_document, job.document)
  job.command = tostring(job.document.command)
  job.state = job.final or (lives(job.by) and "running" or "interrupted")
  return job
end

---@param id string
---@return plan.Job
---@raise not_found "no_such_job"
function M.read(id)
  local text, err = try(fs.read, path_of(id), MOST_BYTES)
  local job = text and M.parse(text)
  if not job or not job.plan then
    Error {
      category = "not_found", code = "no_such_job", message = ("there is no job '%s'"):format(id),
      why = text and "its journal holds no plan that this version can read" or err.message, hint = "qnap-docker jobs",
    }
  end
  job.id = id
  return job
end

---A job of another command, once that has ended.
---@async
---@param job plan.Job
---@param seconds? number how long to wait
---@return plan.Job
function M.ended(job, seconds)
  if job.state ~= "running" or (seconds or 0) <= 0 then return job end
  require("locks").patiently(seconds, function() take(job.id, fs.open(path_of(job.id), "a")):close() end)
  return M.read(job.id)
end

---All jobs, the newest first.
---@return plan.Job[]
function M.list()
  local out = {}
  if not fs.is_directory(M.folder()) then
    return out
  end
  for _, name in ipairs(fs.list(M.folder())) do
    local id = name:match "^([%w-]+)%.ndjson$"
    local job = id and try(M.read, id)
    if job then
      table.insert(out, 1, job)
    end
  end
  return out
end

---The newest job in one of these states.
---@param states table<string, true>
---@return plan.Job
---@raise not_found "no_such_job"
function M.newest(states, what)
  for _, job in ipairs(M.list()) do
    if states[job.state] then
      return job
    end
  end
  Error { category = "not_found", code = "no_such_job", message = ("there is no job to %s"):format(what), hint = "qnap-docker jobs" }
end

local function is_over(job) return job.state == "finished" or job.state == "undone" end

local function remove_all(ids)
  for _, id in ipairs(ids) do
    fs.remove(path_of(id))
  end
  return ids
end

---Removes finished and undone jobs, never others: all but the newest `keep` and those younger than `seconds`.
---@param options {keep?: integer, seconds?: number}
---@return string[] ids
function M.prune(options)
  local nth, gone = 0, {}
  for _, job in ipairs(M.list()) do
    if is_over(job) then
      nth = nth + 1
      if nth > (options.keep or 0) and os.time() - (job.ended or 0) >= (options.seconds or 0) then
        gone[#gone + 1] = job.id
      end
    end
  end
  return remove_all(gone)
end

-- Ids begin with the time, so that old ones are known by their names.
local function old_ids()
  local ids, out = {}, {}
  for _, name in ipairs(fs.is_directory(M.folder()) and fs.list(M.folder()) or {}) do
    ids[#ids + 1] = name:match "^([%w-]+)%.ndjson$"
  end
  table.sort(ids)
  local limit = os.date("!%Y%m%d", os.time() - KEEP_SECONDS)
  for i, id in ipairs(ids) do
    if i <= #ids - KEEP or id < limit then
      out[#out + 1] = id
    end
  end
  return out
end

---Removes finished and undone jobs that nobody will need. Reads the old ones alone: this is in front of every run.
---@return string[] ids
function M.tidy()
  local gone = {}
  for _, id in ipairs(old_ids()) do
    local job = try(M.read, id)
    if job and is_over(job) then
      gone[#gone + 1] = id
    end
  end
  return remove_all(gone)
end

return M
