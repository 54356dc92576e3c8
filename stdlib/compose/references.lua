-- Which files a project refers to, and where they lie on the NAS: below its folder there, or at a place of the NAS's own.
-- Dependencies: compose.source, compose.files, fs.
local files = require "compose.files"
local fs = require "fs"

local M = {}

---A path that the project names.
---@class compose.Reference
---@field service? string
---@field path string as the model has it
---@field read_only boolean
---@field what string "volume /data of service 'web'": for people
---@field kind? "file"|"dir" what is here; nil: nothing
---@field place? string on the NAS: "rev/conf", "data/html"; nil: a path of the NAS's own
---@field set fun(model: table, path: string) puts another path into a model
---@field bind? boolean it is a volume
---@field creates? boolean docker would make it, were it not there

local KINDS = { file = "file", directory = "dir" }

local function volumes(project, out)
  for name, service in pairs(project.model.services or {}) do
    for i, v in ipairs(service.volumes or {}) do
      if v.type == "bind" then
        out[#out + 1] = {
          service = name, path = v.source, read_only = v.read_only == true, bind = true, target = v.target,
          what = ("volume %s of service '%s'"):format(v.target, name), creates = v.bind and v.bind.create_host_path or false,
          set = function(model, path) model.services[name].volumes[i].source = path end,
        }
      end
    end
  end
end

-- Volumes of the local driver that are a directory of the NAS (o: bind).
local function bound(project, out)
  for name, volume in pairs(project.model.volumes or {}) do
    local options = volume.driver_opts or {}
    if (options.o or ""):find "%f[%w]bind%f[%W]" and (options.device or ""):sub(1, 1) == "/" then
      out[#out + 1] = {
        path = options.device, read_only = false, bind = true, volume = name, what = ("volume '%s'"):format(name),
        set = function(model, path) model.volumes[name].driver_opts.device = path end,
      }
    end
  end
end

-- Secrets and configs: once for each service that is given them.
local function objects(project, section, out)
  for name, service in pairs(project.model.services or {}) do
    for _, item in ipairs(service[section] or {}) do
      local object = (project.model[section] or {})[item.source] or {}
      if object.file then
        out[#out + 1] = {
          service = name, path = object.file, read_only = true, object = section, target = item.target or item.source,
          what = ("%s '%s' of service '%s'"):format(section:sub(1, -2), item.source, name),
          set = function(model, path) model[section][item.source].file = path end,
        }
      end
    end
  end
end

-- Whether a path is one of the NAS's own: it is written as an absolute one, and is not in the project's directory.
local function is_foreign(written, reference)
  if reference.object then return false end
  local volume = (written.volumes or {})[reference.volume]
  if volume then return ((volume.driver_opts or {}).device or "/"):sub(1, 1) == "/" end
  local service = (written.services or {})[reference.service] or {}
  for _, v in ipairs(service.volumes or {}) do
    if v.target == reference.target and v.type == "bind" then return v.source:sub(1, 1) == "/" end
  end
  return true -- it cannot be seen how it was written
end

local function place_of(project, reference, written)
  local rel = files.below(project.directory, reference.path)
  local foreign = is_foreign(written, reference)
  if foreign and (not rel or not reference.kind) then return nil end
  if not rel then rel = ("outside/%s/%s"):format(files.digest(reference.path):sub(1, 8), fs.basename(reference.path)) end
  return rel
end

local function join(area, rel) return rel == "" and area or area .. "/" .. rel end

-- Directories that containers write to are data, and so is what lies in them.
local function areas(list)
  local data = {}
  for _, r in ipairs(list) do
    if r.rel and r.bind and not r.read_only and r.kind ~= "file" then data[r.rel] = true end
  end
  for _, r in ipairs(list) do
    if r.rel then
      local area = "rev"
      for root in pairs(data) do
        if root == "" or r.rel == root or r.rel:sub(1, #root + 1) == root .. "/" then area = "data" end
      end
      r.place = join(area, r.rel)
    end
  end
  return data
end

---@param project compose.Project
---@param is_local boolean the engine is on this machine: all paths are its own
---@return compose.Reference[]
---@return table<string, true> data directories whose content is data, below the project's
function M.of(project, is_local)
  local out = {}
  volumes(project, out)
  bound(project, out)
  objects(project, "secrets", out)
  objects(project, "configs", out)
  table.sort(out, function(a, b) return a.what < b.what end)
  local written = not is_local and #out > 0 and require("compose.source").written(project) or {}
  for _, r in ipairs(out) do
    local stat = fs.stat(r.path)
    r.kind = stat and KINDS[stat.type]
    r.present = stat ~= nil
    r.rel = not is_local and place_of(project, r, written) or nil
  end
  return out, areas(out)
end

-- Where a revision has it; nil for a path of the NAS's own.
local function kept_place(project, reference, manifest)
  local rel = files.below(project.directory, reference.path)
  if rel == "" then return reference.read_only and "rev" or "data" end
  rel = rel or ("outside/%s/%s"):format(files.digest(reference.path):sub(1, 8), fs.basename(reference.path))
  for _, area in ipairs { "data", "rev" } do
    if manifest[join(area, rel)] then return join(area, rel) end
  end
end

---The references of a project whose files need not be here: they lie where a revision has them.
---@param project compose.Project
---@param manifest table<string, compose.StoredFile> of that revision
---@return compose.Reference[]
function M.kept(project, manifest)
  local out = {}
  volumes(project, out)
  objects(project, "secrets", out)
  objects(project, "configs", out)
  for _, r in ipairs(out) do
    r.place = kept_place(project, r, manifest)
    r.kind = r.place and manifest[r.place] and manifest[r.place].kind
  end
  table.sort(out, function(a, b) return a.what < b.what end)
  return out
end

---Where the NAS has a reference.
---@param root string the project's folder there
---@param reference {place?: string, path?: string}
---@return string
function M.on_nas(root, reference)
  if not reference.place then return reference.path end
  local area, rest = reference.place:match "^(%l+)(.*)$"
  return root .. (area == "rev" and "/current" or "/data") .. rest
end

-- What is not here has to be there, unless it comes with a revision: that has only what is here.
local function is_asked(r) return not r.place or (not r.present and r.place:sub(1, 4) == "data") end

---Paths on the NAS that have to be there.
---@param list compose.Reference[]
---@param root string
---@return string[]
function M.paths(list, root)
  local out, seen = {}, {}
  for _, r in ipairs(list) do
    local path = M.on_nas(root, r)
    if is_asked(r) and not seen[path] then
      seen[path] = true
      out[#out + 1] = path
    end
  end
  return out
end

---References to what is nowhere.
---@param list compose.Reference[]
---@param root string
---@param there table<string, string|false> what is on the NAS
---@param is_local boolean
---@return compose.Reference[]
function M.missing(list, root, there, is_local)
  local out = {}
  for _, r in ipairs(list) do
    local found = r.present
    if not is_local and is_asked(r) then found = there[M.on_nas(root, r)] end
    if not found then out[#out + 1] = r end
  end
  return out
end

---@param missing compose.Reference[]
---@param project compose.Project
---@param nas docker.Nas
---@raise not_found "no_bind_source"
function M.refuse(missing, project, nas)
  local lines, n = {}, #missing
  for i, r in ipairs(missing) do
    local where = r.place and "neither here nor on " .. nas.name or "not on " .. nas.name
    lines[i] = ("%s: %s is %s"):format(r.what, r.path, where)
  end
  Error {
    category = "not_found", code = "no_bind_source", profile = nas.name, why = table.concat(lines, "; "),
    message = n == 1 and ("project '%s' names a path that is missing"):format(project.name)
      or ("project '%s' names %d paths that are missing"):format(project.name, n),
    hint = "make them, or correct " .. (project.files[1] or "the file") .. "\n--create-binds makes empty directories of them",
  }
end

---Files of the project beside what containers are given: compose files, env files, build contexts.
---@param project compose.Project
---@return {path: string, context?: ignore.Matcher}[]
function M.others(project)
  local out, ignore = {}, require "build.ignore"
  local function add(path)
    if path ~= "-" and fs.stat(path) then out[#out + 1] = { path = path } end
  end
  for _, path in ipairs(project.files) do add(path) end
  for _, path in ipairs(project.env_files) do add(path) end
  for name, service in pairs(require("compose.source").written(project).services or {}) do
    for _, file in ipairs(project.model.services[name] and service.env_file or {}) do
      add(fs.join(project.directory, type(file) == "table" and file.path or file))
    end
  end
  for _, service in pairs(project.model.services or {}) do
    local context = service.build and service.build.context
    if context and context:sub(1, 1) == "/" and fs.is_directory(context) then
      local text = try(fs.read, context .. "/.dockerignore", 1 << 20) or ""
      out[#out + 1] = { path = context, context = ignore.for_context(ignore.lines(text), service.build.dockerfile) }
    end
  end
  table.sort(out, function(a, b) return a.path < b.path end)
  return out
end

---The place of one of these on the NAS.
---@param project compose.Project
---@param path string
---@return string
function M.place(project, path)
  local rel = files.below(project.directory, path)
  return join("rev", rel or ("outside/%s/%s"):format(files.digest(path):sub(1, 8), fs.basename(path)))
end

return M
