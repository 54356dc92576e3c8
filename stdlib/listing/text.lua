-- Words and cuts that docker's tables share (docker CLI 28, cli/command/formatter).
local units = require "units"

local M = {}

---First 12 hex digits of an id, without its algorithm.
---@param id string
---@return string
function M.short_id(id)
  return (id:gsub("^sha256:", "")):sub(1, 12)
end

---Cut to `most` display cells, the last one "…".
---@param text string
---@param most integer
---@return string
function M.ellipsis(text, most)
  local length = utf8.len(text) or #text
  if length <= most then return text end
  if not utf8.len(text) then return text:sub(1, most - 1) .. "…" end
  return text:sub(1, utf8.offset(text, most) - 1) .. "…"
end

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\a"] = "\\a", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n",
  ["\r"] = "\\r", ["\t"] = "\\t", ["\v"] = "\\v",
}

---Go's strconv.Quote.
---@param text string
---@return string
function M.quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return ESCAPES[c] or ("\\x%02x"):format(c:byte()) end) .. '"'
end

---"3 hours ago"
---@param created integer seconds since the epoch
---@param now integer
---@return string
function M.ago(created, now) return units.human_duration(now - created) .. " ago" end

---A time in a column: "3 hours ago", or the time itself with --full-time and --utc.
---@param created integer seconds since the epoch
---@param view cli.View
---@return string
function M.since(created, view)
  if view.flags.utc then return os.date("!%Y-%m-%dT%H:%M:%SZ", created) end
  if view.flags.full_time then return os.date("%Y-%m-%dT%H:%M:%S", created) .. M.zone(created) end
  return M.ago(created, view.now)
end

---Go's time.Time.String() in local time.
---@param created integer seconds since the epoch
---@return string
function M.timestamp(created) return os.date("%Y-%m-%d %H:%M:%S %z %Z", created) end

---The zone of RFC 3339: "Z", "+02:00".
---@param seconds integer since the epoch
---@return string
function M.zone(seconds)
  local zone = os.date("%z", seconds)
  return zone == "+0000" and "Z" or zone:sub(1, 3) .. ":" .. zone:sub(4)
end

---{a = "b"} -> "a=b,…" by key.
---@param labels table<string, string>?
---@return string
function M.labels(labels)
  local out = {}
  for k, v in pairs(labels or {}) do out[#out + 1] = k .. "=" .. v end
  table.sort(out)
  return table.concat(out, ",")
end

return M
