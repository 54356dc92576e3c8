-- What a NAS keeps of a compose project, in a folder of its own there:
--   current -> rev-N             the project's files, as of revision N
--   rev-N/                       revisions of them; what did not change is the same file
--   data/                        directories that containers write to
--   revisions/N.json, N.files    what revision N was made from, and which files it has; state.json: all revisions in short
--   lock/who                     who changes the project now (compose.lock)
-- Reading it never writes, and what is read is not trusted. Dependencies: json, nas.shell, profile.
local M = {}

M.KEPT = 10 -- revisions
M.CAP = 8 << 20 -- bytes of each document

---@class compose.Revision
---@field number integer
---@field time integer seconds since the epoch
---@field command string that made it
---@field by string "user@host"
---@field result "ok"|"failed"
---@field files integer number of the rev-N whose files it has
---@field images table<string, {image: string, id: string, digest?: string}> by service

---A file of the project on the NAS, by its place: "rev/conf/app.conf", "data/html/index.html".
---@class compose.StoredFile
---@field kind "file"|"dir"|"link"
---@field mode integer
---@field sha256 string of the content, or of a link's target; "" of a directory
---@field writable? boolean containers may write to it: it is compared before it is replaced

---@class compose.Stored
---@field root string the folder on the NAS
---@field revision integer number of the newest revision, 0 when there is none
---@field next integer number that a new revision gets
---@field files integer number of the rev-N that `current` is, 0 when there is none
---@field directories integer[] numbers of all rev-N
---@field revisions compose.Revision[] the newest first
---@field manifest table<string, compose.StoredFile> of `current`
---@field kept table<string, integer> ids of images that revisions run -> the newest of these
---@field lock? compose.Holder
---@field there table<string, "dir"|"file"|false> what the paths are that were asked for

---The folder of a project.
---@param nas docker.Nas
---@param name string
---@return string
---@raise usage "bad_project_name"
function M.root(nas, name)
  if not name:find "^[%l%d][%l%d_-]*$" then
    Error { category = "usage", code = "bad_project_name", message = ("'%s' is no name of a project"):format(name) }
  end
  return M.projects(nas) .. "/" .. name
end

---The folder above those of all projects.
---@param nas docker.Nas
---@return string
function M.projects(nas)
  local p = nas.profile or { kind = "local", name = "local" }
  if p.kind == "local" and not p.data_root then return ("%s/projects/%s"):format(require("profile").paths().state, p.name) end
  return (p.data_root or "/share/Container"):gsub("/+$", "") .. "/.qnap-docker/projects"
end

-- Each line begins with what it is. Documents are of one line, or are made so: JSON has no raw newline that counts.
local READ = [==[
say() { [ -f "$2" ] && { printf '%s ' "$1"; head -c 8388609 "$2" | tr -d '\n'; echo; }; return 0; }
one() {
if [ -d "$1" ]; then echo "there dir"; elif [ -e "$1" ] || [ -L "$1" ]; then echo "there file"
elif [ "$2" = 1 ] && sudo -n test -e "$1" 2>/dev/null; then
if sudo -n test -d "$1"; then echo "there dir"; else echo "there file"; fi
else echo "there no"; fi
}
r=$1
(cd "$r" 2>/dev/null || exit 0
c=$(readlink current 2>/dev/null)
[ -d "$c/" ] && echo "current $c"
for f in revisions/*.json rev-*; do [ -e "$f" ] && echo "name $f"; done
say state state.json
[ -n "$c" ] && say manifest "revisions/${c#rev-}.files"
[ -d lock ] && echo held
say lock lock/who)
u=0; [ "$(id -u)" = 0 ] || u=1
while IFS= read -r p; do one "$p" "$u"; done]==]

local function bad(nas, what)
  Error {
    category = "fail", code = "bad_store", profile = nas.name, message = ("%s on %s cannot be read"):format(what, nas.name),
    why = "it is no document of ours, or too large", hint = "move it away there; the next 'compose up' makes it anew",
  }
end

local function document(nas, text, what)
  local doc = #text <= M.CAP and try(require("json").decode, text)
  if type(doc) ~= "table" or type(doc.version) ~= "number" then bad(nas, what) end
  if doc.version ~= 1 then
    Error {
      category = "unsupported", code = "newer_store", profile = nas.name,
      message = ("%s on %s is of a newer version"):format(what, nas.name),
      why = ("version %s, and this program knows 1"):format(tostring(doc.version)), hint = "update qnap-docker",
    }
  end
  return doc
end

local function string_or(value, default) return type(value) == "string" and #value < 65536 and value or default end
local function integer_or(value, default) return math.type(value) == "integer" and value or default end

local function images_of(list)
  local out = {}
  for service, image in pairs(type(list) == "table" and list or {}) do
    if type(service) == "string" and type(image) == "table" and string_or(image.id) then
      out[service] = { image = string_or(image.image, ""), id = image.id, digest = string_or(image.digest) }
    end
  end
  return out
end

---A revision in short, from a document.
---@param r any
---@return compose.Revision?
function M.short(r)
  if type(r) ~= "table" or not integer_or(r.number) or r.number < 1 then return nil end
  return {
    number = r.number, time = integer_or(r.time, 0), command = string_or(r.command, ""), by = string_or(r.by, ""),
    result = r.result == "ok" and "ok" or "failed", files = integer_or(r.files, 0), images = images_of(r.images),
  }
end

local KINDS = { f = "file", d = "dir", l = "link" }

local function manifest_of(doc)
  local out = {}
  for path, row in pairs(type(doc.files) == "table" and doc.files or {}) do
    local kind, mode, sha, writable = table.unpack(type(row) == "table" and row or {})
    if type(path) == "string" and KINDS[kind] and integer_or(mode) and string_or(sha) then
      out[path] = { kind = KINDS[kind], mode = mode & 4095, sha256 = sha, writable = writable == true or nil }
    end
  end
  return out
end

---The text of a manifest, of one line.
---@param manifest table<string, compose.StoredFile>
---@return string
function M.manifest_text(manifest)
  local files = {}
  for path, f in pairs(manifest) do files[path] = { f.kind:sub(1, 1), f.mode, f.sha256, f.writable } end
  return require("json").encode { version = 1, files = files } .. "\n"
end

local function take_state(nas, out, text)
  for _, r in ipairs(document(nas, text, "state.json of the project").revisions or {}) do
    out.revisions[#out.revisions + 1] = M.short(r)
  end
  table.sort(out.revisions, function(a, b) return a.number > b.number end)
  out.revision = out.revisions[1] and out.revisions[1].number or 0
  for i = #out.revisions, 1, -1 do
    for _, image in pairs(out.revisions[i].images) do out.kept[image.id] = out.revisions[i].number end
  end
end

local TAKE = {
  current = function(_, out, text) out.files = math.tointeger(tonumber(text:match "^rev%-(%d+)$")) or 0 end,
  name = function(_, out, text)
    local number = math.tointeger(tonumber(text:match "^rev%-(%d+)$" or text:match "^revisions/(%d+)%.json$"))
    if number then out.next = math.max(out.next, number + 1) end
    if number and text:sub(1, 4) == "rev-" then out.directories[#out.directories + 1] = number end
  end,
  state = take_state,
  manifest = function(nas, out, text) out.manifest = manifest_of(document(nas, text, "the list of files of the project")) end,
  held = function(_, out) out.lock = require("compose.lock").holder "" end,
  lock = function(_, out, text) out.lock = require("compose.lock").holder(text) end,
}

---Reads what a NAS keeps of a project, in one exec.
---@async
---@param nas docker.Nas of plan.reader, too
---@param name string project
---@param options? {paths?: string[]} paths on the NAS of which is to be told whether they are there
---@return compose.Stored
---@raise fail "bad_store"
---@raise auth "folder_denied"
function M.read(nas, name, options)
  local out = { root = M.root(nas, name), revision = 0, next = 1, files = 0, revisions = {}, manifest = {}, kept = {}, there = {} }
  out.directories = {}
  local paths, at = options and options.paths or {}, 0
  local lines = table.concat(paths, "\n") .. (#paths > 0 and "\n" or "")
  local answer = require("nas.shell").read(nas, {
    at = out.root, text = READ, args = { out.root }, max_output = 3 * M.CAP, stdin = lines,
  })
  if answer.status ~= 0 then
    Error {
      category = "fail", code = "bad_store", profile = nas.name, message = ("the project '%s' cannot be read on %s"):format(name, nas.name),
      why = require("nas.shell").why(answer),
    }
  end
  for line in answer.stdout:gmatch "[^\n]+" do
    local what, text = line:match "^(%l+) ?(.*)$"
    if what == "there" then
      at = at + 1
      out.there[paths[at] or ""] = text ~= "no" and text
    elseif TAKE[what] then
      TAKE[what](nas, out, text)
    end
  end
  out.next = math.max(out.next, out.revision + 1, out.files + 1)
  return out
end

---The whole record of a revision: beside what compose.Revision has `model`, `env_files`, `directory`, `compose_files`.
---@async
---@param nas docker.Nas
---@param name string project
---@param number integer
---@return table
---@raise not_found "no_revision"
function M.revision(nas, name, number)
  local root = M.root(nas, name)
  local file = ("%s/revisions/%d.json"):format(root, number)
  local answer = require("nas.shell").read(nas, {
    at = root, text = [==[[ ! -f "$1" ] || head -c 8388609 "$1"]==], args = { file }, max_output = 2 * M.CAP,
  })
  if answer.status ~= 0 or answer.stdout == "" then
    Error {
      category = "not_found", code = "no_revision", profile = nas.name,
      why = answer.status ~= 0 and require("nas.shell").why(answer) or nil,
      message = ("project '%s' has no revision %d on %s"):format(name, number, nas.name), hint = "qnap-docker compose history -p " .. name,
    }
  end
  local doc = document(nas, answer.stdout, ("revision %d of the project"):format(number))
  local short = M.short(doc) or bad(nas, ("revision %d of the project"):format(number))
  for key, value in pairs(short) do doc[key] = value end
  return doc
end

-- The lists of revisions of all projects; those that cannot be entered are named.
local ALL = [==[
cd "$1" 2>/dev/null || exit 0
for d in *; do
[ -d "$d" ] || continue
printf '%s ' "$d"
if [ -x "$d" ]; then [ ! -f "$d/state.json" ] || head -c 8388609 "$d/state.json" | tr -d '\n'
else sudo -n head -c 8388609 "$1/$d/state.json" 2>/dev/null | tr -d '\n' | grep . || printf hidden; fi
echo
done]==]

---The files that a rev-N has.
---@async
---@param nas docker.Nas
---@param name string project
---@param number integer compose.Revision.files; 0: it has none
---@return table<string, compose.StoredFile>
function M.files(nas, name, number)
  if number == 0 then return {} end
  local root = M.root(nas, name)
  local answer = require("nas.shell").read(nas, {
    at = root, text = [==[[ ! -d "$1/rev-$2/" ] || head -c 8388609 "$1/revisions/$2.files"]==], args = { root, tostring(number) },
    max_output = 2 * M.CAP,
  })
  if answer.status ~= 0 or answer.stdout == "" then
    Error {
      category = "not_found", code = "files_gone", profile = nas.name,
      message = ("the files of revision %d of '%s' are not on %s any more"):format(number, name, nas.name),
      why = answer.status ~= 0 and require("nas.shell").why(answer) or nil, hint = "qnap-docker compose history -p " .. name,
    }
  end
  return manifest_of(document(nas, answer.stdout, "the list of files of the project"))
end

---The images that revisions of all projects run: a prune leaves them.
---@async
---@param nas docker.Nas of plan.reader, too
---@return table<string, string> kept image id -> "project revision N"
---@return string[] hidden projects that this account cannot look into
function M.images(nas)
  local root, out, hidden = M.projects(nas), {}, {}
  local answer = require("nas.shell").read(nas, { at = root, text = ALL, args = { root }, max_output = 64 << 20 })
  for line in answer.stdout:gmatch "[^\n]+" do
    local name, text = line:match "^(%S+) (.*)$"
    local stored = { revisions = {}, kept = {} }
    if text == "hidden" then
      hidden[#hidden + 1] = name
    elseif name and text ~= "" then
      take_state(nas, stored, text)
    end
    for id, number in pairs(stored.kept) do out[id] = ("%s revision %d"):format(name, number) end
  end
  return out, hidden
end

---Takes the project on a NAS for this command alone. See compose.lock.
---@async
---@param nas docker.Nas
---@param name string project
---@param options? {wait?: number, what?: string, container?: string} see compose.lock.take
---@return compose.Lock closed it is free again
---@raise conflict "locked"
function M.lock(nas, name, options)
  return require("compose.lock").take(nas, name, options)
end

return M
