-- The project's files on their way to a NAS: what lies here and must be there, as one step of a plan (project.sync). Only reads.
-- Dependencies: compose.files, compose.references, compose.manifest, compose.contents, compose.source, nas.shell.
local contents = require "compose.contents"
local files = require "compose.files"
local manifests = require "compose.manifest"
local references = require "compose.references"

local M = {}

---@class compose.SyncOptions
---@field no_sync? boolean what the NAS has is used as it is
---@field create_binds? boolean directories that are nowhere are made, instead of an error

---@class compose.Prepared
---@field project compose.Project copy, with the NAS's paths
---@field digests table<string, string> by service, of the files, secrets and configs that it is given
---@field changes string[] what is sent, for people
---@field notices string[] what is left alone
---@field args? table of the operation project.sync; nil: the NAS has everything
---@field number? integer of the rev-N whose files count, where they are not those of `args` or the current ones

local function is_local(nas) return nas.profile ~= nil and nas.profile.kind == "local" end

---The paths on the NAS that a project counts on: whether they are there is asked with store.read, so that it costs no round trip.
---@param nas docker.Nas
---@param project compose.Project
---@return string[]
function M.paths(nas, project)
  if is_local(nas) then return {} end
  return references.paths((references.of(project, false)), require("compose.store").root(nas, project.name))
end

-- What nothing is at, here or there: an error naming all of it, or (create_binds) directories to make there, and those that
-- come with the revision.
local function check_sources(nas, project, stored, refs, options)
  local list = is_local(nas) and {} or references.paths(refs, stored.root)
  local there = stored.there
  for _, path in ipairs(list) do
    if there[path] == nil then
      there = require("compose.store").read(nas, project.name, { paths = list }).there
      break
    end
  end
  local missing, make, empty = {}, {}, {}
  for _, r in ipairs(references.missing(refs, stored.root, there, is_local(nas))) do
    if not options.create_binds or not r.bind then
      missing[#missing + 1] = r
    elseif r.place and r.place:sub(1, 3) == "rev" then
      empty[#empty + 1] = r.place
    else
      make[#make + 1] = references.on_nas(stored.root, r)
    end
  end
  if #missing > 0 then references.refuse(missing, project, nas) end
  return make, empty
end

-- Contents that a container with a read-only root cannot be given otherwise: files of the project's folder.
local function content_place(name, c) return ("rev/.qnap-docker/%s/%s"):format(name, files.digest(c.section .. c.target):sub(1, 16)) end

local function add_contents(project, scan)
  for name, service in pairs(project.model.services or {}) do
    for _, c in ipairs(service.read_only and contents.of(project, service) or {}) do
      local uid, gid = contents.owner(c)
      scan.files[content_place(name, c)] = {
        kind = "file", mode = c.mode, size = #c.bytes, mtime = 0, uid = uid, gid = gid, sha256 = files.digest(c.bytes),
        content = { service = name, section = c.section, target = c.target },
      }
    end
  end
end

local function scan_all(project, refs, data, at_home, empty)
  local scan = files.new(project.directory, project.model["x-qnap"])
  for _, place in ipairs(empty) do
    scan.files[place] = { kind = "dir", mode = 493, size = 0, mtime = 0, uid = 0, gid = 0, sha256 = "" }
  end
  for root in pairs(data) do scan.apart[root == "" and "rev" or "rev/" .. root] = true end
  for _, r in ipairs(refs) do
    if r.place and r.kind then
      files.add(scan, { path = r.path, key = r.place, writable = r.kind == "file" and not r.read_only or nil })
    end
  end
  for _, o in ipairs(at_home and {} or references.others(project)) do
    local key = references.place(project, o.path)
    if o.context then
      files.add(scan, { path = o.path, key = key, context = o.context, large = "skip" })
    elseif not scan.files[key] then
      files.add(scan, { path = o.path, key = key })
    end
  end
  add_contents(project, scan)
  files.add_parents(scan.files, project.directory)
  files.refuse_large(scan)
  return scan
end

-- What the unsure places have on the NAS. Places are lines of its input; no name holds a newline.
local SUMS = require("nas.shell").SUM .. [==[
cd "$1" 2>/dev/null || exit 0
while IFS= read -r p; do
case $p in rev/*) f=current/${p#rev/} ;; *) f=$p ;; esac
if [ -L "$f" ]; then h=$(readlink "$f" | tr -d '\n' | sum)
elif [ -d "$f" ]; then h=dir
elif [ -r "$f" ]; then h=$(sum <"$f")
elif [ -e "$f" ]; then h=
else continue; fi
printf '%s %s\n' "${h:-?}" "$p"
done]==]

local function ask(nas, stored, places)
  local out = {}
  if #places == 0 then return out end
  local answer = require("nas.shell").read(nas, {
    at = stored.root, text = SUMS, args = { stored.root }, stdin = table.concat(places, "\n") .. "\n", timeout = 600,
  })
  for line in answer.stdout:gmatch "[^\n]+" do
    local sum, place = line:match "^(%S+) (.*)$"
    if sum then out[place] = sum end
  end
  return out
end

-- By service: what its containers are given, as lines of place and digest. Data is theirs; it does not count.
local function digests_of(project, refs, given, manifest)
  local lines = {}
  local function add(name, ...) lines[name] = lines[name] or {}; table.insert(lines[name], table.concat({ ... }, "\0")) end
  for _, r in ipairs(refs) do
    for key, file in pairs(r.service and r.place and r.place:sub(1, 3) == "rev" and given or {}) do
      if files.below(r.place, key) then
        local known = file.writable and manifest[key] or file
        add(r.service, r.target, key, file.kind, file.kind == "dir" and "" or ("%o"):format(file.mode), known.sha256)
      end
    end
  end
  for name, service in pairs(project.model.services or {}) do
    for _, c in ipairs(contents.of(project, service)) do
      add(name, c.target, ("%o"):format(c.mode), c.uid or "", c.gid or "", files.digest(c.bytes))
    end
  end
  local out = {}
  for name, list in pairs(lines) do
    table.sort(list)
    out[name] = files.digest(table.concat(list, "\n"))
  end
  return out
end

-- The engine is on this machine: paths stay, and files that are given alone count with their content.
local function local_digests(refs, scan)
  for _, r in ipairs(refs) do
    if r.kind == "file" and r.read_only then
      r.place = "rev/" .. r.path
      scan.files[r.place] = { kind = "file", mode = 0, sha256 = files.digest_of(r.path), here = true }
    end
  end
end

-- Contents of a service with a read-only root become binds.
local function bind_contents(project, name, service, root)
  if not service.read_only then return end
  service.volumes = service.volumes or require("json").array {}
  for _, c in ipairs(contents.of(project, service)) do
    local source = references.on_nas(root, { place = content_place(name, c) })
    table.insert(service.volumes, { type = "bind", source = source, target = c.target, read_only = true })
  end
  for _, section in ipairs { "secrets", "configs" } do
    local left = require("json").array {}
    for _, item in ipairs(service[section] or {}) do
      if not contents.is_content((project.model[section] or {})[item.source]) then left[#left + 1] = item end
    end
    service[section] = #left > 0 and left or nil
  end
end

local function with_paths(project, refs, root, at_home)
  local copy = {}
  for key, value in pairs(project) do copy[key] = value end
  copy.model = require("plan.secrets").copy(project.model)
  for _, r in ipairs(refs) do
    if r.place and not at_home then r.set(copy.model, references.on_nas(root, r)) end
  end
  for name, service in pairs(copy.model.services or {}) do bind_contents(project, name, service, root) end
  return copy
end

local function changes_of(d, make)
  local out = {}
  local function add(symbol, list)
    for _, key in ipairs(list) do out[#out + 1] = symbol .. " " .. key:gsub("^rev/", "") end
  end
  add("+", d.new)
  add("~", d.changed)
  add("-", d.gone)
  for _, path in ipairs(make) do out[#out + 1] = "+ " .. path .. "/" end
  return out
end

-- Only files of a revision can be the same ones as in the revision before: its directories and links are made each time.
local function sent(scan, d)
  local out, seen = {}, {}
  for _, key in ipairs(d.send) do seen[key] = true end
  for key, f in pairs(scan.files) do
    if seen[key] or (f.kind ~= "file" and key:sub(1, 4) == "rev/") then out[#out + 1] = key end
  end
  table.sort(out)
  return out
end

local function args_of(project, stored, scan, d, make, there)
  local json = require "json"
  local send = json.array {}
  for i, key in ipairs(sent(scan, d)) do
    local f = scan.files[key]
    send[i] = {
      key = key, kind = f.kind, path = f.path, content = f.content, size = f.size, mode = f.mode, mtime = f.mtime, uid = f.uid, gid = f.gid,
      sha256 = f.sha256, target = f.target, was = there[key],
    }
  end
  local text = require("compose.store").manifest_text(d.manifest)
  if #text > require("compose.store").CAP then
    Error {
      category = "config", code = "too_many_files", message = ("project '%s' has too many files to bring to a NAS"):format(project.name),
      why = ("their list has %s"):format(require("units").human_size(#text, 3)), hint = "leave out what is not needed with .qnapignore",
    }
  end
  return {
    project = project.name, number = stored.next, from = stored.files, send = send, manifest = json.decode(text).files,
    make = json.array(make), source = require("compose.source").of(project),
  }
end

---The same for a revision that the NAS has: nothing has to reach it, and no file has to be here.
---@param nas docker.Nas
---@param project compose.Project of the revision
---@param stored compose.Stored
---@param manifest table<string, compose.StoredFile> of the revision
---@return compose.Prepared
---@raise config "no_variable"
function M.kept(nas, project, stored, manifest)
  local at_home = is_local(nas)
  local refs, given = at_home and references.of(project, true) or references.kept(project, manifest), manifest
  if at_home then
    given = setmetatable({}, { __index = manifest })
    local_digests(refs, { files = given })
  end
  return {
    project = with_paths(project, refs, stored.root, at_home), digests = digests_of(project, refs, given, manifest), changes = {},
    notices = {},
  }
end

---What of a project must reach a NAS.
---@async
---@param nas docker.Nas of plan.reader, too
---@param project compose.Project
---@param stored compose.Stored best read with { paths = sync.paths(nas, project) }
---@param options? compose.SyncOptions
---@return compose.Prepared
---@raise not_found "no_bind_source": all that is missing, before anything is written
---@raise config "large_file", "no_variable"
---@raise unsupported "bad_file_name"
function M.prepare(nas, project, stored, options)
  options = options or {}
  local at_home = is_local(nas)
  local refs, data = references.of(project, at_home)
  local make, empty = {}, {}
  if not options.no_sync then make, empty = check_sources(nas, project, stored, refs, options) end
  local scan = scan_all(project, refs, data, at_home, empty)
  local there = options.no_sync and {} or ask(nas, stored, manifests.unsure(scan.files, stored.manifest))
  local d = manifests.compare(scan.files, stored.manifest, there)
  local notices = scan.notices
  for _, key in ipairs(d.kept) do
    local path = references.on_nas(stored.root, { place = key })
    notices[#notices + 1] = ("%s was changed on %s and stays as it is there"):format(path, nas.name)
  end
  local needed = not options.no_sync and not (manifests.is_same(d) and #make == 0) and (next(d.manifest) ~= nil or #make > 0)
  local args = needed and args_of(project, stored, scan, d, make, there) or nil
  if args then args.optional = #refs == 0 end
  if at_home then local_digests(refs, scan) end
  local given = options.no_sync and not at_home and stored.manifest or scan.files
  return {
    project = with_paths(project, refs, stored.root, at_home), digests = digests_of(project, refs, given, d.manifest),
    changes = needed and changes_of(d, make) or {}, notices = notices, args = args,
  }
end

return M
