-- One event as docker CLI 28 prints it, as a template sees it, and as JSON.
local M = {}

local TYPES = {
  ["events.Message"] = {
    "Status string status,omitempty", "ID string id,omitempty", "From string from,omitempty", "Type events.Type",
    "Action events.Action", "Actor events.Actor", "Scope string scope,omitempty", "Time int64 time,omitempty",
    "TimeNano int64 timeNano,omitempty",
  },
  ["events.Actor"] = { "ID string", "Attributes map[string]string" },
  ["events.Type"] = "string", ["events.Action"] = "string",
}

local function zone(seconds)
  local offset = os.date("%z", seconds)
  return offset == "+0000" and "Z" or offset:sub(1, 3) .. ":" .. offset:sub(4)
end

---Local time with nine digits, as docker prints it.
---@param event table
---@return string empty when the event has no time
function M.time(event)
  local ns = math.tointeger(event.timeNano) or 0
  if ns == 0 then ns = (math.tointeger(event.time) or 0) * 1000000000 end
  if ns == 0 then return "" end
  local s = ns // 1000000000
  return ("%s.%09d%s"):format(os.date("%Y-%m-%dT%H:%M:%S", s), ns % 1000000000, zone(s))
end

---@param event table
---@return string
function M.plain(event)
  local actor = event.Actor or {}
  local keys, out = {}, {}
  for key in pairs(actor.Attributes or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do out[i] = key .. "=" .. tostring(actor.Attributes[key]) end
  local time = M.time(event)
  return ("%s%s %s %s%s"):format(
    time ~= "" and time .. " " or "", event.Type or "", event.Action or "", actor.ID or "",
    #out > 0 and (" (%s)"):format(table.concat(out, ", ")) or ""
  )
end

---A function that renders events by a template; a mistake in the template is raised at once, on an empty event.
---@param source string
---@return fun(event: table): string
function M.template(source)
  local format = require "cli.format"
  local template, err = try(require("template").compile, source == "json" and "{{json .}}" or source)
  if not template then
    err.exit_code = 64
    error(err, 0)
  end
  local options = { types = require("core.template").types(TYPES), type_name = "events.Message" }
  local encode = require("json").encode
  local function render(event)
    local text, problem = try(template.render_json, template, encode(event), options)
    return text or format.unusable(problem)
  end
  local _, problem = try(template.render_json, template, "{}", options)
  if problem then
    Error {
      category = "usage", code = "bad_template", message = "the template of --format cannot be used", why = problem.message,
      hint = "qnap-docker help formatting", exit_code = 64,
    }
  end
  return render
end

local SENTENCES = {
  die = function(a)
    local code = a.exitCode or "?"
    return code == "137" and "ended with code 137 (killed: by hand, or out of memory)" or "ended with code " .. code
  end,
  oom = function() return "ran out of memory" end,
  pull = function() return "pulled" end,
  update = function() return "was changed" end,
}

---What happened, in words, for those events where docker's line needs knowledge to be read.
---@param event table
---@return string?
function M.sentence(event)
  local attributes = event.Actor and event.Actor.Attributes or {}
  local health = (event.Action or ""):match "^health_status: (.+)$"
  if health then return "is " .. health end
  local fn = SENTENCES[event.Action or ""]
  return fn and fn(attributes)
end

---@param event table
---@return table
function M.record(event)
  local attributes = event.Actor and event.Actor.Attributes or {}
  return {
    profile = event.profile, time = M.time(event), time_nano = event.timeNano, type = event.Type, action = event.Action,
    id = event.Actor and event.Actor.ID, name = attributes.name, attributes = attributes, scope = event.scope,
  }
end

---What health probes do by the minute, and nobody asked for.
---@param event table
---@return boolean
function M.is_noise(event) return (event.Action or ""):find "^exec_" ~= nil end

return M
