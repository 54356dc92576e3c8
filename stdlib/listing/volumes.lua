-- Rows of volumes: records of GET /volumes as docker CLI 28 shows them, and who uses them.
local text = require "listing.text"
local units = require "units"

local M = {}

local function usage(v)
  local u = v.UsageData
  return type(u) == "table" and u or nil
end

---What a volume holds, as people say it; "N/A" where the engine did not count.
---@param v table with UsageData
---@return string
function M.size_text(v)
  local u = usage(v)
  return u and (u.Size or -1) >= 0 and units.human_size(u.Size) or "N/A"
end

local function cluster_spec(v, key)
  local spec = type(v.ClusterVolume) == "table" and v.ClusterVolume.Spec
  return type(spec) == "table" and (spec[key] or "") or "N/A"
end

-- What docker says of where a cluster volume is used.
local function cluster_status(v)
  local cluster = v.ClusterVolume
  if type(cluster) ~= "table" then return "N/A" end
  if type(cluster.Info) ~= "table" or (cluster.Info.VolumeID or "") == "" then return "pending creation" end
  local nodes = type(cluster.PublishStatus) == "table" and #cluster.PublishStatus or 0
  if nodes > 0 then return ("in use (%d node%s)"):format(nodes, nodes == 1 and "" or "s") end
  return "created"
end

local function label(v, key) return (type(v.Labels) == "table" and v.Labels or {})[key] end

---The compose project that a volume belongs to.
---@param v table
---@return string?
function M.project(v) return label(v, "com.docker.compose.project") end

---The columns of volume ls, as cli.Column. SIZE costs the engine much work, so it is asked for.
---@param with_size fun(ctx: cli.Context): boolean
---@param with_users? fun(ctx: cli.Context): boolean default: as with_size
---@return cli.Column[]
function M.columns(with_size, with_users)
  local with_use = with_users or with_size
  return {
    { "Driver", priority = 4, get = function(v) return v.Driver end },
    { "Name", header = "VOLUME NAME", priority = 1, middle = true, get = function(v) return v.Name end },
    { "Size", priority = 2, right = true, when = with_size, get = M.size_text },
    { "UsedBy", header = "USED BY", ours = true, priority = 3, when = with_use, get = function(v)
      return table.concat(v.used_by or {}, ",")
    end },
    { "Project", ours = true, priority = 5, when = with_use, get = function(v) return M.project(v) or "" end },
    { "Scope", hidden = true, get = function(v) return v.Scope end },
    { "Mountpoint", hidden = true, get = function(v) return v.Mountpoint end },
    { "Labels", hidden = true, get = function(v) return text.labels(v.Labels) end },
    { "Links", hidden = true, get = function(v) return usage(v) and tostring(usage(v).RefCount or 0) or "N/A" end },
    { "Group", hidden = true, get = function(v) return cluster_spec(v, "Group") end },
    { "Availability", hidden = true, get = function(v) return cluster_spec(v, "Availability") end },
    { "Status", hidden = true, get = cluster_status },
  }
end

---The template of `--format raw`.
---@param flags table
---@return string
function M.raw(flags) return flags.quiet and "name: {{.Name}}" or "name: {{.Name}}\ndriver: {{.Driver}}\n" end

---Those of swarm mode.
---@param list table[]
---@return table[]
function M.of_cluster(list)
  local out = {}
  for _, v in ipairs(list) do
    if type(v.ClusterVolume) == "table" then out[#out + 1] = v end
  end
  return out
end

---docker's table of cluster volumes, which no --format changes.
---@param format string
---@param flags table
---@return string
function M.amend_format(format, flags)
  return flags.cluster and "table {{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}" or format
end

---What --json shows.
---@param v table
---@return table
function M.record(v)
  local u = usage(v)
  return {
    name = v.Name, driver = v.Driver, scope = v.Scope, mountpoint = v.Mountpoint, labels = v.Labels or {}, options = v.Options or {},
    created = v.CreatedAt, project = M.project(v), size = u and (u.Size or -1) >= 0 and u.Size or nil,
    used_by = v.used_by and require("json").array(v.used_by) or nil,
  }
end

---Container names by the volume that they mount.
---@param containers table[] GET /containers/json
---@return table<string, string[]>
function M.users(containers)
  local by_volume = {}
  for _, c in ipairs(containers) do
    for _, mount in ipairs(type(c.Mounts) == "table" and c.Mounts or {}) do
      if mount.Type == "volume" and mount.Name then
        local list = by_volume[mount.Name] or {}
        by_volume[mount.Name] = list
        list[#list + 1] = ((c.Names or {})[1] or c.Id):gsub("^/", "")
      end
    end
  end
  for _, list in pairs(by_volume) do table.sort(list) end
  return by_volume
end

---Adds UsageData where the engine does not send it with the list.
---@async
---@param nas docker.Nas
---@param volumes table[]
function M.add_sizes(nas, volumes)
  local df, sizes = nas:df(nas:supports "1.42" and { type = "volume" } or {}), {}
  for _, v in ipairs(type(df.Volumes) == "table" and df.Volumes or {}) do sizes[v.Name] = v.UsageData end
  for _, v in ipairs(volumes) do v.UsageData = sizes[v.Name] or v.UsageData end
end

---Adds used_by: names of the containers that mount them.
---@async
---@param nas docker.Nas
---@param volumes table[]
function M.add_users(nas, volumes)
  local by_volume = M.users(nas:containers { all = true })
  for _, v in ipairs(volumes) do v.used_by = by_volume[v.Name] or {} end
end

---Containers that mount a volume, running or not, sorted by name.
---@async
---@param nas docker.Nas
---@param name string
---@return string[]
function M.consumers(nas, name) return M.users(nas:containers { all = true, filters = { volume = name } })[name] or {} end

return M
