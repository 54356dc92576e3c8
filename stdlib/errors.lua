-- What to ask about a caught error. Raising and catching are the globals `Error {...}` and `try(fn, ...)`.
-- Dependencies: core.error.
local core = require "core.error"

local M = {}

---An operational failure. A raised string is a bug (shown as category "internal").
---@class Error
---@field category string one of errors.categories()
---@field code string stable word for scripts ("port_conflict")
---@field message string headline: what failed, and where
---@field why? string cause in the user's words
---@field hint? string what to type; at most two lines
---@field engine? string the Docker engine's own message, verbatim
---@field engine_status? integer HTTP status of the engine's answer
---@field profile? string the NAS concerned
---@field object? string the container, image ... concerned
---@field exit_code? integer overrides the category's exit code
---@field plain? boolean the message is printed as it stands, without the form of `error:`
---@field cause? any what was caught underneath
---@field traceback? string

---Makes an error object without raising it.
---@param fields table category (default "fail"), code, message and any other field of Error
---@return Error
function M.new(fields)
  fields.category = fields.category or "fail"
  fields.code = fields.code or fields.category
  return core.new(fields)
end

---Whether `value` is an error object.
---@param value any
---@return boolean
function M.is(value)
  return core.is(value)
end

---Handler for xpcall: a raised string becomes an internal error that knows where it was raised.
---@param err any
---@return Error
function M.traced(err)
  if core.is(err) then
    return err
  end
  return M.new { category = "internal", message = tostring(err), traceback = debug.traceback("", 2) }
end

---The exit code that an error leads to; 70 for a raised string.
---@param value any
---@return integer
function M.exit_code(value)
  if not core.is(value) then
    return core.exit_code "internal"
  end
  return value.exit_code or core.exit_code(value.category)
end

---Every category with its exit code.
---@return {name: string, exit_code: integer}[]
function M.categories()
  return core.categories()
end

return M
