-- `system df -v` on stdout: a table for each section, or one template over all of them.
local format = require "cli.format"
local use = require "listing.use"

local M = {}

local function named(columns, names)
  local by_name, out = {}, {}
  for _, column in ipairs(columns) do
    by_name[column[1]] = column
  end
  for i, name in ipairs(names) do
    out[i] = by_name[name]
  end
  return out
end

local function fields(section, view)
  local json = require "json"
  local out = json.array {}
  for i, record in ipairs(section.records) do
    local row = {}
    for _, column in ipairs(section.columns) do
      if not column.ours then
        row[column[1]] = format.value(column, record, view)
      end
    end
    out[i] = row
  end
  return out
end

-- The members come in docker's order, so that {{json .}} prints them so.
local function document(sections, view)
  local json, parts = require "json", {}
  for i, section in ipairs(sections) do
    parts[i] = ("%q:%s"):format(section.name, json.encode(fields(section, view)))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function tables(sections, view, out)
  for i, section in ipairs(sections) do
    out[#out + 1] = (i > 1 and "\n" or "") .. section.title .. "\n\n"
    out[#out + 1] = format.plain_table(named(section.columns, section.shown), section.records, view)
  end
end

---The text of one NAS's disk use in full.
---@param df table GET /system/df
---@param wanted string what --format says, "" for the tables
---@param now number
---@return string
function M.text(df, wanted, now)
  local sections, out = use.sections(df), {}
  if wanted == "" or wanted == "table" then
    tables(sections, { no_trunc = false, flags = {}, now = now, tty = false }, out)
    return table.concat(out)
  end
  local source = wanted == "json" and "{{json .}}" or wanted == "raw" and use.raw_template() or wanted
  local view = { no_trunc = source:sub(1, 5) ~= "table", flags = {}, now = now, tty = false }
  if source == "{{json .}}" then
    return document(sections, view) -- members and escapes are docker's already
  end
  local template = format.compile((source:gsub("^table", ""):gsub("^ +", ""):gsub(" +$", ""):gsub("\\t", "\t"):gsub("\\n", "\n")))
  local text, err = try(template.render_json, template, document(sections, view), { strict = true })
  return text or format.unusable(err)
end

return M
