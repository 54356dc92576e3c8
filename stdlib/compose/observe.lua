-- What a NAS has of a project: its containers, networks and volumes, found by compose's labels. Only reads.
-- Dependencies: compose.tables, task.
local M = {}

M.LABEL = "com.docker.compose."

---A container of a project.
---@class compose.Container
---@field id string
---@field name string without the slash
---@field project string
---@field service string
---@field number integer
---@field oneoff boolean made by `compose run`
---@field state string "created", "running", "paused", "restarting", "exited", "dead", "removing"
---@field health? "starting"|"healthy"|"unhealthy"
---@field exit_code? integer of one that ended
---@field image_id string that it runs
---@field hash? string our config hash (see compose.hash); nil: another program made it
---@field labels table<string, string>
---@field record table the engine's, of GET /containers/json

---@class compose.State
---@field project string
---@field containers compose.Container[] by service, then number; one-offs behind the others
---@field networks table<string, table> by name; the engine's records
---@field volumes table<string, table> by name

local ALIVE = { running = true, restarting = true, paused = true }

---Whether it has a process: it has to be stopped before it goes.
---@param c compose.Container
---@return boolean
function M.is_alive(c) return ALIVE[c.state] == true end

local HEALTH = { ["(healthy)"] = "healthy", ["(unhealthy)"] = "unhealthy", ["(health: starting)"] = "starting" }

---A container of the engine's list; nil for one that is of no project.
---@param record table
---@return compose.Container?
function M.container(record)
  local labels = record.Labels or {}
  local project, service = labels[M.LABEL .. "project"], labels[M.LABEL .. "service"]
  if not project or not service then return nil end
  local status = record.Status or ""
  return {
    id = record.Id, name = ((record.Names or {})[1] or record.Id:sub(1, 12)):gsub("^/", ""), project = project, service = service,
    number = math.tointeger(tonumber(labels[M.LABEL .. "container-number"])) or 1, oneoff = labels[M.LABEL .. "oneoff"] == "True",
    state = record.State or "", health = HEALTH[status:match "%b()$" or ""], exit_code = tonumber(status:match "^Exited %((%d+)%)"),
    image_id = record.ImageID or "", hash = labels[require("compose.hash").LABEL], labels = labels, record = record,
  }
end

local function before(a, b)
  if a.oneoff ~= b.oneoff then return b.oneoff end
  if a.project ~= b.project then return a.project < b.project end
  if a.service ~= b.service then return a.service < b.service end
  if a.number ~= b.number then return a.number < b.number end
  return a.name < b.name
end

---@param records table[] the engine's
---@return compose.Container[]
function M.containers(records)
  local out = {}
  for _, record in ipairs(records) do out[#out + 1] = M.container(record) end
  table.sort(out, before)
  return out
end

local function of_project(name) return { label = { M.LABEL .. "project=" .. name } } end

---The containers of a project, or of all projects.
---@async
---@param nas docker.Nas
---@param name? string project
---@return compose.Container[]
function M.list(nas, name)
  local filters = name and of_project(name) or { label = { M.LABEL .. "project" } }
  return M.containers(nas:containers { all = true, filters = filters })
end

---All that a project has on a NAS, asked in one round trip.
---@async
---@param nas docker.Nas
---@param name string project
---@return compose.State
function M.of(nas, name)
  local filters = of_project(name)
  local containers, networks, volumes = table.unpack(require("task").all {
    function() return M.list(nas, name) end,
    function() return nas:networks { filters = filters } end,
    function() return nas:volumes { filters = filters } end,
  })
  local by_name = require("compose.tables").by_name
  return { project = name, containers = containers, networks = by_name(networks), volumes = by_name(volumes) }
end

return M
