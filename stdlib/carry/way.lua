-- How a tree can be worked on, found by reading. Dependencies: carry.hands, carry.images.
local hands = require "carry.hands"

local M = {}

-- Whether this account is root, or becomes it. $1 the place, $2 the questions.
local GATE = [==[if [ "$(id -u)" = 0 ]; then exec sh -c "$2" sh "$1"; fi
echo sudo=1; exec sudo -n sh -c "$2" sh "$1"]==]

-- What the tools there can do, and what is at the place: lines of NAME=VALUE.
local QUESTIONS = [==[
export LC_ALL=C TZ=UTC0
echo root=1 "host=$(uname -n)"
if [ -d "$1" ]; then echo is=folder
elif [ -f "$1" ]; then echo is=file
elif [ -e "$1" ] || [ -L "$1" ]; then echo is=other
else p=$1; while [ ! -d "$p" ]; do p=${p%/*}; [ -n "$p" ] || p=/; done; echo is=nothing; fi
# An sh that is busybox takes its own applets for what has a name alone: programs are looked for by their paths.
at() { for d in /opt/bin /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do [ -x "$d/$1" ] && echo "$d/$1"; done; echo "$1"; }
for t in $(at tar) gtar; do
  case $($t --version 2>/dev/null </dev/null) in *"GNU tar"*) echo "gnu=$t"
    h=$($t --help 2>/dev/null)
    for o in xattrs acls sparse delay-directory-restore; do case $h in *--$o*) echo "has-$o=1";; esac; done
    break;; esac
done
command -v tar >/dev/null && echo tar=tar
case $(tar --help 2>&1 </dev/null) in *--no-recursion*) echo has-no-recursion=1;; esac
for t in $(at find); do $t / -maxdepth 0 -printf '%T@' >/dev/null 2>&1 && echo "find=$t" printf=1 && break; done
find / -maxdepth 0 -print0 >/dev/null 2>&1 && echo print0=1
[ "$(printf 'a\0' | xargs -0 echo 2>/dev/null)" = a ] && echo xargs=xargs
[ "$(stat -c %u / 2>/dev/null)" = 0 ] && echo stat=stat
for t in $(at sha256sum); do $t -z /dev/null >/dev/null 2>&1 && echo "sha256sum=$t" sum=zero && break; done
if sha256sum /dev/null >/dev/null 2>&1; then echo sum=lines
elif openssl dgst -sha256 -r /dev/null >/dev/null 2>&1; then echo sum=openssl; fi
for t in $(at openssl); do $t dgst -sha256 -r /dev/null >/dev/null 2>&1 && echo "openssl=$t" && break; done
command -v getfattr >/dev/null && echo getfattr=1
:]==]

local function answers(text)
  local out = {}
  for word, value in text:gmatch "([%w-]+)=([%w/._-]*)" do out[word] = out[word] or value end
  return out
end

---What a tar of that kind loses.
---@param gnu boolean
---@param tools? table
---@return string[]
function M.losses(gnu, tools)
  if not gnu then return { "extended attributes", "times below a second", "sparse files", "times of symlinks" } end
  local out = {}
  if tools and not tools["has-xattrs"] then out[1] = "extended attributes" end
  if tools and not tools["has-sparse"] then out[#out + 1] = "sparse files" end
  return out
end

local function equip(way, tools)
  way.tools, way.loses = tools, M.losses(tools.gnu ~= nil, tools)
  local lists = tools.xargs and (tools.printf or (tools.print0 and tools.stat))
  way.warm = lists and (tools.gnu or tools["has-no-recursion"]) and true or false
  return way
end

-- Where a volume's files are on the NAS: nil where only the engine knows.
local function place(tree, options, info)
  local nas = tree.nas
  for _, option in ipairs(info.SecurityOptions or {}) do
    if option:find "name=userns" or option:find "name=rootless" then return nil, "the engine shifts the owners of files" end
  end
  if tree.path then return tree.path end
  local volume = nas:volume(tree.volume)
  if options.target and not volume:exists() then return ("%s/volumes/%s/_data"):format(info.DockerRootDir, tree.volume) end
  local v = volume:inspect()
  if v.Driver == "local" and next(v.Options or {}) == nil then return v.Mountpoint end
  return nil, ("volume '%s' is not a plain folder of the NAS"):format(tree.volume)
end

local function asked(nas, at)
  local child = hands.on_nas(nas, { "sh", "-c", GATE, "sh", at, QUESTIONS })
  local _ <close> = defer(child.close)
  local out = {}
  local status, errors = hands.talk(child, nil, function(bytes) out[#out + 1] = bytes end)
  local tools = answers(table.concat(out))
  if status == 0 and tools.root then return tools end
  return nil, errors:match "[^\n]+" or "the account runs no commands there"
end

-- An account that may run no commands has other ways; a connection that is gone has none.
local function ask(nas, at)
  local answer, err = try(function() return table.pack(asked(nas, at)) end)
  if answer then return table.unpack(answer, 1, 2) end
  if err.category ~= "unsupported" and err.category ~= "auth" then error(err, 0) end
  return nil, err.why or err.message
end

local function unfit(tree, options, tools, info)
  if not tree.nas.session and tools.host ~= info.Name then return "the engine is on another machine" end
  if not tools.tar and not tools.gnu then return "there is no tar" end
  if tools.is == "nothing" and options.target then return nil end
  local wanted = tree.file and "file" or "folder"
  if tools.is ~= wanted then return ("there is no %s at that place"):format(wanted) end
end

-- Where commands work: the folder of a single file.
local function settle(way, tree, at)
  way.at, way.name = at, nil
  if tree.file then way.at, way.name = at:match "^(.*)/([^/]+)$" end
  if way.at == "" then way.at = "/" end
  return way
end

local function by_shell(tree, options, info)
  local at, why = place(tree, options, info)
  if not at then return nil, why end
  local tools, refused = ask(tree.nas, at)
  if not tools then return nil, refused end
  local wrong = unfit(tree, options, tools, info)
  if wrong then return nil, wrong end
  return settle(equip({ kind = "shell", sudo = tools.sudo == "1" or nil }, tools), tree, at)
end

local function in_helper(tree, way)
  way.at = require("carry").AT
  if tree.file then way.name = tree.path:match "([^/]+)$" end
  return way
end

local function by_helper(tree, options)
  local found = require("carry.images").with_tools(tree.nas, options)
  if not found then return nil, "no image on the NAS is known to have a shell, tar and find" end
  return in_helper(tree, { kind = "helper", image = found.image, warm = true, loses = M.losses(found.gnu) })
end

local function by_engine(tree, options)
  local image = require("carry.images").any(tree.nas, options)
  if not image then return nil, "there is no image on the NAS" end
  local loses = { "sparse files" }
  if not options.target then loses = { "extended attributes", "times below a second", "sparse files" } end
  return in_helper(tree, { kind = "engine", image = image, warm = false, loses = loses })
end

local KINDS = { shell = by_shell, helper = by_helper, engine = by_engine }

---@async
---@param tree carry.Tree
---@param options carry.WayOptions
---@return carry.Way
function M.find(tree, options)
  local info, why = tree.nas:info(), nil
  for _, kind in ipairs(options.kinds or { "shell", "helper", "engine" }) do
    local way, reason = KINDS[kind](tree, options, info)
    if way then
      way.why = why
      return way
    end
    why = why or reason
  end
  Error {
    category = "unsupported", code = "no_way", profile = tree.nas.name, why = why,
    message = tree.nas:cannot(("get at the files of %s"):format(hands.name(tree))),
    hint = ("use an account that is an administrator, or pull busybox to %s"):format(tree.nas.name),
  }
end

---What the tools of a way can do; asks once. A helper that runs is asked when it is first used.
---@async
---@param tree carry.Tree
---@param way carry.Way
---@return table
function M.tools(tree, way)
  if way.tools then return way.tools end
  local answer = hands.run(tree, way, QUESTIONS, { args = {}, front = "set -- /\n" })
  local tools = answers(answer.stdout)
  if answer.status == 0 and (tools.tar or tools.gnu) then return equip(way, tools).tools end
  Error {
    category = "unsupported", code = "no_way", profile = tree.nas.name,
    message = tree.nas:cannot(("get at the files of %s"):format(hands.name(tree))),
    why = ("image %s has no shell, or no tar"):format(way.image or "?"), hint = "qnap-docker pull busybox --profile " .. tree.nas.name,
  }
end

return M
