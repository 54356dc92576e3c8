-- Revisions of a project, as they are written down on the NAS: what each was made from, which images it runs. The newest ones stay.
-- Dependencies: compose.store, compose.observe, compose.source, nas.shell, tar.entries.
local store = require "compose.store"
local tables = require "compose.tables"

local M = {}

-- $1 the folder, $2 the project's name, $3 the number; then r N (a record that goes) and f N (files that go, unless a container
-- has them mounted). $4: the project's lock, which ends with the record.
local WRITE = [==[
set -e
umask 077
[ -d "$1" ] || { (umask 022; mkdir -p "$1"); chmod 700 "$1"; }
cd "$1"; name=$2 n=$3 token=$4; shift 4
mkdir -p revisions
tar xpf - && [ -f record.end ] || { echo "the stream broke off" >&2; exit 3; }
mv -f record.json "revisions/$n.json"
mv -f record.state state.json
rm -f record.end
for a in "$@"; do
case $a in
r*) rm -f "revisions/${a#r}.json" ;;
f*) a=${a#f}
cat /proc/[0-9]*/mountinfo 2>/dev/null | grep -q "/$name/rev-$a[/ ]" || rm -rf "rev-$a" "revisions/$a.files" ;;
esac
done
[ -z "$token" ] || case $(cat lock/who 2>/dev/null) in *"$token"*) rm -rf lock ;; esac]==]

---The digest by which a registry knows an image.
---@param image table inspect record
---@param ref string by which name
---@return string?
function M.digest(image, ref)
  local repository = ref:gsub("@.*$", ""):gsub(":[^:/]*$", "")
  for _, text in ipairs(image.RepoDigests or {}) do
    local name, digest = text:match "^(.*)@(.*)$"
    if name == repository then return digest end
  end
  return ((image.RepoDigests or {})[1] or ""):match "@(.*)$"
end

-- What the services run now: the newest container of each counts.
local function images_of(nas, containers, known)
  local out, seen, ids = {}, {}, {}
  for _, c in ipairs(containers) do
    if not c.oneoff and not require("compose.kept").is_kept(c) then
      out[c.service] = { image = c.record.Image or "", id = c.image_id }
      if not seen[c.image_id] and not known[c.image_id] then
        seen[c.image_id] = true
        ids[#ids + 1] = c.image_id
      end
    end
  end
  local images = {}
  require("task").map(ids, function(id) images[id] = try(function() return nas:image(id):inspect() end) or {} end)
  for _, image in pairs(out) do
    image.digest = M.digest(images[image.id] or { RepoDigests = known[image.id] } or {}, image.image)
  end
  return out
end

local function hashes(list)
  local out = {}
  for _, path in ipairs(list) do out[path] = try(require("compose.files").digest_of, path) end
  return out
end

---The document of a new revision.
---@param args table of project.record
---@param number integer
---@param facts {files: integer, images: table, failed: string[]}
---@return table
function M.document(args, number, facts)
  local sys, json = require "sys", require "json"
  local project = args.source and require("compose.source").project(args.source)
  return {
    version = 1, number = number, time = (sys.time()), command = require("core.log").redact(args.command or ""),
    by = ("%s@%s"):format(require("compose.lock").user(), sys.hostname()), result = #facts.failed == 0 and "ok" or "failed",
    failed = #facts.failed > 0 and json.array(facts.failed) or nil, files = facts.files, images = facts.images,
    model = project and project.model or nil, env_files = hashes(args.source and args.source.env_files or {}),
    directory = args.source and args.source.directory, compose_files = args.source and args.source.files,
  }
end

---What goes when there is a new revision: records beyond the newest ones, and files that no record has and are not current.
---@param stored compose.Stored
---@param revisions compose.Revision[] the newest first, with the new one
---@param mounted? table<integer, true> numbers of the rev-N that containers are given files of
---@return string[] "r4", "f3"
---@return compose.Revision[] those that stay
function M.outdated(stored, revisions, mounted)
  local stay, used, gone = {}, { [stored.files] = true }, {}
  for number in pairs(mounted or {}) do used[number] = true end
  for i, r in ipairs(revisions) do
    if i <= store.KEPT then
      stay[#stay + 1] = r
      used[r.files] = true
    else
      gone[#gone + 1] = "r" .. r.number
    end
  end
  for _, number in ipairs(stored.directories) do
    if not used[number] then gone[#gone + 1] = "f" .. number end
  end
  return gone, stay
end

local function failures(run)
  local out = {}
  for _, failure in ipairs(run and run.failed or {}) do out[#out + 1] = failure.step.object.name end
  return out
end

local function send(nas, name, record, revisions, gone, lock)
  local entries, json, root = require "tar.entries", require "json", store.root(nas, name)
  local bytes = entries.file({ name = "record.json", mode = 384 }, json.encode(record) .. "\n")
    .. entries.file({ name = "record.state", mode = 384 }, json.encode { version = 1, revisions = json.array(revisions) } .. "\n")
    .. entries.file({ name = "record.end", mode = 384 }, "") .. entries.END
  local answer = require("nas.shell").write(nas, {
    at = root, text = WRITE, args = { root, name, tostring(record.number), lock and lock.token or "", table.unpack(gone) }, stdin = bytes,
    timeout = 600,
  })
  if answer.status ~= 0 then
    Error {
      category = "fail", code = "store_failed", profile = nas.name, why = require("nas.shell").why(answer),
      message = nas:cannot(("record revision %d of '%s'"):format(record.number, name)),
    }
  end
  if lock then lock.token = nil end
end

---Numbers of the rev-N that containers are given files of, running or not.
---@param containers compose.Container[]
---@return table<integer, true>
function M.mounted(containers)
  local out = {}
  for _, c in ipairs(containers) do
    for _, m in ipairs(c.record.Mounts or {}) do
      local number = (m.Source or ""):match "/projects/[^/]+/rev%-(%d+)/"
      if number then out[math.tointeger(tonumber(number))] = true end
    end
  end
  return out
end

-- Containers of these services that are not, or not yet, as they should be.
local function unsettled(containers, services)
  local out, among = require("json").array {}, tables.set(services)
  for _, c in ipairs(containers) do
    local failed = c.state == "exited" and (c.exit_code or 0) ~= 0
    local waits = c.state == "running" and c.health ~= nil and c.health ~= "healthy"
    if among[c.service] and not c.oneoff and not require("compose.kept").is_kept(c) and (failed or waits) then
      out[#out + 1] = { name = c.name, service = c.service, exit_code = failed and c.exit_code or nil }
    end
  end
  return out
end

---Writes down a revision.
---@async
---@param nas docker.Nas
---@param args table of project.record
---@param run? plan.Run
---@return {number: integer, result: "ok"|"failed", unsettled: {name: string, service: string, exit_code?: integer}[]} unsettled: failed,
--- or not healthy yet
function M.write(nas, args, run)
  local lock = run and run.lock
  local failed = failures(run)
  local stored = lock and args.stored and lock.newest == args.stored.revision and args.stored or nil
  local list = function() return require("compose.observe").list(nas, args.project) end
  local containers
  local function write(images)
    local number = math.max(args.number, stored.revision + 1) -- another command may have taken the planned one
    local files = lock and lock.files or stored.files
    local record = M.document(args, number, { files = files, images = images, failed = failed })
    local used = containers and M.mounted(containers) or tables.set(stored.mounted)
    local gone, stay = M.outdated(stored, { store.short(record), table.unpack(stored.revisions) }, used)
    send(nas, args.project, record, stay, gone, lock)
    return record
  end
  local record
  if stored and args.images and #failed == 0 then -- nothing is to be asked: it is written while the project is looked at
    record, containers = table.unpack(require("task").all { function() return write(args.images) end, list })
  else
    stored, containers = table.unpack(require("task").all { function() return stored or store.read(nas, args.project) end, list })
    record = write(images_of(nas, containers, args.known or {}))
  end
  return { number = record.number, result = record.result, unsettled = unsettled(containers, args.services) }
end

-- $1 the folder, $2 the number.
local REMOVE = [==[
cd "$1" || exit 0
tar xpf - && mv -f record.state state.json && rm -f "revisions/$2.json"]==]

---Takes a revision's record back.
---@async
---@param nas docker.Nas
---@param name string project
---@param number integer
function M.remove(nas, name, number)
  local entries, json, root = require "tar.entries", require "json", store.root(nas, name)
  local stay = json.array {}
  for _, r in ipairs(store.read(nas, name).revisions) do
    if r.number ~= number then stay[#stay + 1] = r end
  end
  local bytes = entries.file({ name = "record.state", mode = 384 }, json.encode { version = 1, revisions = stay } .. "\n") .. entries.END
  local answer = require("nas.shell").write(nas, { at = root, text = REMOVE, args = { root, tostring(number) }, stdin = bytes })
  if answer.status ~= 0 then
    Error {
      category = "fail", code = "store_failed", profile = nas.name, why = require("nas.shell").why(answer),
      message = nas:cannot(("take back revision %d of '%s'"):format(number, name)),
    }
  end
end

return M
