-- Rows of `compose ps`: containers of projects as docker compose 2.26 shows them, and what a terminal is shown instead.
-- Dependencies: listing.containers, listing.ports, json, ui.
local containers = require "listing.containers"
local json = require "json"
local ports = require "listing.ports"

local M = {}

-- {{.Publishers}}: where the container's ports lead to.
local function publishers(c)
  local out = {}
  for i, p in ipairs(c.record.Ports or {}) do
    out[i] = { URL = p.IP or "", TargetPort = p.PrivatePort, PublishedPort = p.PublicPort or 0, Protocol = p.Type }
  end
  table.sort(out, function(a, b)
    if a.TargetPort ~= b.TargetPort then return a.TargetPort < b.TargetPort end
    return a.URL < b.URL
  end)
  return #out > 0 and json.array(out) or json.null
end

local function on_terminal() return require("ui").is_tty "stdout" end
local function on_pipe() return not on_terminal() end

-- Fields that docker's ps has, too.
local function docker_fields()
  local out = {}
  for _, column in ipairs(containers.columns(function() return false end)) do
    local get = column.get
    out[column[1]] = function(c, view) return get(c.record, view) end
  end
  return out
end

---The columns of compose ps, as cli.Column: docker compose's where no terminal reads.
---@return cli.Column[]
function M.columns()
  local fields = docker_fields()
  local function image(c) return c.record.Image end
  local function port_text(c) return ports.text(c.record.Ports or {}, { bare_ipv6 = true }) end
  local function health(c) return c.health or "" end
  local columns = {
    { "Project", when = function(ctx) return ctx.several_projects end, priority = 1, get = function(c) return c.project end },
    { "Service", when = on_terminal, priority = 1, get = function(c) return c.service .. (c.orphan and " (orphan)" or "") end },
    { "Name", priority = 2, middle = true, get = function(c) return c.name end },
    { "Status", when = on_terminal, priority = 3, color = "state", get = fields.Status },
    { "Health", when = on_terminal, priority = 5, color = "state", get = health },
    { "Ports", when = on_terminal, priority = 4, get = port_text },
    { "Image", priority = 6, middle = true, get = image },
    { "Command", when = on_pipe, get = fields.Command },
    { "Service", when = on_pipe, get = function(c) return c.service end },
    { "RunningFor", header = "CREATED", when = on_pipe, get = fields.RunningFor },
    { "Status", when = on_pipe, get = fields.Status },
    { "Ports", when = on_pipe, get = port_text },
    { "Health", hidden = true, get = health },
    { "Size", hidden = true, get = fields.Size },
    { "ExitCode", hidden = true, get = function(c) return c.exit_code or 0 end },
    { "Publishers", hidden = true, get = publishers },
  }
  local others = { "ID", "Names", "CreatedAt", "State", "Labels", "Mounts", "LocalVolumes", "Networks" }
  local headers = { ID = "CONTAINER ID", CreatedAt = "CREATED AT", LocalVolumes = "LOCAL VOLUMES" }
  for _, name in ipairs(others) do
    columns[#columns + 1] = { name, header = headers[name] or name:upper(), hidden = true, get = fields[name] }
  end
  return columns
end

---What --json shows.
---@param c compose.Container
---@return table
function M.record(c)
  local record = containers.record(c.record)
  record.number, record.oneoff, record.exit_code, record.orphan = c.number, c.oneoff, c.exit_code, c.orphan or false
  return record
end

return M
