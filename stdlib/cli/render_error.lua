-- Errors for people (headline, why, engine, try, code: six lines at most) and for programs (one JSON object).
-- Dependencies: core.error, core.log (secrets never get out), errors, ui.text.
local core_error = require "core.error"
local errors = require "errors"
local log = require "core.log"
local text = require "ui.text"

local M = {}

---@class cli.Failure
---@field profile string
---@field err any
---@field told? boolean it was printed already

-- A raised string becomes an internal error; where it happened is told in words.
local function normal(err)
  if errors.is(err) then
    if err.category ~= "internal" or err.code ~= "internal" then
      return err
    end
  else
    err = { message = tostring(err) }
  end
  local message = tostring(err.message)
  local file, line, rest = message:match "^qd:([^:\n]+):(%d+): ([^\n]*)"
  return {
    category = "internal", code = "internal", message = "internal error: " .. (rest or message:match "^[^\n]*"),
    why = file and ("in %s, line %s"):format(file, line) or err.why,
    hint = "this is a bug: run again with --debug and report it", traceback = err.traceback,
  }
end

-- One line, without control characters and secrets.
local function line(value)
  return (log.redact(text.clean((tostring(value):gsub("%s*\n%s*", "; ")))))
end

local function has(value)
  return type(value) == "string" and value ~= ""
end

local function hints_of(err)
  local out = {}
  for hint in ((err.hint or "") .. "\n"):gmatch "%s*(.-)%s*\n" do
    if hint ~= "" and #out < 2 then
      out[#out + 1] = line(hint)
    end
  end
  return out
end

local WITH_DETAILS = { fail = true, auth = true, connect = true, timeout = true, internal = true }

local function headline(err, paint)
  return paint("bad", "error:") .. " " .. line(err.message)
end

local function painter(style)
  return function(name, s)
    return style and style:paint(name, s) or s
  end
end

-- Advice and code, one line each.
local function add_tail(out, err, paint, details)
  for i, hint in ipairs(hints_of(err)) do
    out[#out + 1] = (i == 1 and "  try:  " or "        ") .. hint
  end
  out[#out + 1] = paint("dim", "  code: " .. line(err.code or err.category) .. details)
end

local function form(err, options)
  local paint = painter(options.style)
  local out = { headline(err, paint) }
  if has(err.why) then
    out[#out + 1] = "  why:  " .. line(err.why)
  end
  if has(err.engine) and err.engine ~= err.why then
    out[#out + 1] = "  engine: " .. line(err.engine)
  end
  add_tail(out, err, paint, WITH_DETAILS[err.category] and not options.debug and "   (details: --debug)" or "")
  if options.debug and err.traceback then
    out[#out + 1] = log.redact(err.traceback)
  end
  return table.concat(out, "\n") .. "\n"
end

---The form for people.
---@param err any
---@param options? {style?: ui.Style, debug?: boolean}
---@return string
function M.text(err, options)
  return form(normal(err), options or {})
end

---The first line of the form, with its cause behind it.
---@param err any
---@param style? ui.Style
---@return string
function M.headline(err, style)
  local e = normal(err)
  return headline(e, painter(style)) .. (has(e.why) and ": " .. line(e.why) or "") .. "\n"
end

---Only the last lines of the form: what to try, and the code.
---@param err any
---@param style? ui.Style
---@return string
function M.tail(err, style)
  local out = {}
  add_tail(out, normal(err), painter(style), "")
  return table.concat(out, "\n") .. "\n"
end

---The form for programs: a table ready to be written as JSON.
---@param err any
---@return table
function M.object(err)
  local exit = errors.exit_code(err)
  local json = require "json"
  local e = normal(err)
  return {
    error = {
      category = e.category, code = e.code or e.category, message = line(e.message),
      why = has(e.why) and line(e.why) or nil, engine = has(e.engine) and line(e.engine) or nil,
      hints = json.array(hints_of(e)), profile = e.profile, object = e.object, engine_status = e.engine_status, exit = exit,
    },
  }
end

-- Failures with one cause: what differs from NAS to NAS is only its name.
local function same_cause(failure)
  local err = normal(failure.err)
  local message = tostring(err.message):gsub("[%w_.:@-]+", function(word)
    return (word == failure.profile or word == err.host or word:find "%d+%.%d+%.%d+%.%d+" or word:find "@") and "\0" or nil
  end)
  return table.concat({ err.category, err.code or "", err.why or "", message }, "\1")
end

---Failures of several NASes, one entry per cause.
---@param failures cli.Failure[]
---@return {profiles: string[], err: any}[]
function M.group(failures)
  local groups, by_cause = {}, {}
  for _, failure in ipairs(failures) do
    local cause = same_cause(failure)
    local group = by_cause[cause]
    if not group then
      group = { profiles = {}, err = failure.err }
      by_cause[cause] = group
      groups[#groups + 1] = group
    end
    if group.profiles[#group.profiles] ~= failure.profile then
      group.profiles[#group.profiles + 1] = failure.profile
    end
  end
  return groups
end

-- "cannot stop container 'web' on nas1" behind "nas1, nas2: ".
local function without_name(message, profile)
  local tail = " on " .. profile
  return message:sub(-#tail) == tail and message:sub(1, -#tail - 1) or message
end

---What to print when some of several NASes failed.
---@param failures cli.Failure[]
---@param options? {style?: ui.Style, debug?: boolean}
---@return string
function M.failures(failures, options)
  local out = {}
  for _, group in ipairs(M.group(failures)) do
    local err = normal(group.err)
    local message = ("%s: %s"):format(table.concat(group.profiles, ", "), without_name(err.message, group.profiles[1]))
    out[#out + 1] = form(setmetatable({ message = message }, { __index = err }), options or {})
  end
  return table.concat(out)
end

---The exit code for failures of several NASes: 7 when on some all was done; else the one they share, or 1.
---@param failures cli.Failure[]
---@param total integer how many NASes were asked
---@return integer
function M.exit_code(failures, total)
  local code, failed, count = nil, {}, 0
  for _, failure in ipairs(failures) do
    local this = errors.exit_code(failure.err)
    code = (code == nil or code == this) and this or 1
    count = count + (failed[failure.profile] and 0 or 1)
    failed[failure.profile] = true
  end
  return count < total and core_error.exit_code "partial" or code or 0
end

return M
