-- Whether a NAS answers: log in, ask its engine for the version, remember the result.
local profile = require "profile"

local M = {}

local LIMIT = 10 -- seconds for each NAS of `profile list --check`, unless --timeout says so

---@class profile.Answer
---@field version? string of the engine
---@field api? string

local function version_of(nas)
  local version = nas:version()
  return { version = version.Version, api = version.ApiVersion }
end

---Asks the NAS. Raises what went wrong.
---@async
---@param p profile.Profile
---@param options? table of docker.connect
---@return profile.Answer
function M.ask(p, options)
  local nas <close> = require("docker").connect(p, options)
  return version_of(nas)
end

---The same of a NAS that is met for the first time: a new host key is asked about, also where only ssh itself reaches it.
---@async
---@param p profile.Profile
---@param options? table of nas.reach.login
---@return profile.Answer
function M.meet(p, options)
  if p.kind == "local" then
    return M.ask(p, options)
  end
  local reach = require "nas.reach"
  local session = reach.login(p, options or {})
  local _ <close> = defer(function() session:close() end)
  local nas <close> = reach.engine(p, session, options or {})
  return version_of(nas)
end

---Notes that the NAS answered.
---@param name string
---@param answer profile.Answer
function M.remember(name, answer)
  profile.remember(name, { verified = true, last_seen = os.time(), engine_version = answer.version, api_version = answer.api })
end

---Asks every NAS of `profile list --check` and writes the outcome into the rows. One that fails sets exit code 8.
---@async
---@param ctx cli.Context
---@param rows profile.Row[]
function M.rows(ctx, rows)
  local results = require("task").map(rows, function(row)
    local limit = ctx.global.timeout or LIMIT
    local p = profile.get(row.name)
    local answer = require("task").deadline(limit, M.ask, p, { interactive = false, timeout = limit })
    M.remember(row.name, answer)
    return answer
  end, { on_error = "collect", limit = ctx.global.parallel })
  for i, result in ipairs(results) do
    local row = rows[i]
    row.state = result.ok and "ok" or result.err.code or result.err.category
    row.last_seen = result.ok and os.time() or row.last_seen
    if not result.ok then
      local late = result.err.category == "timeout"
      local words = late and ("no answer within %g s"):format(ctx.global.timeout or LIMIT) or result.err.message
      ctx:warn(("%s: %s"):format(row.name, words))
      ctx:exit(8)
    end
  end
end

return M
