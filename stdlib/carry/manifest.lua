-- What is in a tree: taken by find (and stat, where find prints nothing itself), or read off the engine's archive. Names are a stranger's
-- bytes, and their number is capped. Dependencies: carry.hands, carry.way, carry.archive.
local hands = require "carry.hands"

local M = {}

local ENTRIES_MAX = 2000000
local PATH_MAX = 32 * 1024
local RECORD = "%s %s %s %s %s %s %s %s %s\0%s"

---@class carry.Manifest
---@field entries table<string, string> path -> "type mode uid gid links device:inode size mtime ctime NUL target"
---@field linked string[] sorted paths of files that have several names
---@field loses string[] what the way does not see
---@field attributes? table<string, string> path -> extended attributes in getfattr's words; nil: not known
---@field count integer
---@field bytes integer

-- $1 what to list: "." or "./NAME".
local BY_FIND = [[exec {find} "$1" -printf '%y %m %U %G %n %D:%i %s %T@ %C@\0%p\0%l\0']]
-- The records end in what no path holds.
local BY_STAT = [[find "$1" -print0 | xargs -0 stat -c '%f %u %g %h %d:%i %s %Y %y|%Z %z|%n//']]
local TARGETS = [==[
find "$1" -type l -print0 | xargs -0 sh -c 'for f; do
  t=$(readlink "$f"; echo .); t=${t%.}; printf "%s\0%s\0" "$f" "${t%?}"
done' sh]==]
local ATTRIBUTES = [[exec getfattr -P -R -h -d -m - -e hex "$1" 2>/dev/null]]

local function fail(tree, code, why)
  Error {
    category = "fail", code = code, profile = tree.nas.name, why = why,
    message = tree.nas:cannot(("list the files of %s"):format(hands.name(tree))),
  }
end

---A manifest that is being filled.
---@param loses string[]
---@return carry.Manifest
function M.empty(loses) return { entries = {}, linked = {}, loses = loses, count = 0, bytes = 0 } end

local function put(tree, m, path, text, links, size)
  if path:sub(1, 2) == "./" then path = path:sub(3) end
  if #path > PATH_MAX or m.count >= ENTRIES_MAX then
    fail(tree, "tree_too_large", #path > PATH_MAX and "a path in it is longer than 32 KiB" or "it has more than two million entries")
  end
  if m.entries[path] then return end -- renamed while it was listed
  m.entries[path] = text
  m.count = m.count + 1
  if text:byte() == 102 then -- a file
    m.bytes = m.bytes + size
    if links ~= "1" then m.linked[#m.linked + 1] = path end
  end
end

---@param tree carry.Tree
---@param m carry.Manifest
---@param path string as find prints it
---@param r table fields of carry.Record
function M.add(tree, m, path, r)
  put(tree, m, path, RECORD:format(r.type, r.mode, r.uid, r.gid, r.links, r.inode, r.size, r.mtime, r.ctime, r.target), r.links, r.size)
end

-- Nine digits behind the point, whatever find prints.
local function time(seconds, fraction)
  return ("%s.%s"):format(seconds, (fraction .. "000000000"):sub(1, 9))
end

-- As GNU find prints it: nearly the record itself, with the path and the target behind.
local NINE = "%.%d%d%d%d%d%d%d%d%d"
local WHOLE = "^(%a %d+ %d+ %d+ (%d+) %d+:%d+ (%d+) %-?%d+" .. NINE .. ")%d* (%-?%d+" .. NINE .. ")%d*\0([^\0]*)\0([^\0]*)\0()"
local FOUND = "^(%a) (%d+) (%d+) (%d+) (%d+) (%d+:%d+) (%d+) (%-?%d+)%.?(%d*) (%-?%d+)%.?(%d*)$"

-- Cuts what comes into records: parse(text, from) -> where the next one begins, nil when there is no whole one.
local function cutter(tree, parse)
  local held = ""
  return function(bytes)
    local text, at = held == "" and bytes or held .. bytes, 1
    while true do
      local stop = parse(text, at)
      if not stop then break end
      at = stop
    end
    held = text:sub(at)
    if #held > 4 * PATH_MAX then fail(tree, "manifest_failed", "what find there says is not readable") end
  end, function()
    if held ~= "" then fail(tree, "manifest_failed", "what find there says breaks off") end
  end
end

local function find_parser(tree, m)
  return function(text, at)
    local head, count, bytes, ctime, path, target, stop = text:match(WHOLE, at)
    if head then
      put(tree, m, path, head .. " " .. ctime .. "\0" .. target, count, tonumber(bytes))
      return stop
    end
    local a = text:find("\0", at, true)
    local b = a and text:find("\0", a + 1, true)
    local c = b and text:find("\0", b + 1, true)
    if not c then return nil end
    local kind, mode, uid, gid, links, inode, size, ms, mf, cs, cf = text:sub(at, a - 1):match(FOUND)
    if not kind then fail(tree, "manifest_failed", "what find there says is not readable") end
    M.add(tree, m, text:sub(a + 1, b - 1), {
      type = kind, mode = mode, uid = uid, gid = gid, links = links, inode = inode, size = tonumber(size), mtime = time(ms, mf),
      ctime = time(cs, cf), target = text:sub(b + 1, c - 1),
    })
    return c + 1
  end
end

local KINDS = { [4] = "d", [8] = "f", [10] = "l", [1] = "p", [12] = "s", [6] = "b", [2] = "c" }
local STATED = "^(%x+) (%d+) (%d+) (%d+) (%d+:%d+) (%d+) (%-?%d+) ([^|]*)|(%-?%d+) ([^|]*)|(.*)$"

local function fraction(words) return words:match "%.(%d+)" or "" end

local function stat_parser(tree, m, targets)
  return function(text, at)
    local stop = text:find("//\n", at, true)
    if not stop then return nil end
    local mode, uid, gid, links, inode, size, ms, mf, cs, cf, path = text:sub(at, stop - 1):match(STATED)
    mode = mode and tonumber(mode, 16)
    local kind = mode and KINDS[mode >> 12]
    if not kind then fail(tree, "manifest_failed", "what stat there says is not readable") end
    M.add(tree, m, path, {
      type = kind, mode = ("%o"):format(mode & 4095), uid = uid, gid = gid, links = links, inode = inode, size = tonumber(size),
      mtime = time(ms, fraction(mf)), ctime = time(cs, fraction(cf)), target = kind == "l" and targets[path] or "",
    })
    return stop + 3
  end
end

local function target_parser(out)
  return function(text, at)
    local a = text:find("\0", at, true)
    local b = a and text:find("\0", a + 1, true)
    if not b then return nil end
    out[text:sub(at, a - 1)] = text:sub(a + 1, b - 1)
    return b + 1
  end
end

-- A file that vanishes while the list is made is no failure: the list is of what was there.
local function only_vanished(errors)
  for line in errors:gmatch "[^\n]+" do
    if not line:find("No such file or directory", 1, true) then return false end
  end
  return errors ~= ""
end

local function list(tree, way, script, parse)
  local take, finish = cutter(tree, parse)
  local answer = hands.run(tree, way, script, { args = { way.name and "./" .. way.name or "." }, take = take })
  if answer.status ~= 0 and not only_vanished(answer.stderr) then fail(tree, "manifest_failed", hands.why(answer)) end
  finish()
end

-- getfattr's blocks: "# file: NAME", a line for each attribute, an empty one. Names are as they are but for \ooo.
local function attributes(tree, way, m)
  local out, path, words = {}, nil, {}
  local function close()
    table.sort(words)
    if path then out[path] = table.concat(words, "\n") end
    path, words = nil, {}
  end
  local answer = hands.run(tree, way, ATTRIBUTES, { args = { way.name and "./" .. way.name or "." }, max = 256 << 20 })
  for line in answer.stdout:gmatch "([^\n]*)\n" do
    local name = line:match "^# file: (.*)$"
    if name then
      close()
      path = name:gsub("\\(%d%d%d)", function(o) return string.char(tonumber(o, 8)) end):gsub("^%./", "")
    elseif line ~= "" then
      words[#words + 1] = line
    end
  end
  close()
  m.attributes = out
end

---@async
---@param tree carry.Tree
---@param way carry.Way
---@param options? {attributes?: boolean}
---@return carry.Manifest
function M.take(tree, way, options)
  if way.kind == "engine" then return require("carry.archive").manifest(tree, way) end
  local tools = require("carry.way").tools(tree, way)
  local m = M.empty(way.loses)
  if tools.printf then
    list(tree, way, BY_FIND, find_parser(tree, m))
  else
    local targets = {}
    list(tree, way, TARGETS, target_parser(targets))
    list(tree, way, BY_STAT, stat_parser(tree, m, targets))
  end
  if options and options.attributes and tools.getfattr then attributes(tree, way, m) end
  table.sort(m.linked)
  return m
end

-- "KiB entries free-KiB"; a tree that is not there yet: what its disk has.
local SIZE = [==[
if [ -e "$2" ]; then
  echo "$(du -sk "$2" | cut -f1) $(find "$2" -print0 | tr -cd '\0' | wc -c) $(df -Pk "$1" | awk 'NR == 2 { print $4 }')"
else
  p=$1; while [ ! -d "$p" ]; do p=${p%/*}; [ -n "$p" ] || p=/; done
  echo "0 0 $(df -Pk "$p" | awk 'NR == 2 { print $4 }')"
fi]==]

---@async
---@param tree carry.Tree
---@param way carry.Way
---@return carry.Size
function M.measure(tree, way)
  if way.kind == "engine" then return require("carry.archive").measure(tree, way) end
  local front = 'export LC_ALL=C; d=$1; shift; set -- "$d" "$d${1:+/$1}"\n'
  local answer = hands.run(tree, way, SIZE, { args = { way.name or "" }, front = front })
  local kib, files, free = answer.stdout:match "^(%d+) +(%d+) +(%d+)"
  if not kib then fail(tree, "measure_failed", hands.why(answer)) end
  return { bytes = tonumber(kib) * 1024, files = tonumber(files), free = tonumber(free) * 1024 }
end

return M
