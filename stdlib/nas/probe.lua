-- What kind of machine this is: one POSIX sh script, run on the NAS in one go, and what its answer means. It only reads.
-- Written for the old busybox of QTS; everything is asked of QNAP's own registries (getcfg), never searched for.
local M = {}

-- Lines "key=value"; keys may repeat. No single quotes inside: it travels as one quoted word.
M.SCRIPT = [==[
PATH=/bin:/usr/bin:/sbin:/usr/sbin:$PATH; export PATH
k() { [ -n "$2" ] && printf "%s=%s\n" "$1" "$2"; }
k uid "$(id -u 2>/dev/null)"; k user "$(id -un 2>/dev/null)"; k groups "$(id -Gn 2>/dev/null)"
k arch "$(uname -m)"; k kernel "$(uname -r)"; k page_size "$(getconf PAGE_SIZE 2>/dev/null)"
k os "$(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME")"
g=/sbin/getcfg
if [ -x $g ] && [ -f /etc/config/uLinux.conf ]; then
  k qnap yes
  k model "$($g System Model)"; k firmware "$($g System Version)"; k build "$($g System "Build Number")"
  k hostname "$($g System Hostname)"
  grep zfs /proc/filesystems >/dev/null 2>&1 && k zfs yes
  q=/etc/config/qpkg.conf
  cs=$($g container-station Install_Path -f $q)
  k station_path "$cs"; k station_version "$($g container-station Version -f $q)"
  k station_enabled "$($g container-station Enable -f $q)"
  k default_volume "$($g SHARE_DEF defVolMP -f /etc/config/def_share.info 2>/dev/null)"
  k container_share "$($g Container path -f /etc/config/smb.conf 2>/dev/null)"
fi
for d in /share/*/.qpkg/container-station; do [ -d "$d" ] && k station_dir "$d"; [ -n "$cs" ] || cs=$d; done
for b in "$cs/bin/docker" "$cs/usr/bin/.libs/docker" /usr/local/bin/docker /usr/bin/docker; do
  [ -f "$b" ] && if [ -x "$b" ]; then k docker "$b"; else k docker_denied "$b"; fi
done
for s in /var/run/docker.sock /var/run/system-docker.sock; do
  [ -S $s ] && if [ -r $s ] && [ -w $s ]; then k socket $s; else k socket_denied $s; fi
done
sudo -n true >/dev/null 2>&1 && k sudo yes
for p in "$cs/usr/local/lib" /usr/local/lib /usr/libexec /usr/lib; do
  p=$p/docker/cli-plugins; [ -x "$p/docker-compose" ] && k compose "$p/docker-compose"
done
[ -d /sys/module/vxlan ] || [ -f "/lib/modules/$(uname -r)/kernel/drivers/net/vxlan/vxlan.ko" ] && k vxlan yes
for v in /share/CACHEDEV*_DATA /share/CE_CACHEDEV*_DATA /share/ZFS*_DATA /share/HDA_DATA /share/MD0_DATA; do
  [ -d "$v" ] && k volume "$v $(df -Pk "$v" 2>/dev/null | sed 1d)"
done
k root "/ $(df -Pk / 2>/dev/null | sed 1d)"
echo end=yes
]==]

local LONGEST = 300 -- bytes of one value; more is no fact
local MOST = 200 -- of one kind

---@class nas.Volume
---@field path string "/share/CACHEDEV1_DATA"
---@field name string "CACHEDEV1_DATA"
---@field total? integer bytes
---@field used? integer
---@field free? integer

---@class nas.Facts
---@field qnap boolean
---@field uid? integer
---@field user? string
---@field groups string[]
---@field arch? string
---@field kernel? string
---@field os? string
---@field page_size? integer
---@field model? string
---@field firmware? string
---@field build? string
---@field hostname? string
---@field hero boolean QuTS hero: ZFS
---@field station? {path?: string, version?: string, enabled: boolean} Container Station
---@field docker string[] docker programs that this account may run
---@field docker_denied string[]
---@field sockets table<string, "open"|"denied"> by path
---@field sudo boolean sudo works without a password
---@field compose? string path of the compose plugin
---@field vxlan boolean
---@field volumes nas.Volume[]
---@field root? nas.Volume
---@field default_volume? string path
---@field container_share? string path of the share "Container"

local function collect(text)
  local values = {}
  for key, value in text:gmatch "([%l_]+)=([^\n]*)\n" do
    local list = values[key] or {}
    values[key] = list
    if #list < MOST and #value <= LONGEST then
      list[#list + 1] = value
    end
  end
  return values
end

local function whole(text)
  return text and text:find "^%d+$" and #text <= 15 and math.tointeger(tonumber(text)) or nil
end

-- "/share/X filesystem 1024-blocks used available capacity mountpoint"
local function volume(line)
  local path, rest = line:match "^(%S+)%s*(.*)$"
  local total, used, free = rest:match "%s(%d+)%s+(%d+)%s+(%d+)%s+%d+%%"
  local function bytes(kib)
    local n = whole(kib)
    return n and n * 1024
  end
  return { path = path, name = path:match "([^/]+)$" or path, total = bytes(total), used = bytes(used), free = bytes(free) }
end

local function words(text)
  local out = {}
  for word in (text or ""):gmatch "%S+" do
    out[#out + 1] = word
  end
  return out
end

-- Container Station's directory will be part of commands: only the form that QNAP uses is taken.
local function station(v, first)
  local path = first "station_path"
  if path and not path:find "^/share/[%w_.-]+/%.qpkg/container%-station$" then
    path = nil
  end
  path = path or first "station_dir"
  if not path and not first "station_version" then
    return nil
  end
  local enabled = (first "station_enabled" or ""):upper()
  return { path = path, version = first "station_version", enabled = enabled ~= "FALSE", dirs = v.station_dir }
end

---What the script's answer means. A line that is none is passed over; an answer without its last line raises.
---@param text string
---@return nas.Facts
---@raise fail "bad_probe"
function M.parse(text)
  local v = collect(text)
  local function first(key)
    return v[key] and v[key][1] or nil
  end
  if not v["end"] then
    Error {
      category = "fail", code = "bad_probe", message = "the NAS did not answer the questions about itself",
      why = "its answer ended in the middle, or its login shell is no POSIX shell",
    }
  end
  local facts = {
    qnap = v.qnap ~= nil, uid = whole(first "uid"), user = first "user", groups = words(first "groups"),
    arch = first "arch", kernel = first "kernel", os = first "os", page_size = whole(first "page_size"),
    model = first "model", firmware = first "firmware", build = first "build", hostname = first "hostname", hero = false,
    docker = v.docker or {}, docker_denied = v.docker_denied or {}, sockets = {}, sudo = v.sudo ~= nil,
    compose = first "compose", vxlan = v.vxlan ~= nil, volumes = {},
    default_volume = first "default_volume", container_share = first "container_share",
  }
  for _, path in ipairs(v.socket_denied or {}) do
    facts.sockets[path] = "denied"
  end
  for _, path in ipairs(v.socket or {}) do
    facts.sockets[path] = "open"
  end
  for i, line in ipairs(v.volume or {}) do
    facts.volumes[i] = volume(line)
    facts.hero = facts.hero or facts.volumes[i].name:find "^ZFS%d+_DATA$" ~= nil
  end
  facts.hero = facts.qnap and (facts.hero or v.zfs ~= nil)
  facts.root = first "root" and volume(first "root") or nil
  facts.station = station(v, first)
  return facts
end

---The system in words: "TS-473A, QTS 5.2.9 (build 20250716)", "not a QNAP: Debian GNU/Linux 12".
---@param facts nas.Facts
---@return string
function M.system(facts)
  if not facts.qnap then
    return "not a QNAP: " .. (facts.os or "an unknown system")
  end
  local system = facts.hero and "QuTS hero" or "QTS"
  local text = ("%s, %s %s"):format(facts.model or "unknown model", system, facts.firmware or "of unknown version")
  return facts.build and ("%s (build %s)"):format(text, facts.build) or text
end

---The volume for project data: the system's default one, else the one with Container Station, else the first.
---@param facts nas.Facts
---@return string? name
function M.primary_volume(facts)
  local candidates = { facts.default_volume, facts.station and facts.station.path }
  for _, path in pairs(candidates) do
    local name = path:match "^/share/([%w_.-]+)"
    for _, v in ipairs(facts.volumes) do
      if v.name == name then
        return name
      end
    end
  end
  return facts.volumes[1] and facts.volumes[1].name or nil
end

return M
