-- Ways from a session to the engine's socket, best first (DESIGN: reaching the engine): a forwarded channel; an exec channel with
-- `docker system dial-stdio`; the same under sudo. Which one works is remembered per profile.
-- Dependencies: core.ssh, core.docker, profile.
local M = {}

-- Finds docker as QTS registers it, never by searching the shares; a path that is to be run must look as QTS makes it.
-- `test` runs under sudo, too: the account may not see into .qpkg. DOCKER_CONFIG: the default home is not writable in some
-- logins, and nobody's configuration is wanted here.
local FIND = [==[
d=%s; s=%s; u=%s
c=$(/sbin/getcfg container-station Install_Path -f /etc/config/qpkg.conf 2>/dev/null)
case $c in /share/*/.qpkg/container-station) ;; *) c= ;; esac
case $c in *..*) c= ;; esac
set -- "$d"
if [ -n "$c" ]; then set -- "$@" "$c/bin/docker" "$c/usr/bin/.libs/docker"
else set -- "$@" /share/*/.qpkg/container-station/bin/docker; fi
for b in "$@" /usr/local/bin/docker /usr/bin/docker; do
[ -n "$b" ] && $u test -x "$b" || continue
%s
done
echo "no docker program was found" >&2; exit 127]==]

local DIAL = [==[
DOCKER_CONFIG=/nonexistent; export DOCKER_CONFIG
exec $u "$b" -H "unix://$s" system dial-stdio]==]

local SUDO = "sudo -n"

---A finished command line that finds docker on the NAS and does `what` with it: sh lines in which $b is docker, $u what stands
---in front of it (sudo, or nothing) and $s the engine's socket. They end with exit.
---@param p profile.Profile
---@param sudo boolean
---@param what string
---@return string
function M.with_docker(p, sudo, what)
  local quote = require("core.ssh").quote
  return "sh -c " .. quote(FIND:format(quote(p.docker_path or ""), quote(p.socket), quote(sudo and SUDO or ""), what))
end

local function command(p, sudo) return M.with_docker(p, sudo, DIAL) end

local RUNGS = {
  streamlocal = function(session, p) return session:socket_dialer(p.socket) end,
  exec = function(session, p) return session:exec_dialer(command(p, false), "HTTP/1.") end,
  sudo = function(session, p) return session:exec_dialer(command(p, true), "HTTP/1.") end,
}
local ORDER = { "streamlocal", "exec", "sudo" }

local function remembered(p)
  local route = require("profile").state(p.name).route
  return RUNGS[route] and route
end

-- Where to begin: the way that worked last time.
---@param session table
---@param p profile.Profile
---@return userdata dialer
---@return string rung
function M.first(session, p)
  local rung = remembered(p)
  if session.transport == "openssh" and (not rung or rung == "streamlocal") then rung = "exec" end
  rung = rung or "streamlocal"
  return RUNGS[rung](session, p), rung
end

local function said(t) return t.err.why or t.err.message end

-- What docker's dial-stdio says where the account may look, and nobody listens.
local function engine_is_down(tried)
  for _, t in ipairs(tried) do
    local words, end_of = said(t):match "(dial unix [^:]*: connect: )(%l+ %l+)"
    if end_of == "no such" then return words .. "no such file or directory" end
    if end_of == "connection refused" then return words .. end_of end
  end
end

local function refused(p, tried)
  local down = engine_is_down(tried)
  if down then
    Error {
      category = "connect", code = "engine_down", profile = p.name,
      message = ("no Docker Engine answers on %s at %s"):format(p.name, p.socket), why = down,
      hint = "start Container Station (App Center), or name the other engine: --engine gui, --engine system\n"
        .. "qnap-docker doctor " .. p.name,
    }
  end
  local lines = {}
  for _, t in ipairs(tried) do
    if t.err.code == "too_many_sessions" then error(t.err, 0) end
    lines[#lines + 1] = ("%s: %s"):format(t.rung, said(t))
  end
  Error {
    category = "auth", code = "engine_unreachable", profile = p.name,
    message = ("%s lets us in, but not to its Docker Engine (%s)"):format(p.name, p.socket),
    why = table.concat(lines, "; "):sub(1, 500),
    hint = "is Container Station running, and is the account in administrators?\nqnap-docker doctor " .. p.name,
  }
end

---Looks for a way that works, trying each in order but the one that just failed.
---@async
---@param session table
---@param p profile.Profile
---@param failed string rung
---@param err table why it failed
---@return userdata dialer
---@return string rung
function M.search(session, p, failed, err)
  local docker = require "core.docker"
  local tried = { { rung = failed, err = err } }
  for _, rung in ipairs(ORDER) do
    if rung ~= failed and not (rung == "streamlocal" and session.transport == "openssh") then
      local dialer = RUNGS[rung](session, p)
      local engine = docker.engine(dialer, { label = p.name })
      local api, why = try(engine.api, engine, 30)
      engine:close()
      if api then
        require("profile").remember(p.name, { route = rung })
        return RUNGS[rung](session, p), rung
      end
      tried[#tried + 1] = { rung = rung, err = why }
    end
  end
  refused(p, tried)
end

return M
