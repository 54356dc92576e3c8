-- What containers need before they are made: files, images, networks, volumes. Steps for what is missing, errors for what cannot be.
-- Pure.
local body = require "compose.body"
local hash = require "compose.hash"
local networks = require "compose.networks"
local tables = require "compose.tables"

local M = {}

local LABEL = "com.docker.compose."

local function used(p, chosen)
  local nets, vols, refs = {}, {}, {}
  for _, name in ipairs(chosen) do
    local service = p.project.model.services[name]
    for key in pairs(service.networks or {}) do nets[key] = true end
    for _, v in ipairs(service.volumes or {}) do
      if v.type == "volume" and v.source then vols[v.source] = true end
    end
    local ref = body.image(p.project, name)
    if not refs[ref] or service.build then refs[ref] = { name = name, service = service } end
  end
  return nets, vols, refs
end

local function step(p, key, fields)
  fields.target, fields.danger = p.target, fields.danger or 1
  local id = p.plan:add(fields).id
  p.needs[key] = p.needs[key] or {}
  table.insert(p.needs[key], id)
  return id
end

-- Files of an earlier revision, which the NAS has.
local function add_kept_files(p)
  local number, from = p.files.number, p.stored.files
  if not number or number == 0 or number == from then return end
  step(p, "files", {
    op = "project.use", verb = "use", symbol = "~", args = { project = p.project.name, number = number, from = from },
    object = { kind = "project", name = p.project.name }, describe = ("go back to the files of revision %d"):format(number),
  })
end

local function add_files(p)
  if p.needs.files then return end -- by another part of the same plan
  if not p.files.args then return add_kept_files(p) end
  local items = p.files.changes
  step(p, "files", {
    op = "project.sync", verb = "send", symbol = "~", args = p.files.args, object = { kind = "project", name = p.source.name },
      items = items,
    describe = ("send %d file%s of %s"):format(#items, #items == 1 and "" or "s", p.source.name),
  })
end

local function missing(problems, kind, name, hint)
  problems[#problems + 1] = { ("%s %s declared as external, but could not be found"):format(kind, name), hint }
end

-- What is missing is built, where it can be, else fetched. What is to be looked for in any case was, before: see compose.images.
local function add_image(p, ref, name, service)
  local policy = p.options.pull
  if policy == nil or policy == "policy" then policy = service.pull_policy or "missing" end
  local wanted = p.bring and p.bring[ref]
  if (p.situation.images[ref] and not wanted) or p.needs["image:" .. ref] then return end
  if service.build and wanted ~= "pull" and not p.options.no_build then
    return step(p, "image:" .. ref, {
      op = "compose.build", verb = "build", symbol = "+", args = { service = name, source = require("compose.source").of(p.source) },
      object = { kind = "image", name = ref },
    })
  end
  if policy == "never" then return end
  step(p, "image:" .. ref, {
    op = "image.pull", verb = "pull", args = { ref = ref, platform = service.platform }, object = { kind = "image", name = ref },
      symbol = "+",
  })
end

local FLAGS = { internal = "Internal", attachable = "Attachable", enable_ipv6 = "EnableIPv6" }

local function other_pool(pool, has)
  return not has or (pool.subnet and pool.subnet ~= has.Subnet) or (pool.gateway and pool.gateway ~= has.Gateway)
end

-- The field in which an existing network differs from what is declared.
local function differs(n, record)
  if n.driver and n.driver ~= record.Driver then return "driver" end
  for field, key in pairs(FLAGS) do
    if (n[field] or false) ~= (record[key] or false) then return field end
  end
  for key, value in pairs(n.driver_opts or {}) do
    if (record.Options or {})[key] ~= value then return "driver_opts " .. key end
  end
  local config = (record.IPAM or {}).Config or {}
  for i, pool in ipairs((n.ipam or {}).config or {}) do
    if other_pool(pool, config[i]) then return "ipam" end
  end
end

-- What changed in a network since it was made; nil: nothing.
local function network_change(n, wanted_hash, record)
  local labels = record.Labels or {}
  if labels[hash.LABEL] == wanted_hash then return nil end
  return differs(n, record) or (labels[hash.LABEL] and "options") or nil
end

local function endpoints_of(p, record)
  local out = {}
  for _, c in ipairs(p.situation.containers) do
    for name, endpoint in pairs((c.record.NetworkSettings or {}).Networks or {}) do
      if name == record.Name then out[#out + 1] = { c = c, endpoint = endpoint } end
    end
  end
  return out
end

-- A network cannot be changed: its containers leave it, it is made anew, and they are recreated in it.
local function renew(p, key, record, create, what, chosen)
  local depends, stay = {}, {}
  for _, e in ipairs(endpoints_of(p, record)) do
    local endpoint = { Aliases = e.endpoint.Aliases, IPAMConfig = e.endpoint.IPAMConfig, Links = e.endpoint.Links }
    depends[#depends + 1] = step(p, "network:" .. key, {
      op = "network.disconnect", verb = "disconnect", danger = 0, quiet = true, object = { kind = "container", name = e.c.name },
      args = { network = record.Id, name = record.Name, container = e.c.id, endpoint = endpoint },
    })
    if not chosen[e.c.service] then stay[#stay + 1] = { c = e.c, endpoint = endpoint } end
  end
  local removed = step(p, "network:" .. key, {
    op = "network.remove", verb = "remove", danger = 0, quiet = true, object = { kind = "network", name = record.Name },
    args = { network = record.Id }, depends = depends,
  })
  create.depends, create.symbol, create.verb = { removed }, "~", "recreate"
  create.describe = ("recreate network %s (%s)"):format(record.Name, what)
  local created = step(p, "network:" .. key, create)
  for _, e in ipairs(stay) do
    p.plan:add {
      target = p.target, op = "network.connect", verb = "connect", danger = 0, quiet = true, object = { kind = "container",
        name = e.c.name },
      args = { network = record.Name, container = e.c.id, endpoint = e.endpoint }, depends = { created },
    }
  end
  p.renewed = p.renewed or {}
  p.renewed[key] = true
end

local function check_owner(p, key, record)
  local owner = (record.Labels or {})[LABEL .. "network"]
  if owner == key then return end
  Error {
    category = "conflict", code = "foreign_network", profile = p.target,
    message = ("network %s was found but has incorrect label %snetwork set to %q (expected: %q)"):format(record.Name, LABEL, owner
      or "", key),
    hint = ("qnap-docker network rm %s\nor declare it as external"):format(record.Name),
  }
end

local function add_network(p, key, problems, chosen)
  local n = p.project.model.networks[key]
  local record = p.situation.networks[n.name]
  if n.external then
    if not record and not p.situation.network_ids[n.name] then
      missing(problems, "network", n.name, "qnap-docker network create " .. n.name)
    end
    return
  end
  local made = networks.network(p.project, key, require("core.version").program)
  local bare = { Labels = n.labels }
  for k, v in pairs(made) do
    if k ~= "Labels" then bare[k] = v end
  end
  local wanted = hash.of(bare)
  made.Labels[hash.LABEL] = wanted
  local create = { op = "network.create", verb = "create", args = { body = made }, object = { kind = "network", name = n.name } }
  if not record then
    return step(p, "network:" .. key, create)
  end
  check_owner(p, key, record)
  local what = network_change(n, wanted, record)
  if what then renew(p, key, record, create, what, chosen) end
end

local function add_volume(p, key, problems)
  local v = p.project.model.volumes[key]
  local record = p.situation.volumes[v.name]
  if v.external then
    if not record then missing(problems, "volume", v.name, "qnap-docker volume create " .. v.name) end
    return
  end
  local made = networks.volume(p.project, key, require("core.version").program)
  if not record then
    return step(p, "volume:" .. key, {
      op = "volume.create", verb = "create", object = { kind = "volume", name = v.name },
      args = { options = { name = made.Name, driver = made.Driver, driver_opts = made.DriverOpts, labels = made.Labels } },
    })
  end
  local owner = (record.Labels or {})[LABEL .. "project"]
  if owner ~= p.project.name then
    p.notes[#p.notes + 1] = ("volume %s exists but was not made for project %s: 'external: true' would say so"):format(v.name,
      p.project.name)
  end
  for option, value in pairs(v.driver_opts or {}) do
    if (record.Options or {})[option] ~= value then
      p.notes[#p.notes + 1] = ("volume %s keeps its option %s: data is not made anew"):format(v.name, option)
    end
  end
end

local function refuse(p, problems)
  if #problems == 0 then return end
  local lines, hints = {}, {}
  for i, problem in ipairs(problems) do lines[i], hints[i] = problem[1], problem[2] end
  Error {
    category = "not_found", code = "no_external", message = lines[1], why = #lines > 1 and table.concat(lines, "\n", 2) or nil,
    hint = table.concat(hints, "\n"), profile = p.target,
  }
end

---Adds the steps for the images, networks and volumes that services need.
---@param p compose.Planning
---@param chosen string[] services
---@raise not_found "no_external"
---@raise conflict "foreign_network"
function M.add(p, chosen)
  local nets, vols, refs = used(p, chosen)
  local problems, among = {}, tables.set(chosen)
  add_files(p)
  for _, ref in ipairs(tables.sorted(refs)) do add_image(p, ref, refs[ref].name, refs[ref].service) end
  for _, key in ipairs(tables.sorted(nets)) do add_network(p, key, problems, among) end
  for _, key in ipairs(tables.sorted(vols)) do add_volume(p, key, problems) end
  refuse(p, problems)
end

return M
