-- What the shell of a NAS tells that its engine does not: ports that something listens on, free space, what lies at paths.
-- Only reads. Where the account has no shell, nothing is known. Dependencies: nas.shell.
local M = {}

---@class migrate.Look
---@field known boolean the shell answered
---@field ports table<string, true> "8080/tcp"
---@field free? integer bytes on the disk of the engine's data
---@field paths table<string, {kind: "dir"|"empty"|"file"|"special"|"no", free?: integer}>

-- $1: the engine's data. Paths are lines of its input; each answers a line, in their order.
local LOOK = [==[
listening() { awk -v s="$2" -v p="$3" '$4 == s { n = split($2, a, ":"); print "port " a[n] " " p }' "/proc/net/$1" 2>/dev/null; }
listening tcp 0A tcp; listening tcp6 0A tcp; listening udp 07 udp; listening udp6 07 udp
u=; [ "$(id -u)" = 0 ] || u=sudo
as() { if [ -n "$u" ]; then sudo -n "$@" 2>/dev/null; else "$@" 2>/dev/null; fi; }
free() { { df -Pk "$1" 2>/dev/null || as df -Pk "$1"; } | awk 'NR == 2 { print $4 }'; }
there() { [ "$1" "$2" ] || { [ -n "$u" ] && as test "$1" "$2"; }; }
echo "free $(free "$1")"
while IFS= read -r p; do
k=special q=$p
if there -d "$p"; then k=dir; [ -n "$(ls -A "$p" 2>/dev/null || as ls -A "$p")" ] || k=empty
elif there -f "$p"; then k=file
elif ! there -e "$p"; then k=no; fi
while [ "$q" != / ] && ! there -e "$q"; do q=${q%/*}; q=${q:-/}; done
echo "path $k $(free "$q")"
done
echo end]==]

---@async
---@param nas docker.Nas of plan.reader, too
---@param data? string folder of the engine's data
---@param paths string[] absolute, without a newline
---@return migrate.Look
function M.at(nas, data, paths)
  local out, at = { known = false, ports = {}, paths = {} }, 0
  local answer, err = try(require("nas.shell").read, nas, {
    at = "/", text = LOOK, args = { data or "/" }, stdin = table.concat(paths, "\n") .. (#paths > 0 and "\n" or ""), timeout = 120,
  })
  if err and (err.category == "cancelled" or err.category == "connect") then error(err, 0) end
  if not answer or not answer.stdout:find "\nend\n$" then return out end
  out.known = true
  for line in answer.stdout:gmatch "[^\n]+" do
    local port, protocol = line:match "^port (%x+) (%l+)$"
    local kind, free = line:match "^path (%l+) (%d*)$"
    if port then
      out.ports[("%d/%s"):format(tonumber(port, 16), protocol)] = true
    elseif kind then
      at = at + 1
      out.paths[paths[at] or ""] = { kind = kind, free = tonumber(free) and tonumber(free) * 1024 }
    elseif line:match "^free %d+$" then
      out.free = math.tointeger(tonumber(line:match "%d+")) * 1024
    end
  end
  return out
end

return M
