-- The content of a volume into another one, both on the same NAS and written to by nobody: by the shell of the NAS where this account
-- may, else through the engine (archives of containers that do not run). Dependencies: nas.shell.
local M = {}

local HOUR = 3600

-- $1 from, $2 to, $3 "1": what is there goes first. Exits 10: not seen from here, 11: no room for it, in KiB.
local COPY = [==[
[ -d "$1" ] && [ -d "$2" ] || exit 10
need=$(du -sk "$1" | cut -f1) free=$(df -Pk "$2" | awk 'NR == 2 { print $4 }')
had=0
[ "$3" != 1 ] || had=$(du -sk "$2" | cut -f1)
if [ $((need + need / 10)) -gt $((free + had)) ]; then echo "$need $free"; exit 11; fi
[ "$3" != 1 ] || find "$2" -mindepth 1 -maxdepth 1 -exec rm -rf {} + || exit 12
cp -a --reflink=auto "$1/." "$2/" 2>/dev/null || cp -a "$1/." "$2/" || exit 12]==]

-- Where the files of a volume are on the NAS; nil where its driver may have them elsewhere.
local function place(nas, name)
  local v = nas:volume(name):inspect()
  return v.Driver == "local" and next(v.Options or {}) == nil and v.Mountpoint or nil
end

---There is not enough space for a copy; of category "conflict".
---@param nas docker.Nas
---@param volume string
---@param need integer bytes
---@param free integer bytes
local function no_room(nas, volume, need, free)
  local human = require("units").human_size
  Error {
    category = "conflict", code = "no_space", profile = nas.name, message = nas:cannot(("copy volume '%s'"):format(volume)),
    why = ("it holds %s, and %s are free"):format(human(need), human(free)), hint = "qnap-docker system df",
  }
end

-- Whether the shell did it.
local function by_shell(nas, from, to, anew)
  local source, target = place(nas, from), place(nas, to)
  if not source or not target then return false end
  local answer, err = try(require("nas.shell").write, nas, {
    at = target, text = COPY, args = { source, target, anew and "1" or "0" }, timeout = 24 * HOUR,
  })
  if not answer then
    if err.category == "cancelled" or err.code == "read_only_profile" then error(err, 0) end
    return false
  end
  if answer.status == 11 then
    local need, free = answer.stdout:match "^(%d+) (%d+)"
    no_room(nas, from, tonumber(need) * 1024, tonumber(free) * 1024)
  elseif answer.status == 12 then
    Error {
      category = "fail", code = "copy_failed", profile = nas.name, message = nas:cannot(("copy volume '%s' to '%s'"):format(from, to)),
      why = require("nas.shell").why(answer),
    }
  end
  return answer.status == 0
end

-- The engine tells how large a volume is, the shell of the NAS how much is free: where either is not known it is tried.
local function check_room(nas, volume)
  local size
  for _, v in ipairs(nas:df({ types = { "volume" } }).Volumes or {}) do
    if v.Name == volume then size = (v.UsageData or {}).Size end
  end
  local root = nas:info().DockerRootDir
  local answer = root and try(require("nas.shell").read, nas, { at = "/", text = [[df -Pk "$1"]], args = { root } })
  local free = answer and answer.stdout:match "\n%S+ +%d+ +%d+ +(%d+)"
  if size and size >= 0 and free and size * 1.1 > tonumber(free) * 1024 then no_room(nas, volume, size, tonumber(free) * 1024) end
end

local function through_engine(from, at, helper, inside, log)
  local stream <close> = from:archive_get(at)
  local bytes = 0
  helper:archive_put(inside, function()
    local piece = stream:read(65536)
    bytes = bytes + #(piece or "")
    if piece and log then log(("%s copied"):format(require("units").human_size(bytes))) end
    return piece
  end, { timeout = HOUR })
end

M.AT = "/qnap-docker" -- where a helper has the copy, below the name that the original is mounted by

---Fills a new volume. The helper has it mounted below M.AT, and was never started.
---@async
---@param nas docker.Nas
---@param from {volume: string, container: string, at: string} container: one that has it mounted, and does not run
---@param to {volume: string, container: string}
---@param log? fun(text: string)
---@return "shell"|"engine" how
---@raise conflict "no_space"
---@raise fail "copy_failed"
function M.fill(nas, from, to, log)
  if by_shell(nas, from.volume, to.volume, false) then return "shell" end
  check_room(nas, from.volume)
  through_engine(nas:container(from.container), from.at, nas:container(to.container), M.AT, log)
  return "engine"
end

---Gives a volume the content of another one; what it held is gone.
---@async
---@param nas docker.Nas
---@param from string
---@param to string
---@raise unsupported "no_shell"
function M.replace(nas, from, to)
  if by_shell(nas, from, to, true) then return end
  Error {
    category = "unsupported", code = "no_shell", profile = nas.name, message = nas:cannot(("put data into volume '%s'"):format(to)),
    why = "the account has no way to the files of volumes on the NAS, and the engine cannot take files away",
    hint = ("use an account that is an administrator\nor copy them by hand: the data is in volume %s"):format(from),
  }
end

return M
