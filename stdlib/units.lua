-- Sizes, durations and times as docker's CLI reads and prints them.
-- Dependencies: core.units.
local core = require "core.units"

local M = {}

---Bytes of "512m", "1.5GiB", "100": binary units whatever their spelling, never negative.
---@param text string
---@return integer bytes
---@raise usage "bad_size"
function M.size(text)
  return core.size(text)
end

---Seconds of "1h30m", "1.5s", "500ms" (Go's syntax: every number needs a unit).
---@param text string
---@return number seconds
---@raise usage "bad_duration"
function M.duration(text)
  return core.duration(text)
end

---Seconds, from a number of them or a duration: what options of this library take.
---@param value number|string 90 or "1m30s"
---@return number seconds
---@raise usage
function M.seconds(value)
  return type(value) == "string" and M.duration(value) or value
end

---The same in whole nanoseconds, as the Engine API wants them.
---@param text string
---@return integer nanoseconds
---@raise usage "bad_duration"
function M.duration_ns(text)
  return core.duration_ns(text)
end

---A point in time as --since takes it: a duration before now, "2024-05-01[T12[:30[:00]]][Z|+02:00]" (local time without a
---zone), or unix seconds.
---@param text string
---@param now? number seconds since the epoch (default: the clock)
---@return integer seconds since the epoch
---@return integer nanoseconds
---@raise usage "bad_time"
function M.time(text, now)
  return core.time(text, now)
end

---A time as the Engine API sends it ("2024-05-01T12:30:00.123456789Z").
---@param text string
---@return integer seconds since the epoch
---@return integer nanoseconds
---@raise fail "bad_time"
function M.rfc3339(text)
  return core.rfc3339(text)
end

---Decimal units: "1.235MB".
---@param bytes number
---@param precision? integer significant digits (default 4)
---@return string
function M.human_size(bytes, precision)
  return core.human_size(bytes, precision)
end

---Binary units with four significant digits: "1.5KiB".
---@param bytes number
---@return string
function M.bytes_size(bytes)
  return core.bytes_size(bytes)
end

---"3 hours", "About a minute", as in docker's CREATED column.
---@param seconds number
---@return string
function M.human_duration(seconds)
  return core.human_duration(seconds)
end

return M
