-- Steps of the checklist as lines, and reports that may leave the house: names, addresses and keys taken out.
local M = {}

local MARKS = { ok = { "✔", "good" }, warning = { "!", "warn" }, failed = { "✖", "bad" }, skipped = { "-", "dim" } }

---One step: "✔ Host key           ssh-ed25519 SHA256:...", with cause and advice below.
---@param step nas.Step
---@param style ui.Style
---@param brief? boolean only the first line: the failure is told elsewhere
---@return string
function M.line(step, style, brief)
  local text = require "ui.text"
  local mark = MARKS[step.status]
  local out = { ("%s %-18s %s"):format(style:paint(mark[2], mark[1]), step.title, text.clean(step.detail or "")) }
  if step.status == "skipped" then
    out[1] = ("%s %-18s %s"):format(style:paint("dim", mark[1]), step.title, "not reached")
  end
  if brief then
    return (out[1]:gsub(" +$", "")) .. "\n"
  end
  if step.why and step.why ~= "" and step.why ~= step.detail then
    out[#out + 1] = "    why:  " .. text.clean(step.why)
  end
  for hint in ((step.hint or "") .. "\n"):gmatch "([^\n]+)\n" do
    out[#out + 1] = "    try:  " .. text.clean(hint)
  end
  return (table.concat(out, "\n"):gsub(" +\n", "\n"):gsub(" +$", "")) .. "\n"
end

local function replace_all(value, words, depth)
  if type(value) == "string" then
    for _, word in ipairs(words) do
      local from = 1
      while true do
        local a, b = value:find(word[1], from, true)
        if not a then
          break
        end
        value = value:sub(1, a - 1) .. word[2] .. value:sub(b + 1)
        from = a + #word[2]
      end
    end
    return (value:gsub("SHA256:[%w+/]+", "SHA256:(key)"))
  elseif type(value) ~= "table" or depth > 20 then
    return value
  end
  local out = {}
  for k, v in pairs(value) do
    out[k] = replace_all(v, words, depth + 1)
  end
  return setmetatable(out, getmetatable(value))
end

---The report for a support ticket: host, accounts and key fingerprints are replaced by words.
---@param report nas.Report
---@param p profile.Profile
---@return nas.Report
function M.redacted(report, p)
  local facts = report.facts or {}
  local words = {}
  local function hide(text, by)
    if type(text) == "string" and #text >= 3 then
      words[#words + 1] = { text, by }
    end
  end
  hide(p.kind == "ssh" and p.host or nil, "(host)")
  hide(facts.hostname, "(host)")
  hide(p.name ~= "local" and p.name or nil, "(profile)")
  hide(p.user, "(user)")
  hide(facts.user ~= "root" and facts.user ~= "admin" and facts.user or nil, "(user)")
  hide(p.ssh_key_path, "(key file)")
  table.sort(words, function(a, b)
    return #a[1] > #b[1]
  end)
  return replace_all(report, words, 0)
end

return M
