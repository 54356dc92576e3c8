-- What a prune would take from one NAS: steps of a plan. Only reads (it is given a plan.reader).
local filters = require "prune.filters"

local M = {}

---@class prune.Options
---@field filters prune.Filters
---@field all? boolean images, volumes, cache: not only dangling or anonymous ones
---@field keep_storage? integer bytes
---@field keep_rollback? integer images: how many rollback points of each container stay (default 1)
---@field gone? table<string, true> ids of containers that will have been removed by then

local function step(nas, fields)
  fields.target, fields.verb, fields.danger = nas.name, "remove", fields.danger or 2
  return fields
end

local ENDED = { created = true, exited = true, dead = true }
local COMMON = { label = true, ["label!"] = true, ["until"] = true }

---@async
---@param nas docker.Nas
---@param options prune.Options
---@return table[] steps
function M.containers(nas, options)
  filters.check(options.filters, COMMON)
  local out = {}
  for _, c in ipairs(nas:containers { all = true, size = true }) do
    if ENDED[c.State] and filters.matches(options.filters, c.Labels, c.Created) then
      local name = (c.Names or {})[1] and c.Names[1]:gsub("^/", "") or c.Id:sub(1, 12)
      out[#out + 1] = step(nas, {
        op = "container.remove", args = { container = c.Id }, object = { kind = "container", name = name, id = c.Id },
        bytes = c.SizeRw or 0,
      })
    end
  end
  return out
end

local PREDEFINED = { bridge = true, host = true, none = true, default = true, nat = true, ingress = true }

-- QNAP's own networks (qnet) belong to Container Station.
local function prunable(network)
  return not PREDEFINED[network.Name] and network.Scope == "local" and not network.ConfigOnly and not network.Ingress
    and not (network.Driver or ""):find "^qnet"
end

---@async
---@param nas docker.Nas
---@param options prune.Options
---@return table[] steps
function M.networks(nas, options)
  filters.check(options.filters, COMMON)
  local out = {}
  for _, n in ipairs(nas:networks()) do
    local created = n.Created and try(require("units").rfc3339, n.Created)
    if prunable(n) and filters.matches(options.filters, n.Labels, created) and not next(nas:network(n.Id):inspect().Containers or {}) then
      out[#out + 1] = step(nas, {
        op = "network.remove", args = { network = n.Id }, object = { kind = "network", name = n.Name, id = n.Id },
      })
    end
  end
  return out
end

-- Engines before API 1.42 do not say which volumes were made without a name.
local function is_anonymous(nas, v)
  if (v.Labels or {})["com.docker.volume.anonymous"] ~= nil then
    return true
  end
  return not nas:supports "1.42" and v.Name:find "^%x+$" ~= nil and #v.Name == 64
end

local function sizes(nas)
  local options = nas:supports "1.42" and { type = "volume" } or nil
  local out = {}
  for _, v in ipairs(nas:df(options).Volumes or {}) do
    out[v.Name] = v.UsageData and v.UsageData.Size or 0
  end
  return out
end

local function wants_all(options)
  local given = options.filters.values.all
  if given and options.all then
    Error {
      category = "usage", code = "conflicting_flags", message = "conflicting options: cannot specify both --all and --filter all=1",
      exit_code = 1,
    }
  end
  local value = given and require("create.problem").boolean(given[1])
  if given and value == nil then
    Error {
      category = "usage", code = "invalid_filter", message = ("invalid filter 'all': '%s' is neither true nor false"):format(given[1]),
      exit_code = 1,
    }
  end
  return options.all or value == true
end

-- All containers but those that go before.
local function remaining(nas, options)
  local out, gone = {}, options.gone or {}
  for _, c in ipairs(nas:containers { all = true }) do
    if not gone[c.Id] then
      out[#out + 1] = c
    end
  end
  return out
end

-- Volumes that no container uses, once those that go before are gone.
local function unused_volumes(nas, options)
  if not next(options.gone or {}) then
    return (nas:volumes { filters = { dangling = { "true" } } })
  end
  local used, out = require("listing.volumes").users(remaining(nas, options)), {}
  for _, v in ipairs((nas:volumes())) do
    if not used[v.Name] then
      out[#out + 1] = v
    end
  end
  return out
end

-- A volume of a compose project that is down looks unused, and copies of volumes always are: what they are of is told.
local function described(v)
  local copy = require("compose.snapshots").of(v)
  if copy then return ("remove volume %s, a copy of %s of project %s"):format(v.Name, copy.volume, copy.project) end
  local project = (v.Labels or {})["com.docker.compose.project"]
  return project and ("remove volume %s of project %s"):format(v.Name, project) or nil
end

---@async
---@param nas docker.Nas
---@param options prune.Options
---@return table[] steps
function M.volumes(nas, options)
  filters.check(options.filters, { label = true, ["label!"] = true, all = true })
  local all, found = wants_all(options), {}
  for _, v in ipairs(unused_volumes(nas, options)) do
    if v.Driver == "local" and filters.matches(options.filters, v.Labels) and (all or is_anonymous(nas, v)) then
      found[#found + 1] = v
    end
  end
  local size = #found > 0 and sizes(nas) or {}
  for i, v in ipairs(found) do
    found[i] = step(nas, {
      op = "volume.remove", args = { name = v.Name }, object = { kind = "volume", name = v.Name }, bytes = math.max(0, size[v.Name] or 0),
      danger = all and 3 or 2, describe = described(v),
    })
  end
  return found
end

local function tags(image)
  local out = {}
  for _, tag in ipairs(image.RepoTags or {}) do
    if tag ~= "<none>:<none>" then
      out[#out + 1] = tag
    end
  end
  return out
end

local function unused_images(nas, options)
  local keepers, containers, used = require "prune.keepers", remaining(nas, options), {}
  for _, c in ipairs(containers) do
    used[c.ImageID] = true
  end
  local unused, found, spared = {}, {}, {}
  for _, image in ipairs(nas:images { filters = not options.all and { dangling = { "true" } } or nil }) do
    if not used[image.Id] and filters.matches(options.filters, image.Labels, image.Created) then
      unused[#unused + 1] = image
    end
  end
  local kept = keepers.images(containers, options.keep_rollback)
  if #unused > 0 and options.keep_rollback ~= 0 then
    for id, name in pairs(keepers.revisions(nas)) do kept[id] = name end
  end
  for _, image in ipairs(unused) do
    table.insert(kept[image.Id] and spared or found, image)
  end
  return found, spared
end

-- Whether images with names go, too: --all and a `dangling` of the user's are one filter to the engine, and what contradicts itself
-- in it is refused since API 1.42; before, the greater set counted.
local function also_named(nas, options)
  local said = { [tostring(not options.all)] = true }
  for _, value in ipairs(options.filters.values.dangling or {}) do
    said[value] = true
  end
  local named, dangling = said["false"] or said["0"], said["true"] or said["1"]
  if named and dangling and nas:supports "1.42" then
    Error {
      category = "usage", code = "invalid_filter", message = "invalid filter 'dangling': it says yes and no", exit_code = 1,
      why = options.all and "--all stands for dangling=false" or "without --all it is dangling=true",
    }
  end
  return named or false
end

-- One by one, around those that are kept.
local function single(nas, image)
  local names = tags(image)
  return step(nas, {
    op = "image.remove", args = { images = #names > 0 and names or { image.Id } }, bytes = image.Size,
    object = { kind = "image", name = names[1] or image.Id:gsub("^sha256:", ""):sub(1, 12), id = image.Id },
  })
end

---@async
---@param nas docker.Nas
---@param options prune.Options
---@return table[] steps
function M.images(nas, options)
  filters.check(options.filters, { label = true, ["label!"] = true, ["until"] = true, dangling = true })
  options.all = also_named(nas, options)
  local found, spared = unused_images(nas, options)
  local steps, items, bytes = {}, {}, 0
  for i, image in ipairs(found) do
    steps[i] = single(nas, image)
    items[i] = ("%s  %s"):format(steps[i].object.name, require("units").human_size(image.Size))
    bytes = bytes + image.Size
  end
  if #spared > 0 or #found == 0 then
    return steps
  end
  -- The engine's own way tells exactly what was freed.
  return { step(nas, {
    op = "image.prune", args = { filters = filters.engine(options.filters, { dangling = tostring(not options.all) }) },
    object = { kind = "image", name = ("%d unused images"):format(#found) }, describe = ("remove %d unused images"):format(#found),
    items = items, bytes = bytes,
  }) }
end

---@async
---@param nas docker.Nas
---@param options prune.Options
---@return table[] steps
function M.cache(nas, options)
  local df = nas:df(nas:supports "1.42" and { type = "build-cache" } or nil)
  local items, bytes = {}, 0
  for _, entry in ipairs(df.BuildCache or {}) do
    if not entry.InUse and (options.all or not entry.Shared) then
      items[#items + 1] = ("%s  %s"):format(entry.ID, require("units").human_size(entry.Size or 0))
      bytes = bytes + (entry.Size or 0)
    end
  end
  local given = next(options.filters.values) and options.filters.values or nil
  if #items == 0 and not given then return {} end -- a filter is the engine's to check
  return { step(nas, {
    op = "cache.prune", args = { all = options.all or nil, filters = given, keep_storage = options.keep_storage },
    object = { kind = "build cache", name = "build cache" }, describe = "remove unused build cache", items = items, bytes = bytes,
  }) }
end

return M
