-- The lock of a project on a NAS: a folder, which only one can make, and in it who made it. What a dead process of this machine left
-- is taken over; what another machine holds only `compose lock release` gives back.
-- Dependencies: json, nas.shell, sys, fs, task.
local M = {}

---Who has a project.
---@class compose.Holder
---@field token string
---@field user string
---@field host string
---@field machine string
---@field pid integer
---@field born string when the process began, in the kernel's words
---@field time integer seconds since the epoch
---@field command string

local function line_of(path) return ((try(require("fs").read, path, 65536) or ""):match "^[^\n]*") end

-- The 22nd field of /proc/PID/stat; the 2nd may hold blanks and brackets. "" where there is no such process.
local function born(pid)
  local rest = line_of(("/proc/%d/stat"):format(pid)):match "^.*%) (.*)$"
  local n = 0
  for word in (rest or ""):gmatch "%S+" do
    n = n + 1
    if n == 20 then return word end
  end
  return ""
end

local function machine()
  local id = line_of "/etc/machine-id"
  return require("compose.hash").of(id ~= "" and id or require("sys").hostname()):sub(1, 12)
end

---"admin", else the user's number: who does what is written down.
---@return string
function M.user()
  local uid, name = require("sys").user()
  return name or ("uid %d"):format(uid)
end

---@param what? string
---@return compose.Holder
local function me(what)
  local sys = require "sys"
  local token = require("compose.hash").of { sys.pid(), sys.now(), { sys.time() }, math.random(0) }:sub(1, 16)
  return {
    version = 1, token = token, user = M.user(), host = sys.hostname(), machine = machine(), pid = sys.pid(),
    born = born(sys.pid()), time = (sys.time()), command = what or "",
  }
end

---The holder that lock/who tells of; of a broken file what can be told.
---@param text string
---@return compose.Holder
function M.holder(text)
  local doc = #text < 65536 and try(require("json").decode, text)
  doc = type(doc) == "table" and doc or {}
  local out = { text = text }
  for _, key in ipairs { "token", "user", "host", "machine", "born", "command" } do
    out[key] = type(doc[key]) == "string" and doc[key]:sub(1, 1000) or ""
  end
  out.pid, out.time = math.tointeger(tonumber(doc.pid)) or 0, math.tointeger(tonumber(doc.time)) or 0
  return out
end

---Whether the holder was a process of this machine that is no more.
---@param holder compose.Holder
---@return boolean
function M.is_stale(holder)
  if holder.machine ~= machine() or holder.host ~= require("sys").hostname() or holder.pid <= 0 then return false end
  if born(require("sys").pid()) == "" then return false end -- no /proc here: it cannot be told
  return born(holder.pid) ~= holder.born
end

---"admin@laptop (pid 12) since 10:00, compose up": for messages.
---@param holder compose.Holder
---@return string
function M.describe(holder)
  if holder.host == "" then return "somebody who did not say who they are" end
  local who = ("%s@%s (process %d)"):format(holder.user, holder.host, holder.pid)
  local since = holder.time > 0 and (" since %s"):format(os.date("!%Y-%m-%d %H:%M:%SZ", holder.time)) or ""
  return require("ui.text").clean(who .. since .. (holder.command ~= "" and (", for '%s'"):format(holder.command) or ""))
end

-- 0: it is ours; the number of the newest revision is told. 9: another's, who is told. $3 is what a stale one said: only that very one is
-- moved away. $4: who we are.
local TAKE = [==[
umask 022
[ -d "$1" ] || { mkdir -p "$1" && chmod 700 "$1"; } || exit 1
cd "$1" || exit 1
if [ -n "$3" ] && [ "$(cat lock/who 2>/dev/null)" = "$3" ]; then
mv lock "stale-$2" || exit 1
if [ "$(cat "stale-$2/who")" = "$3" ]; then rm -rf "stale-$2"; else mv "stale-$2" lock; fi
fi
mkdir lock 2>/dev/null || { [ -d lock ] || exit 1; cat lock/who 2>/dev/null; exit 9; }
printf '%s' "$4" >lock/who || { rm -rf lock; exit 1; }
n=0
for f in revisions/*.json; do f=${f#revisions/}; f=${f%.json}; [ "$f" -gt "$n" ] 2>/dev/null && n=$f; done
echo "$n"]==]

local RELEASE = [==[
cd "$1" 2>/dev/null || exit 0
[ "$2" = "" ] || case $(cat lock/who 2>/dev/null) in *"$2"*) ;; *) exit 0 ;; esac
rm -rf lock
[ -z "$3" ] || rmdir "$1" 2>/dev/null || :]==]

local function failed(nas, name, answer)
  Error {
    category = "fail", code = "store_failed", profile = nas.name, message = ("project '%s' cannot be locked on %s"):format(name, nas.name),
    why = require("nas.shell").why(answer),
  }
end

local function held(nas, name, holder, is_container)
  local release = ("\nqnap-docker compose lock release -p %s, when nothing works on it any more"):format(name)
  Error {
    category = "conflict", code = "locked", profile = nas.name, why = "it is held by " .. M.describe(holder),
    message = ("%s '%s' is being changed on %s"):format(is_container and "container" or "project", name, nas.name),
    hint = "wait longer: --lock-wait 5m" .. (is_container and "" or release),
  }
end

---@class compose.Lock
---@field root string
---@field token string
---@field alone? string the container whose folder holds nothing but this
---@field newest? integer number of the newest revision when it was taken
---@field files? integer number of the rev-N that is current since
local Lock = {}
Lock.__index = Lock

---Gives it back. Harmless a second time.
---@async
function Lock:close()
  if self.token then
    local token = self.token
    self.token = nil
    require("nas.shell").write(self.nas, { at = self.root, text = RELEASE, args = { self.root, token, self.alone or "" } })
  end
end

-- Also after an interruption. That it failed must not hide why the block ended; a later command of this machine takes it over.
function Lock:__close()
  local _, err = require("task").shield(try, self.close, self)
  if err then require("notices").warn(("the project's lock on %s could not be given back: %s"):format(self.nas.name, err.message)) end
end

local PATIENCE, PAUSE = 10, 0.5 -- seconds

local function container_root(nas, name) return ("%s.loose/%s"):format(require("compose.store").projects(nas), name) end

---Takes a project. See compose.store.lock.
---@async
---@param nas docker.Nas
---@param name string
---@param options? {wait?: number, what?: string, container?: string} seconds to wait for another holder (10); the command,
--- for those who wait; a container of no project, which has a folder for its lock alone
---@return compose.Lock
---@raise conflict "locked"
function M.take(nas, name, options)
  options = options or {}
  local sys, mine = require "sys", me(options.what)
  local root = options.container and container_root(nas, options.container) or require("compose.store").root(nas, name)
  local stop, stale = sys.now() + (options.wait or PATIENCE), ""
  local text = require("json").encode(mine)
  while true do
    local answer = require("nas.shell").write(nas, { at = root, text = TAKE, args = { root, mine.token, stale, text } })
    if answer.status == 0 then
      local newest = math.tointeger(tonumber(answer.stdout:match "%d+"))
      if nas.session then nas.session:prepare() end -- whatever is done under it ends with a command
      return setmetatable({ nas = nas, root = root, token = mine.token, newest = newest, alone = options.container }, Lock)
    end
    if answer.status ~= 9 then failed(nas, name, answer) end
    local holder, before = M.holder(answer.stdout), stale
    stale = M.is_stale(holder) and answer.stdout or ""
    if stale == "" or stale == before then
      if sys.now() >= stop then held(nas, name, holder, options.container) end
      require("task").sleep(PAUSE)
    end
  end
end

---Takes the lock from whoever has it.
---@async
---@param nas docker.Nas
---@param name string
---@param holder compose.Holder whom to take it from; another one keeps it
function M.release(nas, name, holder)
  local root = require("compose.store").root(nas, name)
  local answer = require("nas.shell").write(nas, { at = root, text = RELEASE, args = { root, holder.token, "" } })
  if answer.status ~= 0 then failed(nas, name, answer) end
end

return M
