-- Values for people: sorted keys, as deep as wanted, arrays of records as tables, sizes and times in words beside the raw value.
-- Dependencies: ui.text, ui.table, units.
local text = require "ui.text"
local units = require "units"

local M = {}

local WIDTH_OF_LINE = 72 -- a small table stands on one line
local MOST = 200 -- entries of one table
local MOST_BYTES = 4096 -- of a string inside a table

---@class repl.View
---@field depth integer how deep tables are shown
---@field width integer columns of the terminal
---@field raw boolean numbers and times stay as they are
---@field expanded boolean records one field a line
---@field style ui.Style
---@field now integer seconds since the epoch

local SIZES = {}
for name in ("size sizerw sizerootfs memory virtualsize layerssize bytes memtotal"):gmatch "%a+" do SIZES[name] = true end

-- What a field says in words: a size, or how long ago.
local function in_words(key, value, view)
  if view.raw or type(key) ~= "string" then return nil end
  local name = key:lower()
  if math.type(value) == "integer" and value >= 0 then
    if SIZES[name] or name:find "_bytes$" then return units.bytes_size(value) end
    if name == "created" and value > 1e9 then return units.human_duration(view.now - value) .. " ago" end
  elseif type(value) == "string" and value:find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d" and not value:find "^0001" then
    local seconds = try(units.rfc3339, value)
    return seconds and seconds <= view.now and units.human_duration(view.now - seconds) .. " ago" or nil
  end
  return nil
end

local function quoted(value)
  local short = #value > MOST_BYTES and value:sub(1, MOST_BYTES) or value
  local escaped = short:gsub('[%c"\\]', function(c)
    local names = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }
    return names[c] or ("\\%d"):format(c:byte())
  end)
  if not utf8.len(escaped) then escaped = escaped:gsub("[\128-\255]", function(c) return ("\\%d"):format(c:byte()) end) end
  return '"' .. escaped .. '"' .. (short ~= value and (" … %d bytes"):format(#value) or "")
end

-- A value that is no table to look into: of its own words where it has some.
local function plain(value)
  if type(value) == "string" then return quoted(value) end
  if value == require("json").null then return "null" end
  return text.clean(tostring(value), true)
end

local function sorted_keys(value)
  local keys = {}
  for key in next, value do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return type(a) == "number" and type(b) ~= "number" or (type(a) ~= "number" and type(b) ~= "number" and tostring(a) < tostring(b))
  end)
  return keys
end

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key end
  return ("[%s]"):format(plain(key))
end

local function has_words(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__tostring") ~= nil
end

local tree

-- The entries of a table as {"key = value", note}.
local function entries(value, view, level, seen)
  local out, n = {}, rawlen(value)
  local keys = sorted_keys(value)
  for i, key in ipairs(keys) do
    if i > MOST then
      out[#out + 1] = { ("… %d more"):format(#keys - MOST) }
      break
    end
    local item = rawget(value, key)
    local in_sequence = math.type(key) == "integer" and key >= 1 and key <= n
    local left = in_sequence and "" or view.style:paint("key", key_text(key)) .. " = "
    out[#out + 1] = { left .. tree(item, view, level + 1, seen), in_words(key, item, view) }
  end
  return out
end

local function joined(list, level, view)
  local parts, long, width = {}, false, 0
  for i, entry in ipairs(list) do
    parts[i] = entry[1]
    width = width + text.width((entry[1]:gsub("\27%[[%d;]*m", ""))) + 2
    long = long or entry[2] ~= nil or entry[1]:find("\n", 1, true) ~= nil
  end
  if not long and width + level * 2 <= math.min(WIDTH_OF_LINE, view.width - 4) then return "{ " .. table.concat(parts, ", ") .. " }" end
  local pad = ("  "):rep(level + 1)
  for i, entry in ipairs(list) do
    parts[i] = pad .. entry[1] .. "," .. (entry[2] and view.style:paint("dim", "  -- " .. entry[2]) or "")
  end
  return "{\n" .. table.concat(parts, "\n") .. "\n" .. ("  "):rep(level) .. "}"
end

function tree(value, view, level, seen)
  if type(value) ~= "table" or value == require("json").null then return plain(value) end
  if has_words(value) and not (level == 0 and view.expanded) then return plain(value) end
  if seen[value] then return "{ … seen above }" end
  if next(value) == nil then return "{}" end
  if level >= view.depth then return "{ … }" end
  seen[value] = true
  local list = entries(value, view, level, seen)
  seen[value] = nil
  return joined(list, level, view)
end

---The value as a tree.
---@param value any
---@param view repl.View
---@return string without a newline at its end
function M.tree(value, view) return tree(value, view, 0, {}) end

local FIRST = {
  "Id", "ID", "id", "Name", "Names", "name", "Repository", "RepoTags", "Image", "State", "Status", "state", "Size", "Created",
}

-- The field of a record in a cell.
local function cell(key, value, view)
  if value == nil or value == require("json").null then return "" end
  local words = in_words(key, value, view)
  if words then return words end
  if type(value) == "table" then
    local parts = {}
    for i, item in ipairs(value) do parts[i] = type(item) == "table" and "{…}" or tostring(item):gsub("^/", "") end
    if #parts > 0 then return text.clean(table.concat(parts, ", ")) end
    return next(value) and "{…}" or ""
  end
  value = tostring(value)
  if not view.raw and (key == "Id" or key == "ID" or key == "ImageID") then value = value:gsub("^sha256:", ""):sub(1, 12) end
  return text.clean(value)
end

-- The keys of records, those that name them first; nil where the list holds anything else.
local function columns_of(list)
  local seen, keys = {}, {}
  local n = #list
  if n == 0 then return nil end
  for key in next, list do
    if math.type(key) ~= "integer" or key < 1 or key > n then return nil end
  end
  for i = 1, n do
    local record = list[i]
    if type(record) ~= "table" or next(record) == nil or rawlen(record) > 0 or has_words(record) then return nil end
    for key in next, record do
      if type(key) ~= "string" then return nil end
      if not seen[key] then keys[#keys + 1] = key end
      seen[key] = true
    end
  end
  local rank = {}
  for i, key in ipairs(FIRST) do rank[key] = i end
  table.sort(keys, function(a, b)
    local x, y = rank[a] or 100, rank[b] or 100
    if x ~= y then return x < y end
    return a < b
  end)
  return keys
end

-- Fields that say nothing in words are left out of a table.
local function telling(keys, rows)
  local columns, kept = {}, {}
  for k, key in ipairs(keys) do
    local says = false
    for _, row in ipairs(rows) do says = says or (row[k] ~= "" and row[k] ~= "{…}") end
    if says then
      kept[#kept + 1] = k
      columns[#columns + 1] = { header = key, priority = #columns + 1 }
    end
  end
  local out = {}
  for r, row in ipairs(rows) do
    out[r] = {}
    for i, k in ipairs(kept) do out[r][i] = row[k] end
  end
  return columns, out
end

---A list of records as a table; nil for anything else.
---@param list any
---@param view repl.View
---@return string?
function M.table(list, view)
  local keys = type(list) == "table" and not has_words(list) and columns_of(list)
  if not keys then return nil end
  local rows = {}
  for r, record in ipairs(list) do
    rows[r] = {}
    for k, key in ipairs(keys) do rows[r][k] = cell(key, rawget(record, key), view) end
  end
  local columns, shown = telling(keys, rows)
  if #columns == 0 then return nil end
  if view.expanded then return require("ui.table").expanded(columns, shown, view) end
  local out, dropped = require("ui.table").render(columns, shown, view)
  local note = ("%d row%s"):format(#rows, #rows == 1 and "" or "s")
    .. (dropped > 0 and (", %d field%s not shown (\\x shows all)"):format(dropped, dropped == 1 and "" or "s") or "")
  return out .. view.style:paint("dim", note) .. "\n"
end

---What an expression gave, as it is shown.
---@param value any
---@param number integer it is kept as `_number`
---@param session repl.Session
---@return string
function M.result(value, number, session)
  local settings = session.settings
  if settings.format == "json" then
    local ok, out = pcall(require("json").encode, value, { indent = 2 })
    if ok then return (out:gsub("\n*$", "\n")) end
  end
  local view = setmetatable({ width = require("ui").width(), style = session.style, now = os.time() }, { __index = settings })
  local label = session.labels and session.style:paint("dim", ("_%d = "):format(number)) or ""
  if settings.format ~= "tree" then
    local shown = M.table(value, view)
    if shown then return (label ~= "" and label .. "\n" or "") .. shown end
  end
  return label .. M.tree(value, view) .. "\n"
end

return M
