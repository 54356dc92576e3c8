-- What the kernel counts for each container, read from the NAS's own files in one command: engines before API 1.44 take two
-- seconds for the same numbers, because their answers wait for a clock of one second. The samples are as the engine's.
local M = {}

local LIMIT = 8 -- seconds
local OUTPUT_MAX = 8 << 20

-- POSIX sh, for the busybox of QTS, and constant: containers are known by the names of their cgroups, no id goes in. It only
-- reads. Lines: "u DIR COUNTER..." at first, "c DIR PID", then files, each behind "==> PATH <==". No single quotes inside.
M.SCRIPT = [==[
LC_ALL=C; export LC_ALL; c=/sys/fs/cgroup
if [ -f $c/cgroup.controllers ]; then
  u=cpu.stat; f="memory.current memory.max memory.stat io.stat pids.current" m= b= p=
else
  c=$c/cpuacct u=cpuacct.usage m=../memory/ b=../blkio/ p=../pids/
  f="memory.usage_in_bytes memory.limit_in_bytes memory.stat blkio.io_service_bytes_recursive blkio.throttle.io_service_bytes pids.current"
fi
cd $c 2>/dev/null || exit 0
now() {
  date +"t %s%N"
  while read -r x y; do case $x in cpu*) echo "$x $y";; *) break;; esac; done </proc/stat
  read -r x </proc/meminfo; echo "$x"
}
l= a= z=
for d in */ */*/ */*/*/; do
  d=${d%/}; i=${d##*/}; i=${i#docker-}; i=${i%.scope}
  [ ${#i} = 64 ] || continue
  case $d in *[!A-Za-z0-9_.:@/-]*) continue;; esac
  q=; read -r q <"$d/cgroup.procs"
  echo "c $d $q"; l="$l $d" a="$a $d/$u" z="$z /proc/${q:-0}/net/dev"
  for n in $f; do
    case $n in memory.*) z="$z $m$d/$n";; pids.*) z="$z $p$d/$n";; *) z="$z $b$d/$n";; esac
  done
done 2>/dev/null
[ -n "$l" ] || exit 0
now
for d in $l; do read -r x y <"$d/$u" && echo "u $d $x $y"; done 2>/dev/null
sleep 0.1 2>/dev/null || usleep 100000 2>/dev/null || sleep 1
now
head -n 80 $a $z 2>/dev/null
echo "==> end <=="
]==]

---@class stats.Files
---@field before? number CPU time in ns when first looked
---@field pid? string of one process
---@field [string] string[]|nil lines of a file, by its name

local function number(text) return text and #text <= 20 and text:find "^%d+$" and tonumber(text) or nil end

-- "cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ ...", in 1/100 s; the engine adds up these seven.
local function ticks(line)
  local sum, n = 0, 0
  for word in line:gmatch "%d+" do
    sum, n = sum + (number(word) or 0), n + 1
    if n == 7 then break end
  end
  return sum
end

local function clock_line(clocks, line)
  local clock = clocks[#clocks] or {}
  if line:find "^t " then
    clocks[#clocks + 1] = { at = number(line:match "^t (%d+)$"), cpus = 0 }
  elseif line:find "^cpu " then
    clock.ticks = ticks(line)
  elseif line:find "^cpu%d" then
    clock.cpus = (clock.cpus or 0) + 1
  else
    clock.memory = number(line:match "^MemTotal:%s+(%d+) kB")
  end
end

-- The folder of a container's cgroup and the name of the file in it; "../memory/" is another hierarchy's.
local function place(path)
  local pid = path:match "^/proc/(%d+)/net/dev$"
  if pid then return pid, "net" end
  local dir, name = path:match "^(.+)/([^/]+)$"
  return dir and dir:gsub("^%.%./%a+/", ""), name
end

local function collect(text)
  local clocks, dirs, nets, order, file = {}, {}, {}, {}, nil
  local function of(dir)
    if not dirs[dir] then
      dirs[dir] = {}
      order[#order + 1] = dir
    end
    return dirs[dir]
  end
  for line in text:gmatch "([^\n]*)\n" do
    local path = line:match "^==> (.+) <==$"
    if path then
      local where, name = place(path)
      file = {}
      if name == "net" then
        nets[where] = file
      elseif name then
        of(where)[name] = file
      end
    elseif file then
      file[#file + 1] = line
    elseif line:find "^c " then
      local dir, pid = line:match "^c (%S+) (%d+)$"
      if dir then of(dir).pid = pid end
    elseif line:find "^u " then
      local dir, a, b = line:match "^u (%S+) (%S+) ?(%S*)$"
      if dir then of(dir).before = a == "usage_usec" and (number(b) or 0) * 1000 or number(a) end
    else
      clock_line(clocks, line)
    end
  end
  return clocks, dirs, nets, order, text:sub(-12) == "==> end <==\n"
end

local function first(lines) return lines and number(lines[1]) end

local function keyed(lines)
  local out = {}
  for _, line in ipairs(lines or {}) do
    local key, value = line:match "^([%w_]+) (%d+)$"
    if key then out[key] = number(value) end
  end
  return out
end

-- The interfaces that the engine made ("eth0"): others in there are no business of docker's numbers either.
local function networks(lines)
  local out = {}
  for _, line in ipairs(lines) do
    local name, rest = line:match "^%s*(eth%d+):%s*(.*)$"
    if name then
      local fields = {}
      for word in rest:gmatch "%d+" do fields[#fields + 1] = number(word) or 0 end
      out[name] = { rx_bytes = fields[1], tx_bytes = fields[9] }
    end
  end
  return out
end

local function blocks(files)
  local out = {}
  local function add(op, value) out[#out + 1] = { op = op, value = number(value) } end
  for _, line in ipairs(files["io.stat"] or {}) do
    for op, value in line:gmatch "(%l)bytes=(%d+)" do add(op, value) end
  end
  for _, name in ipairs { "blkio.io_service_bytes_recursive", "blkio.throttle.io_service_bytes" } do
    if #out > 0 then break end
    for _, line in ipairs(files[name] or {}) do
      local op, value = line:match "^%d+:%d+ (%a+) (%d+)$"
      if op then add(op, value) end
    end
  end
  return out
end

-- Nanoseconds of all CPUs between the two looks. /proc/stat counts hundredths of a second, which is coarse for a tenth of
-- one; the clock is finer, where date knows %N and nobody has set it meanwhile.
local function passed(before, now)
  local coarse = (now.ticks - before.ticks) * 1e7
  local fine = before.at and now.at and (now.at - before.at) * now.cpus or 0
  return fine > coarse / 2 and fine < coarse * 2 and fine or coarse
end

local function sample(id, files, net, before, now)
  local usage = first(files["memory.usage_in_bytes"] or files["memory.current"])
  local cpu = first(files["cpuacct.usage"]) or (keyed(files["cpu.stat"]).usage_usec or 0) * 1000
  if not usage or not files.before or cpu == 0 then return nil end
  local limit = first(files["memory.limit_in_bytes"] or files["memory.max"])
  local system = now.ticks * 1e7
  return {
    id = id, networks = net and networks(net), blkio_stats = { io_service_bytes_recursive = blocks(files) },
    memory_stats = {
      usage = usage, stats = keyed(files["memory.stat"]),
      limit = math.min(limit or math.huge, now.memory and now.memory * 1024 or math.huge),
    },
    pids_stats = { current = first(files["pids.current"]) },
    cpu_stats = { cpu_usage = { total_usage = cpu }, system_cpu_usage = system, online_cpus = now.cpus },
    precpu_stats = { cpu_usage = { total_usage = files.before }, system_cpu_usage = system - passed(before, now) },
  }
end

---What the script's answer means: samples by id, as the engine sends them (precpu_stats is the first look). What is not
---complete is absent; `networks` is, where the container's own could not be read.
---@param text string
---@return table<string, table>
function M.parse(text)
  local clocks, dirs, nets, order, complete = collect(text)
  local before, now = clocks[1], clocks[2]
  local out = {}
  if not complete or not (before and now and before.ticks and now.ticks and now.memory) or now.cpus == 0 then return out end
  for _, dir in ipairs(order) do
    local id = dir:match("([^/]+)$"):gsub("^docker%-", ""):gsub("%.scope$", "")
    if #id == 64 and not out[id] then out[id] = sample(id, dirs[dir], nets[dirs[dir].pid], before, now) end
  end
  return out
end

---Looks twice, a tenth of a second apart. Nothing where the files cannot be read, or are not this engine's.
---@async
---@param nas docker.Nas
---@return table<string, table> samples by container id
function M.read(nas)
  local answer
  if nas.session then
    local command = "sh -c " .. require("ssh").quote(M.SCRIPT)
    answer = try(nas.session.run, nas.session, command, { timeout = LIMIT, max_output = OUTPUT_MAX })
  elseif nas.profile and nas.profile.kind == "local" then
    answer = try(require("proc").run, { argv = { "sh", "-c", M.SCRIPT }, timeout = LIMIT, max_output = OUTPUT_MAX })
  end
  return answer and M.parse(answer.stdout) or {}
end

return M
