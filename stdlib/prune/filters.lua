-- --filter of the prunes: label, label!, until, as docker's daemon reads them. What the engine does not select for us is matched here.
local M = {}

M.KEEP = "qnap-docker.keep=true" -- label of what no prune takes

local function problem(code, text, exit)
  local why = "--filter takes label=KEY[=VALUE], label!=…, until=TIME"
  Error { category = "usage", code = code, message = text, why = why, exit_code = exit }
end

---@class prune.Filters
---@field values table<string, string[]> as typed
---@field before? integer seconds since the epoch, of until
---@field shown string[] sorted, for the question

local function add(filters, text)
  local key, value = text:match "^%s*([^=]-)%s*=%s*(.-)%s*$"
  if not key then
    problem("bad_filter", ('bad format of filter "%s" (expected name=value)'):format(text), 125)
  end
  key = key:lower()
  filters.values[key] = filters.values[key] or {}
  table.insert(filters.values[key], value)
  table.insert(filters.shown, key .. "=" .. value)
end

---@param list string[] KEY=VALUE
---@return prune.Filters
function M.parse(list)
  local filters = { values = {}, shown = {} }
  for _, text in ipairs(list) do
    if text ~= "" then -- docker, too, takes an empty one for none
      add(filters, text)
    end
  end
  table.sort(filters.shown)
  return filters
end

---Refuses what docker's daemon refuses for this kind of object.
---@param filters prune.Filters
---@param known table<string, true>
function M.check(filters, known)
  for key in pairs(filters.values) do
    if not known[key] then
      problem("invalid_filter", ("invalid filter '%s'"):format(key), 1)
    end
  end
  local untils = filters.values["until"]
  if untils then
    if #untils > 1 then
      problem("invalid_filter", "more than one until filter specified", 1)
    end
    local seconds = try(require("units").time, untils[1])
    if not seconds then
      problem("invalid_filter", ('failed to parse value as time or duration: "%s"'):format(untils[1]), 1)
    end
    filters.before = seconds
  end
end

local function has_label(labels, text)
  local key, value = text:match "^([^=]*)=?(.*)$"
  local mine = (labels or {})[key]
  return mine ~= nil and (not text:find("=", 1, true) or mine == value)
end

---Whether an object with these labels, made at this time, is meant. What bears the keeper's label never is. The engine compares
---with fractions of the second, which its lists do not have: what was made in the very second of `until` is younger.
---@param filters prune.Filters
---@param labels? table<string, string>
---@param created? number seconds since the epoch
---@return boolean
function M.matches(filters, labels, created)
  if has_label(labels, M.KEEP) or (filters.before and created and created >= filters.before) then
    return false
  end
  for _, text in ipairs(filters.values.label or {}) do
    if not has_label(labels, text) then
      return false
    end
  end
  for _, text in ipairs(filters.values["label!"] or {}) do
    if has_label(labels, text) then
      return false
    end
  end
  return true
end

---The engine's own filters, with what we keep.
---@param filters prune.Filters
---@param more? table<string, string>
---@return table<string, string[]>
function M.engine(filters, more)
  local out = {}
  for key, values in pairs(filters.values) do
    out[key] = table.move(values, 1, #values, 1, {})
  end
  out["label!"] = out["label!"] or {}
  table.insert(out["label!"], M.KEEP)
  for key, value in pairs(more or {}) do
    out[key] = out[key] or {}
    table.insert(out[key], value)
  end
  return out
end

return M
