-- The files of project.sync as one tar stream, and the script that takes it: a revision is built beside the others and becomes the
-- current one by a rename, so that a crash at any point leaves the old one.
-- Dependencies: fs, tar.entries, compose.source, compose.contents.
local entries = require "tar.entries"
local fs = require "fs"

local M = {}

local PIECE = 256 * 1024

-- $1 the project's folder, $2 the folder being built, $3 the number, $4 the number before (0: none). What a crash left goes first:
-- the project is locked. Its words on stdout: "kept PATH", data that somebody changed meanwhile.
M.APPLY = require("nas.shell").SUM .. [==[
set -e
umask 022
[ -d "$1" ] || { mkdir -p "$1"; chmod 700 "$1"; }
cd "$1"
[ "$(readlink current 2>/dev/null)" = "rev-$4" ] || { [ "$4" = 0 ] && [ ! -L current ]; } ||
{ echo "another revision became the current one" >&2; exit 5; }
mkdir -p revisions data
rm -rf tmp-*
trap 'rm -rf "$2"' EXIT
trap 'exit 129' HUP INT TERM
trap '' PIPE
mkdir "$2" "$2/rev" "$2/data"
tar xpf - || { echo "tar ended with status $?" >&2; exit 3; }
[ -f "$2/end" ] || { echo "the stream broke off" >&2; exit 3; }
fail() { echo "$1 is not what was sent" >&2; exit 4; }
if command -v sha256sum >/dev/null; then
[ ! -s "$2/sums" ] || (cd "$2" && sha256sum -c sums >check 2>&1) || fail "$(sed -n 's/: FAILED.*//p' "$2/check" | head -n 1)"
else
while IFS= read -r l; do [ "$(sum <"$2/${l#*  }")" = "${l%%  *}" ] || fail "${l#*  }"; done <"$2/sums"
fi
while IFS= read -r l; do was=${l%% *} p=${l#* }
[ -f "current/$p" ] && [ "$(sum <"current/$p")" = "$was" ] || { echo "$p was changed on the NAS" >&2; exit 5; }
done <"$2/expect"
while IFS= read -r p; do [ -e "$p" ] || mkdir -p "$p"; done <"$2/make"
while IFS= read -r l; do was=${l%% *} p=${l#* }
s=$2/data/$p d=data/$p
{ [ -e "$s" ] || [ -L "$s" ]; } || continue
case $d in */*) up=${d%/*} ;; esac
if [ "$was" = tree ]; then
[ -e "$d" ] || { mkdir -p "$up"; mv "$s" "$d"; }
elif [ ! -e "$d" ] && [ ! -L "$d" ]; then mkdir -p "$up"; mv "$s" "$d"
elif [ "$was" != - ] && [ ! -L "$d" ] && [ "$(sum <"$d")" = "$was" ]; then mv -f "$s" "$d"
else echo "kept $d"; fi
done <"$2/moves"
rm -rf "rev-$3"
mv "$2/rev" "rev-$3"
mv "$2/files" "revisions/$3.files"
ln -s "rev-$3" "$2/current"
mv -fT "$2/current" current 2>/dev/null || { rm -f current; mv "$2/current" current; }]==]

-- $1 the folder, $2 the number that becomes the current one (0: none), $3 the one that is it now.
M.FLIP = [==[
cd "$1" 2>/dev/null || exit 0
rm -rf tmp-*
[ "$(readlink current)" = "rev-$3" ] || exit 0
[ "$2" != 0 ] || { rm -f current; exit 0; }
[ -d "rev-$2" ] || { echo "the files of revision $2 are not there" >&2; exit 6; }
set -e
mkdir tmp-flip
ln -s "rev-$2" tmp-flip/current
mv -fT tmp-flip/current current 2>/dev/null || { rm -f current; mv tmp-flip/current current; }
rm -rf tmp-flip]==]

-- The same; then the files of $3 go, unless a record has them.
M.UNDO = "(" .. M.FLIP .. [==[) || exit $?
cd "$1" 2>/dev/null || exit 0
[ -e "revisions/$3.json" ] || rm -rf "rev-$3" "revisions/$3.files"]==]

local function changed(path)
  Error {
    category = "conflict", code = "file_changed", message = ("%s was changed while it was being sent"):format(path),
    why = "the plan was made for another content", hint = "run the command again",
  }
end

-- Small members go out together.
local function buffered(write)
  local parts, size = {}, 0
  local function flush()
    if size > 0 then write(table.concat(parts)) end
    parts, size = {}, 0
  end
  return function(bytes)
    parts[#parts + 1], size = bytes, size + #bytes
    if size >= PIECE then flush() end
  end, flush
end

local function send_file(put, f)
  if f.size <= PIECE then
    local bytes = fs.read(f.path)
    if #bytes ~= f.size then changed(f.path) end
    return put(bytes .. entries.padding(f.size))
  end
  local file <close> = fs.open(f.path)
  local left = f.size
  for bytes in function() return left > 0 and file:read(math.min(PIECE, left)) or nil end do
    left = left - #bytes
    put(bytes)
  end
  if left ~= 0 then changed(f.path) end
  put(entries.padding(f.size))
end

-- Bytes of a secret or config, from the project again.
local function content_of(args, wanted)
  local project = require("compose.source").project(args.source)
  local service = project and project.model.services[wanted.service]
  for _, c in ipairs(service and require("compose.contents").of(project, service) or {}) do
    if c.section == wanted.section and c.target == wanted.target then return c.bytes end
  end
  Error {
    category = "conflict", code = "secret_lost", message = ("%s of service '%s' is not written down"):format(wanted.target, wanted.service),
    why = "its compose files or environment have changed since", hint = "run the command again",
  }
end

local function send(put, args, name, f)
  local e = { name = name, type = f.kind, mode = f.mode, uid = f.uid, gid = f.gid, mtime = f.mtime, size = f.size, target = f.target }
  if f.content then
    local bytes = content_of(args, f.content)
    if #bytes ~= f.size then changed(f.content.target) end
    put(entries.file(e, bytes))
  elseif f.kind == "file" then
    put(entries.header(e))
    send_file(put, f)
  else
    e.size = 0
    put(entries.header(e))
  end
end

-- Lists that the script reads: content to be checked, places to compare, data to be moved.
local function lists_of(args)
  local sums, expect, trees, moves = {}, {}, {}, {}
  for _, f in ipairs(args.send) do
    local area, rest = f.key:match "^(%l+)/(.*)$"
    if f.kind == "file" then sums[#sums + 1] = f.sha256 .. "  " .. f.key end
    if area == "data" and f.kind == "dir" then
      trees[#trees + 1] = "tree " .. rest
    elseif area == "data" then
      moves[#moves + 1] = (f.was or "-") .. " " .. rest
    elseif f.was then
      expect[#expect + 1] = f.was .. " " .. rest
    end
  end
  local function text(list) return table.concat(list, "\n") .. (#list > 0 and "\n" or "") end
  return { sums = text(sums), expect = text(expect), moves = text(trees) .. text(moves), make = text(args.make or {}) }
end

-- Files that are the same as before are the same ones: a link to the revision before.
local function send_links(put, args, folder, sent)
  local keys = {}
  for key, row in pairs(args.manifest) do
    if key:sub(1, 4) == "rev/" and row[1] == "f" and not sent[key] then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    put(entries.header { name = folder .. "/" .. key, type = "hardlink", target = ("rev-%d/%s"):format(args.from, key:sub(5)) })
  end
end

---The stream, for the standard input of M.APPLY.
---@async
---@param args table of project.sync
---@param folder string being built there
---@param write fun(bytes: string)
---@raise conflict "file_changed", "secret_lost"
function M.stream(args, folder, write)
  local put, flush = buffered(write)
  local sent = {}
  for _, f in ipairs(args.send) do
    sent[f.key] = true
    send(put, args, folder .. "/" .. f.key, f)
  end
  send_links(put, args, folder, sent)
  for name, text in pairs(lists_of(args)) do put(entries.file({ name = folder .. "/" .. name }, text)) end
  put(entries.file({ name = folder .. "/files" }, require("json").encode { version = 1, files = args.manifest } .. "\n"))
  put(entries.file({ name = folder .. "/end" }, ""))
  put(entries.END)
  flush()
end

return M
