-- A whole tree from NAS to NAS by the source's own ssh, past this machine. The key is made on the source for this copy and never
-- leaves it; on the target it may run one command once: that takes its line out of authorized_keys and becomes the tar of this tree. A
-- watch there takes the line out after a minute in any case. What passes is not judged here, so the target's tree holds no symlink that
-- could be written through. Dependencies: carry.hands, carry.source, carry.copy, carry.verdict, carry.way, core.ssh, ssh.
local hands = require "carry.hands"

local M = {}

local ALIAS = "qnap-docker-target" -- what the target's host key is called on the source

-- One line each, for they stand in authorized_keys, too. $1 the mark.
local FORGET = [==[f=$HOME/.ssh/authorized_keys; n=$f.$1.$$; if cp -p "$f" "$n"; then grep -v -e "$1" "$f" >"$n"; ]==]
  .. [==[if [ $? -lt 2 ]; then mv "$n" "$f"; else rm -f "$n"; fi; fi]==]

-- $1 the mark, $2 the line, $3 FORGET.
local ALLOW = [==[umask 077; f=$HOME/.ssh/authorized_keys; mkdir -p "$HOME/.ssh" || exit 1
[ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || echo >>"$f" || exit 1
printf '%s\n' "$2" >>"$f" || exit 1
(trap '' HUP; sleep 60; sh -c "$3" sh "$1") </dev/null >/dev/null 2>&1 &]==]

-- $1 the mark; prints the folder and the public key.
local PREPARE = [==[umask 077; d=$(mktemp -d /tmp/qnap-docker.XXXXXX) || exit 1
ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$d/key" </dev/null >&2 && echo "$d" && cat "$d/key.pub" && exit
rm -rf "$d"; exit 1]==]

-- $1 the folder, $2 known_hosts, $3 port, $4 user, $5 host, then tar. stdout: what tar says, and how both ended; stderr: the other side.
local SEND = [==[d=$1; port=$3; user=$4; host=$5; trap 'rm -rf "$d"' EXIT; trap 'exit 1' HUP INT TERM
printf '%s\n' "$2" >"$d/known_hosts" || exit 1
shift 5; unset SSH_AUTH_SOCK; exec 3>&1
{ "$@" 2>&3; echo $? >"$d/status"; } | ssh -F /dev/null -T -i "$d/key" -o IdentitiesOnly=yes -o BatchMode=yes \
  -o StrictHostKeyChecking=yes -o UserKnownHostsFile="$d/known_hosts" -o GlobalKnownHostsFile=/dev/null -o CheckHostIP=no \
  -o HostKeyAlias=]==] .. ALIAS .. [==[ -o ControlPath=none -o PreferredAuthentications=publickey -o ConnectTimeout=15 \
  -o ServerAliveInterval=15 -p "$port" -l "$user" -- "$host" carry >/dev/null
s=$?; echo "ended=$(cat "$d/status") ssh=$s" >&3]==]

local function refuse(o, category, code, why)
  Error {
    category = category, code = code, profile = o.from.nas.name, why = why,
    hint = "leave --direct out: the data then goes through this machine",
    message = o.from.nas:cannot(("send %s straight to %s"):format(hands.name(o.from), o.to.nas.name)),
  }
end

local function on_target(o, script, args)
  local child = hands.on_nas(o.to.nas, { "sh", "-c", script, "sh", table.unpack(args) })
  local _ <close> = defer(child.close)
  return hands.talk(child, nil, function() end)
end

-- The key by which this machine knows the target: the very one of the session, where that tells.
local function known_hosts(o)
  local nas = o.to.nas
  local shown, lines = nas.session:info().host_key, {}
  for _, key in ipairs(nas.profile and require("ssh").known_keys(nas.profile) or {}) do
    if not key.marker and (not shown or key.fingerprint == shown) then
      lines[#lines + 1] = ("%s %s %s"):format(ALIAS, key.type, key.blob)
    end
  end
  if not lines[1] then
    refuse(o, "unsupported", "no_direct", ("known_hosts here does not hold the host key of %s"):format(nas.name))
  end
  return table.concat(lines, "\n")
end

-- The one command that the key may run: FORGET, then the tar of this tree.
local function forced(o, mark)
  local copy, quote = require "carry.copy", require("core.ssh").quote
  local argv = copy.target_argv(o)
  local words = {}
  for i, word in ipairs(argv) do words[i] = quote(word) end
  local line = ("sh -c %s sh %s; exec %s"):format(quote(FORGET), mark, table.concat(words, " "))
  if line:find "[%c]" then refuse(o, "unsupported", "no_direct", "the tree's folder has a name that authorized_keys cannot hold") end
  return line:gsub('"', '\\"')
end

local function check(o)
  local from, to = o.from_way, o.to_way
  if from.kind ~= "shell" or to.kind ~= "shell" or not o.from.nas.session or not o.to.nas.session then
    refuse(o, "unsupported", "no_direct", "that takes commands on both NASes, over SSH")
  elseif not (require("carry.way").tools(o.from, from).gnu and require("carry.way").tools(o.to, to).gnu) then
    refuse(o, "unsupported", "no_direct", "that takes GNU tar on both NASes")
  elseif o.paths or next(require("carry.copy").links_of(o)) then
    refuse(o, "unsupported", "no_direct", "that takes a target that has no symlinks yet: nothing checks the stream on its way")
  end
end

local function mark()
  local hash = require("core.seal").sha256()
  local sys = require "sys"
  hash:update(("%s %s %s %s"):format(sys.now(), sys.pid(), math.random(0), tostring(hash)))
  return "qnap-docker-carry-" .. hash:hex():sub(1, 24)
end

local function judge(o, status, said, errors)
  local tar_status, ssh_status = said:match "ended=(%d*) ssh=(%d+)\n$"
  local last = errors:match "([^\n]+)\n*$"
  if not ssh_status then refuse(o, "connect", "connection_lost", last or ("the shell ended with status %d"):format(status)) end
  local v = require("carry.copy").judge(o, { errors = { errors }, full = false }, ssh_status == "255" and 0 or tonumber(ssh_status))
  if ssh_status == "255" then
    last = last or "ssh there ended without a word"
    local denied = last:find "Permission denied" or last:find "Host key verification"
    refuse(o, denied and "auth" or "connect", denied and "direct_refused" or "direct_failed", last)
  end
  local source = { unsupported = v.unsupported, notes = v.problems }
  require("carry.source").judge(o, source, tonumber(tar_status) or 1, (said:gsub("ended=[^\n]*\n$", "")))
  return source
end

---@async
---@param o table of carry.copy
---@return carry.Copied
function M.run(o)
  check(o)
  local hosts, name = known_hosts(o), mark()
  local made = hands.run(o.from, o.from_way, PREPARE, { args = { name } })
  local folder, key = made.stdout:match "^(/tmp/qnap%-docker%.%w+)\n(ssh%-ed25519 [%w+/=]+) [^\n]*\n$"
  if not folder then refuse(o, "unsupported", "no_direct", hands.why(made)) end
  local _ <close> = defer(function()
    try(hands.run, o.from, o.from_way, [[rm -rf "$1"]], { args = { folder } })
    try(on_target, o, FORGET, { name })
  end)
  local status, errors = on_target(o, ALLOW, { name, ('restrict,command="%s" %s %s'):format(forced(o, name), key, name), FORGET })
  if status ~= 0 then refuse(o, "unsupported", "no_direct", errors:match "[^\n]+" or "authorized_keys there cannot be written") end
  local s, argv = o.to.nas.session.settings, require("carry.source").argv(o)
  argv[#argv + 1] = "--totals"
  local sent = hands.run(o.from, o.from_way, SEND, { args = { folder, hosts, tostring(s.port), s.user, s.host, table.unpack(argv) } })
  local said = judge(o, sent.status, sent.stdout, sent.stderr)
  local bytes = tonumber(sent.stdout:match "Total bytes written: (%d+)") or 0
  local files = require("carry.manifest").measure(o.from, o.from_way).files
  if o.progress then o.progress(bytes, files) end
  return { bytes = bytes, files = files, unsupported = said.unsupported, notes = said.notes }
end

return M
