-- Processes of containers, as the `ps` of the NAS lists them (GET /containers/{id}/top): procps, or BusyBox, which knows
-- fewer options, and in small builds none.
local M = {}

-- What is asked when the user names no options, the next one when `ps` does not take the one before. "" is docker's own -ef.
local DOCKERS = { "", "-o user,pid,ppid,time,args", "w" }
local OURS = { "-eo user,pid,pcpu,pmem,etime,args", "-o user,pid,etime,args", "w" }

local function refused_options(err)
  local text = (err.engine or ""):lower()
  return err.category ~= "not_found" and err.category ~= "conflict"
    and (text:find("option", 1, true) or text:find("^ps:") or text:find("bad %-o") or text:find "usage:") ~= nil
end

---@class listing.Processes
---@field container string
---@field titles string[]
---@field rows string[][]

-- Every row has a cell for each title, whatever the engine sent.
local function checked(name, answer)
  local titles, rows = {}, {}
  for i, title in ipairs(type(answer) == "table" and answer.Titles or {}) do titles[i] = tostring(title) end
  for r, process in ipairs(type(answer) == "table" and answer.Processes or {}) do
    rows[r] = {}
    for i in ipairs(titles) do rows[r][i] = tostring(process[i] or "") end
  end
  return { container = name, titles = titles, rows = rows }
end

---@async
---@param nas docker.Nas
---@param name string
---@param options {args?: string, ours?: boolean} args: the user's options of ps; ours: with load and memory
---@return listing.Processes
function M.get(nas, name, options)
  local tries = options.args and { options.args } or (options.ours and OURS or DOCKERS)
  for i, args in ipairs(tries) do
    local answer, err = try(function() return nas:container(name):top(args ~= "" and args or nil) end)
    if answer then return checked(name, answer) end
    if not refused_options(err) then error(err, 0) end
    if i == #tries then
      err.code, err.hint = "ps_options", "the 'ps' of " .. nas.name .. " does not take these options; leave them out"
      error(err, 0)
    end
  end
end

local COLUMNS = { cpu = { ["%CPU"] = true, C = true }, mem = { ["%MEM"] = true, RSS = true, VSZ = true } }

local function amount(text)
  local number, unit = text:match "^([%d.]+)([mg]?)"
  return (tonumber(number) or 0) * (unit == "g" and 1048576 or unit == "m" and 1024 or 1)
end

---Sorts by load or memory, most first, where the list has that column.
---@param list listing.Processes
---@param by? "cpu"|"mem"
---@return boolean sorted
function M.sort(list, by)
  for i, title in ipairs(list.titles) do
    if COLUMNS[by] and COLUMNS[by][title] then
      table.sort(list.rows, function(a, b) return amount(a[i]) > amount(b[i]) end)
      return true
    end
  end
  return false
end

local function key(title) return (title:lower():gsub("[^%w]", "")) end

---Plain records with the titles as names ("%CPU": cpu).
---@param list listing.Processes
---@return table[]
function M.records(list)
  local out = {}
  for i, row in ipairs(list.rows) do
    out[i] = { container = list.container }
    for k, title in ipairs(list.titles) do out[i][key(title)] = row[k] end
  end
  return out
end

---docker's table.
---@param list listing.Processes
---@return string
function M.text(list)
  local lines = { table.concat(list.titles, "\t") }
  for i, row in ipairs(list.rows) do lines[i + 1] = table.concat(row, "\t") end
  return require("ui.tabwriter").format(table.concat(lines, "\n") .. "\n", 20, 3)
end

-- What stays when the terminal is narrow.
local PRIORITY = { COMMAND = 1, CMD = 1, PID = 2, ["%CPU"] = 3, ["%MEM"] = 4, USER = 5, UID = 5, ELAPSED = 6, TIME = 6 }

---A table that fits the terminal.
---@param list listing.Processes
---@return string
function M.fitted(list)
  local ui, clean = require "ui", require("ui.text").clean
  local columns, rows = {}, {}
  for i, title in ipairs(list.titles) do columns[i] = { header = clean(title), priority = PRIORITY[title] or 7 + i } end
  for r, row in ipairs(list.rows) do
    rows[r] = {}
    for i, cell in ipairs(row) do rows[r][i] = clean(cell) end
  end
  return (require("ui.table").render(columns, rows, { width = ui.width(), style = ui.style "stdout" }))
end

---The records of several lists, each with the NAS, and in a compose project the service, that its list is of.
---@param lists table[]
---@return table[]
function M.all(lists)
  local out = require("json").array {}
  for _, list in ipairs(lists) do
    for _, record in ipairs(M.records(list)) do
      record.profile, record.service, record.number = list.profile, list.service, list.number
      out[#out + 1] = record
    end
  end
  return out
end

return M
