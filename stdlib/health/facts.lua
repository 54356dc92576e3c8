-- What a container's health check says, out of GET /containers/{id}/json. A container without a check is "none", never healthy.
local units = require "units"
local text = require "listing.text"

local M = {}

---@class health.Fact
---@field name string
---@field status "healthy"|"unhealthy"|"starting"|"none"|"exited"
---@field since? string RFC 3339
---@field streak integer failures in a row
---@field last_check? string RFC 3339
---@field output string first line of the last check
---@field restarts integer
---@field bad boolean
---@field image string
---@field exit_code integer

local function never(time) return not time or time:sub(1, 4) == "0001" end

-- The last results with the same verdict as the last one: since when it has been so, as far as the engine remembers.
local function since(log, started)
  local last = log[#log]
  if not last then return started end
  local from = last.Start
  for i = #log, 1, -1 do
    if (log[i].ExitCode == 0) ~= (last.ExitCode == 0) then break end
    from = log[i].Start
  end
  return from
end

-- Ended, and not as it was meant: with a code, or although its policy keeps it running.
local function ended_badly(c)
  local state = c.State
  local policy = c.HostConfig and c.HostConfig.RestartPolicy and c.HostConfig.RestartPolicy.Name or ""
  return not state.Running and not never(state.FinishedAt) and (state.ExitCode ~= 0 or (policy ~= "" and policy ~= "no"))
end

local function began(state, status, log)
  local from = state.StartedAt
  if status == "exited" then
    from = state.FinishedAt
  elseif status == "healthy" or status == "unhealthy" then
    from = since(log, from)
  end
  return not never(from) and from or nil
end

local NO_HEALTH = { Status = "none", FailingStreak = 0 }

---@param c table
---@return health.Fact
function M.of(c)
  local state = c.State
  local health = type(state.Health) == "table" and state.Health or NO_HEALTH
  local log = health.Log or {}
  local last = log[#log] or {}
  local status = state.Running and health.Status or "exited"
  return {
    name = c.Name:gsub("^/", ""), id = c.Id, status = status, since = began(state, status, log),
    streak = health.FailingStreak or 0, last_check = last.End, restarts = c.RestartCount or 0,
    output = (last.Output or ""):match "^%s*([^\r\n]*)", image = c.Config.Image or "", exit_code = state.ExitCode or 0,
    bad = status == "unhealthy" or ended_badly(c),
  }
end

---How long ago a time of the engine is: "3 minutes ago".
---@param time? string
---@param now integer
---@return string
function M.ago(time, now)
  local s = time and try(units.rfc3339, time)
  return s and text.ago(s, now) or ""
end

---The same in a column.
---@param time? string
---@param view cli.View
---@return string
function M.since(time, view)
  local s = time and try(units.rfc3339, time)
  return s and text.since(s, view) or ""
end

local PROPOSALS = {
  { "postgres", "pg_isready -U postgres" }, { "mariadb", "healthcheck.sh --connect --innodb_initialized" },
  { "mysql", "mysqladmin ping -h 127.0.0.1" }, { "redis", "redis-cli ping" }, { "valkey", "valkey-cli ping" },
  { "mongo", "mongosh --quiet --eval 'db.runCommand({ping:1}).ok'" }, { "nginx", "curl -fsS http://127.0.0.1/ || exit 1" },
  { "httpd", "curl -fsS http://127.0.0.1/ || exit 1" }, { "caddy", "wget -qO- http://127.0.0.1/ || exit 1" },
  { "traefik", "traefik healthcheck --ping" }, { "nextcloud", "curl -fsS http://127.0.0.1/status.php || exit 1" },
  { "rabbitmq", "rabbitmq-diagnostics -q ping" },
}

---A check for images that are known; nil otherwise.
---@param image string
---@return string?
function M.proposal(image)
  local name = image:gsub("@.*$", ""):match "([^/]+)$" or ""
  name = name:gsub(":.*$", "")
  for _, pair in ipairs(PROPOSALS) do
    if name == pair[1] then return pair[2] end
  end
end

return M
