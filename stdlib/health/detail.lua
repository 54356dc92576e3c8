-- One container's health check in full: its definition, the results that the engine keeps, when the next is due.
local facts = require "health.facts"
local units = require "units"

local M = {}

local DEFAULTS = { Interval = 30e9, Timeout = 30e9, Retries = 3, StartPeriod = 0 }

-- The engine's words: {"CMD-SHELL", "curl …"}, {"CMD", "a", "b"}, {"NONE"}.
local function test_text(test)
  if test[1] == "CMD-SHELL" then return test[2] or "" end
  return table.concat(test, " ", 2)
end

---The words that run the check inside the container; nil where there is no check.
---@param c table
---@return string[]?
function M.command(c)
  local test = c.Config.Healthcheck and c.Config.Healthcheck.Test or {}
  if test[1] == "CMD-SHELL" then
    local shell = c.Config.Shell and table.move(c.Config.Shell, 1, #c.Config.Shell, 1, {}) or { "/bin/sh", "-c" }
    shell[#shell + 1] = test[2] or ""
    return shell
  end
  return test[1] == "CMD" and #test > 1 and table.move(test, 2, #test, 1, {}) or nil
end

local function value(check, key)
  local v = check[key]
  return v and v ~= 0 and v or DEFAULTS[key]
end

local function next_check(fact, check, now)
  local s = fact.last_check and try(units.rfc3339, fact.last_check)
  if not s then return "not begun yet" end
  local left = s + value(check, "Interval") / 1e9 - now
  return left > 0 and ("in %d s"):format(math.ceil(left)) or "now"
end

---@param c table of the engine
---@param now integer
---@return string
function M.text(c, now)
  local fact, lines = facts.of(c), {}
  local clean = require("ui.text").clean
  local function add(label, words) lines[#lines + 1] = ("%-10s %s"):format(label, clean(words)) end
  add("container", fact.name)
  add("status", fact.status .. (fact.since and (" since " .. facts.ago(fact.since, now)) or ""))
  local check = c.Config.Healthcheck
  if not M.command(c) then
    add("check", "none")
    local proposal = facts.proposal(fact.image)
    if proposal then add("proposal", ("--health-cmd '%s' --health-interval 30s"):format((proposal:gsub("'", "'\\''")))) end
    return table.concat(lines, "\n") .. "\n"
  end
  add("check", test_text(check.Test))
  add("times", ("every %gs, at most %gs, unhealthy after %d failures, %gs to start"):format(
    value(check, "Interval") / 1e9, value(check, "Timeout") / 1e9, value(check, "Retries"), value(check, "StartPeriod") / 1e9))
  add("streak", ("%d failures in a row"):format(fact.streak))
  if c.State.Running then add("next", next_check(fact, check, now)) end
  for _, r in ipairs(c.State.Health and c.State.Health.Log or {}) do
    add("result", ("%s  exit %d  %s"):format(r.Start, r.ExitCode, (r.Output or ""):match "^%s*([^\r\n]*)"))
  end
  return table.concat(lines, "\n") .. "\n"
end

return M
