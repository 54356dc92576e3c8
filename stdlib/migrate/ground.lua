-- The steps that give the target what comes before data and containers: images, networks, volumes, folders, a project's files. Pure.
-- Dependencies: migrate.networks, migrate.places, migrate.preflight.
local places = require "migrate.places"

local M = {}

---Adds a step.
---@param p migrate.Planning
---@param target string
---@param op string
---@param args table
---@param more? table of plan.Step
---@return string id
function M.add(p, target, op, args, more)
  local step = { target = target, op = op, args = args, danger = 0, verb = op:match "%a+$" }
  for key, value in pairs(more or {}) do step[key] = value end
  return p.plan:add(step).id
end

local add = M.add

---Whether the target needs another build of a container's image.
---@param f migrate.Facts
---@param c migrate.Container
---@return boolean
function M.other_build(f, c)
  local names = { x86_64 = "amd64", aarch64 = "arm64", armv7l = "arm" }
  local there = f.info.to.Architecture or ""
  return there ~= "" and (c.image.Architecture or "") ~= "" and (names[there] or there) ~= c.image.Architecture
end

---@param p migrate.Planning
function M.images(p)
  for _, c in ipairs(p.f.containers) do
    if not p.images[c.record.Image] then
      local there = p.f.there.images[c.record.Image] ~= nil
      p.images[c.record.Image] = add(p, p.b, "migrate.image", {
        from = p.a, ref = c.ref, image = c.record.Image, how = p.options.image, bandwidth = p.options.bandwidth,
        other_build = M.other_build(p.f, c) or nil,
      }, {
        verb = there and "keep" or "pull", object = { kind = "image", name = c.ref }, quiet = there,
        describe = there and ("image %s is there"):format(c.ref) or ("bring image %s from %s"):format(c.ref, p.a), apart = true,
      })
    end
  end
end

---@param p migrate.Planning
function M.networks(p)
  for _, body in ipairs(require("migrate.networks").bodies(p.f)) do
    add(p, p.b, "migrate.network", { body = body }, {
      verb = "create", danger = 1, object = { kind = "network", name = body.Name }, apart = true,
    })
    p.f.there.networks[body.Name] = body
  end
end

local function without_own(labels)
  local out = {}
  for key, value in pairs(labels or {}) do
    if key ~= "qnap-docker.journal" and key ~= "qnap-docker.step" then out[key] = value end
  end
  return out
end

local function add_volume(p, tree)
  if tree.moves and tree.overwrites and p.f.there.volumes[tree.to] then
    add(p, p.b, "migrate.overwrite", { volume = tree.to, images = require("json").array { p.f.containers[1].record.Image } }, {
      verb = "replace", danger = 3, object = { kind = "volume", name = tree.to }, symbol = "^",
      describe = ("what volume %s holds is copied to a volume beside it, then replaced"):format(tree.to),
    })
  end
  if p.f.there.volumes[tree.to] or p.options.data_only then return end
  p.f.there.volumes[tree.to], p.f.there.planned[tree.to] = { Name = tree.to }, true
  local v = p.f.volumes[tree.volume] or {}
  add(p, p.b, "migrate.volume", {
    options = { name = tree.to, driver = v.Driver, driver_opts = v.Options, labels = without_own(v.Labels) },
  }, { verb = "create", danger = 1, object = { kind = "volume", name = tree.to }, apart = true })
end

-- A folder that begins empty, as its volume would.
local function lacks_folder(p, tree)
  local there = p.f.look.to.paths[tree.to]
  return places.makes_folder(p.options, tree) and there ~= nil and there.kind == "no" and not p.f.there.planned[tree.to]
end

---Volumes, folders, and what is kept of a project.
---@param p migrate.Planning
function M.places(p)
  local f = p.f
  for _, tree in ipairs(f.trees) do
    if tree.volume then
      add_volume(p, tree)
    elseif (tree.moves or lacks_folder(p, tree)) and not tree.own then
      f.there.planned[tree.to] = true
      add(p, p.b, "migrate.folder", { path = tree.to, file = tree.file }, {
        verb = "create", danger = 1, object = { kind = tree.file and "file" or "folder", name = tree.to }, apart = true,
      })
    end
  end
  if places.has_files(f) and not p.options.data_only then
    add(p, p.b, "migrate.files", {
      from = p.a, project = f.project, root = places.root(f, "from"), to = places.root(f, "to"), models = p.options.models ~= false,
    }, { verb = "create", danger = 1, describe = "copy the files and revisions of project " .. f.project, apart = true,
      object = { kind = "project", name = f.project } })
  end
end

return M
