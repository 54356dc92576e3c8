-- Copies of a service's volumes, made between the clean stop of its old container and the start of the new one; and which of them
-- belongs to which revision. A copy is a volume of its own, which no compose command removes. Pure but for `list`.
-- Dependencies: plan.ops.snapshot does the work.
local M = {}

M.OF = "qnap-docker.snapshot-of" -- label: the volume
M.PROJECT = "qnap-docker.snapshot-project"
M.TIME = "qnap-docker.snapshot-time" -- seconds since the epoch
M.REVISION = "qnap-docker.snapshot-revision" -- of the project, that had written the data
M.HELPER = "qnap-docker.snapshot-helper" -- label of the container that stands there until a copy is whole
M.KEPT = 3 -- of each volume

---@class compose.Snapshot
---@field name string of the volume that holds it
---@field volume string what it is a copy of
---@field project string
---@field time integer seconds since the epoch
---@field revision integer 0: not known

-- Programs whose files are worthless when a newer version has half converted them.
local DATABASES = {
  "postgres", "postgis", "timescale", "mysql", "mariadb", "percona", "mongo", "redis", "valkey", "influxdb", "couchdb", "elasticsearch",
  "opensearch", "cassandra", "clickhouse", "neo4j", "cockroach", "rethinkdb", "meilisearch", "mssql",
}

---Whether an image is a database's, by its name.
---@param ref string "bitnami/postgresql:16"
---@return boolean
function M.is_database(ref)
  local name = ref:gsub("@.*$", ""):gsub(":[^:/]*$", ""):match "[^/]*$":lower()
  for _, word in ipairs(DATABASES) do
    if name:find(word, 1, true) then return true end
  end
  return false
end

---Whether the volumes of a service are copied before its container is replaced.
---@param service table of the model
---@param ref string its image
---@param policy? "auto"|"always"|"never" nil: never
---@return boolean
function M.wanted(service, ref, policy)
  if policy == nil or policy == "never" then return false end
  local label = (service.labels or {})["qnap-docker.snapshot"]
  if policy == "always" or label == "true" then return true end
  return label == nil and M.is_database(ref)
end

local function is_anonymous(name) return #name == 64 and name:find "^%x+$" ~= nil end

-- Named volumes that a container writes to, and where it has them.
local function volumes_of(c)
  local out = {}
  for _, m in ipairs(c.record.Mounts or {}) do
    if m.Type == "volume" and m.RW ~= false and m.Name and not is_anonymous(m.Name) then
      out[#out + 1] = { name = m.Name, at = m.Destination }
    end
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

---The name of the volume that holds a copy.
---@param volume string
---@param time integer seconds since the epoch
---@param volumes? table<string, table> by name: what the NAS has
---@return string
function M.name(volume, time, volumes)
  local name = ("%s-snapshot-%s"):format(volume, os.date("!%Y%m%d-%H%M%S", time))
  local free, n = name, 1
  while (volumes or {})[free] do
    n = n + 1
    free = ("%s-%d"):format(name, n)
  end
  return free
end

local function copy_args(p, v, c, time)
  return {
    volume = v.name, to = M.name(v.name, time, (p.situation or {}).volumes), container = c.id, at = v.at, image = c.image_id, keep = M.KEPT,
    spare = (p.options.restore or {})[v.name],
    required = p.options.snapshot_volumes == "always" or (p.options.restore or {})[v.name] ~= nil,
    labels = {
      [M.OF] = v.name, [M.PROJECT] = p.project.name, [M.TIME] = ("%d"):format(time),
      [M.REVISION] = ("%d"):format(p.stored and p.stored.revision or 0),
    },
  }
end

---The steps between the stop of an old container and the start of the new one.
---@param w compose.Work
---@param c compose.Container the old one
---@param depends string[] the steps after which it is stopped
---@param add fun(op: string, args: table, more: table): string adds a step of the service, and returns its id
---@return string[] the steps after which the new one may start
function M.steps(w, c, depends, add)
  local p = w.planning
  local restore = p.options.restore or {}
  local wanted = M.wanted(p.project.model.services[w.service], c.record.Image or "", p.options.snapshot_volumes)
  p.snapshots = p.snapshots or {}
  for _, v in ipairs(volumes_of(c)) do
    if (wanted or restore[v.name]) and not p.snapshots[v.name] then
      p.snapshots[v.name] = true
      local args = copy_args(p, v, c, p.time or os.time())
      local object = { kind = "volume", name = args.to }
      depends = { add("snapshot.copy", args, {
        verb = "copy", symbol = "+", quiet = false, object = object, depends = depends,
        describe = ("copy volume %s to %s before %s starts"):format(v.name, args.to, w.service),
      }) }
      if restore[v.name] then
        depends = { add("snapshot.restore", { volume = v.name, from = restore[v.name], kept = args.to }, {
          verb = "restore", symbol = "~", quiet = false, danger = 3, object = { kind = "volume", name = v.name }, depends = depends,
          describe = ("put the data of %s into volume %s"):format(restore[v.name], v.name),
        }) }
      end
    end
  end
  return depends
end

---A copy, from the engine's record of a volume; nil for any other volume.
---@param record table
---@return compose.Snapshot?
function M.of(record)
  local labels = record.Labels or {}
  if not labels[M.OF] then return nil end
  return {
    name = record.Name, volume = labels[M.OF], project = labels[M.PROJECT] or "", time = math.tointeger(tonumber(labels[M.TIME])) or 0,
    revision = math.tointeger(tonumber(labels[M.REVISION])) or 0,
  }
end

---The whole copies that a NAS has, the newest first.
---@async
---@param nas docker.Nas of plan.reader, too
---@param filter? {project?: string, volume?: string}
---@return compose.Snapshot[]
function M.list(nas, filter)
  filter = filter or {}
  local volumes, helpers = table.unpack(require("task").all {
    function() return (nas:volumes { filters = { label = { M.OF } } }) end,
    function() return nas:containers { all = true, filters = { label = { M.HELPER } } } end,
  })
  local half, out = {}, {}
  for _, c in ipairs(helpers) do half[c.Labels[M.HELPER]] = true end
  for _, record in ipairs(volumes) do
    local s = M.of(record)
    local fits = s and (not filter.project or s.project == filter.project) and (not filter.volume or s.volume == filter.volume)
    if fits and not half[s.name] then out[#out + 1] = s end
  end
  table.sort(out, function(a, b)
    if a.time ~= b.time then return a.time > b.time end
    return a.name > b.name
  end)
  return out
end

---Which copies bring the data back that a revision had written: the last one of each volume.
---@param list compose.Snapshot[] the newest first
---@param revision integer
---@return table<string, string> volume -> name of the copy
function M.of_revision(list, revision)
  local out = {}
  for _, s in ipairs(list) do
    if s.revision == revision and not out[s.volume] then out[s.volume] = s.name end
  end
  return out
end

return M
