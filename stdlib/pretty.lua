-- Documents of the engine for people: what is usually looked for, in groups. `inspect` on a terminal.
-- Dependencies: json, pretty.container, pretty.objects, ui.text.
local text = require "ui.text"

local M = {}

---One group: a title and its rows. Rows without a value are left out, groups without rows too.
---@class pretty.Section
---@field [1] string title
---@field [2] pretty.Row[]

---@class pretty.Row
---@field [1] string key
---@field [2]? string|number value
---@field color? string|fun(value: string): string?

---@class pretty.View
---@field now integer seconds since the epoch
---@field style ui.Style
---@field show_secrets boolean
---@field masked integer values that were left out, counted

local RENDER = {
  container = function(...) return require("pretty.container").sections(...) end,
  image = function(...) return require("pretty.objects").image(...) end,
  network = function(...) return require("pretty.objects").network(...) end,
  volume = function(...) return require("pretty.objects").volume(...) end,
}

---"K=V" texts as rows, sorted; values whose names speak of secrets are masked unless they are wanted.
---@param list? string[]
---@param view pretty.View
---@return pretty.Row[]
function M.environment(list, view)
  local rows = {}
  for i, entry in ipairs(list or {}) do
    local key, value = entry:match "^([^=]*)=?(.*)$"
    local hide = value ~= "" and not view.show_secrets and require("create.env").is_secret(key)
    if hide then view.masked = view.masked + 1 end
    rows[i] = { key, hide and "********" or value, color = hide and "dim" or nil }
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  return rows
end

---A map as rows, sorted.
---@param map? table<string, string>
---@return pretty.Row[]
function M.map(map)
  local rows = {}
  for key, value in pairs(map or {}) do rows[#rows + 1] = { key, tostring(value) } end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  return rows
end

---A time of the engine as people say it; nil for one that never came.
---@param time? string RFC 3339
---@param now integer
---@return string?
function M.when(time, now)
  local seconds = type(time) == "string" and not time:find "^0001" and try(require("units").rfc3339, time)
  if not seconds then return nil end
  return ("%s (%s)"):format(require("listing.text").ago(seconds, now), os.date("%Y-%m-%d %H:%M:%S", seconds))
end

-- The engine writes null for what is empty: absent here.
local function without_nulls(value)
  local json = require "json"
  for key, inner in pairs(value) do
    if inner == json.null then
      value[key] = nil
    elseif type(inner) == "table" then
      without_nulls(inner)
    end
  end
  return value
end

local function section_text(section, view, out)
  local rows, width = {}, 0
  for _, row in ipairs(section[2]) do
    if row[2] ~= nil and row[2] ~= "" then
      rows[#rows + 1] = row
      width = math.max(width, math.min(30, text.width(row[1])))
    end
  end
  if #rows == 0 then return end
  out[#out + 1] = (#out > 0 and "\n" or "") .. view.style:paint("bold", text.clean(section[1])) .. "\n"
  for _, row in ipairs(rows) do
    local value = text.clean(tostring(row[2]))
    local color = type(row.color) == "function" and row.color(value) or row.color
    out[#out + 1] = ("  %s  %s\n"):format(view.style:paint("key", text.pad(text.clean(row[1]), width)), view.style:paint(color, value))
  end
end

---One document.
---@param kind "container"|"image"|"network"|"volume"
---@param document string JSON as the engine sent it
---@param view pretty.View
---@param more? pretty.Section[] what else is known of it
---@return string
function M.text(kind, document, view, more)
  local object = without_nulls(require("json").decode(document))
  local out = {}
  for _, section in ipairs(RENDER[kind](object, view)) do section_text(section, view, out) end
  for _, section in ipairs(more or {}) do section_text(section, view, out) end
  return table.concat(out)
end

return M
