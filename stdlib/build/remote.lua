-- BuildKit through the docker program of the NAS (or of this machine, for an engine here): `docker build -` with the context on its
-- standard input. Secrets and credentials go in front of it on the same stream, into a folder that only the account may enter and
-- that is gone when the build is. Dependencies: fs, ssh, ssh.ladder, proc, tar.
local fs = require "fs"

local M = {}

local SECRET_MAX = 500 * 1024 -- BuildKit's own limit

local function unsupported(message, why, hint)
  Error { category = "unsupported", code = "buildkit_unavailable", message = message, why = why, hint = hint }
end

-- "id=x,src=file" and "id=x,env=NAME"; one whose bytes are known already stays as it is.
local function secret(spec)
  if type(spec) == "table" then
    require("core.log").secret(spec.bytes)
    return { id = spec.id, bytes = spec.bytes }
  end
  local keys = {}
  for part in spec:gmatch "[^,]+" do
    local key, value = part:match "^([^=]+)=(.*)$"
    keys[key or part] = value or ""
  end
  local id = keys.id
  local path = keys.src or keys.source or (not keys.env and id) or nil
  if not id or id:find "[^%w_.-]" then
    Error {
      category = "usage", code = "bad_flag_value", exit_code = 125, message = ("invalid value \"%s\" for --secret"):format(spec),
      why = "id=ID,src=FILE is expected, with an id of letters, digits, '.', '_' and '-'",
    }
  end
  local value = path and fs.read(path, SECRET_MAX) or os.getenv(keys.env or "") or ""
  require("core.log").secret(value)
  return { id = id, bytes = value }
end

-- What is made: nil (an image), "-" (a tar on stdout), or a folder here.
local function output_of(list)
  if #list == 0 then
    return nil
  end
  local spec = list[1]
  local kind, dest = spec:match "type=([^,]+)", spec:match "dest=([^,]+)"
  if #list > 1 or (kind and kind ~= "local" and kind ~= "tar") then
    unsupported("this --output cannot be brought here", "only a folder, or a tar archive on stdout, can", "-o DIR, or -o - > FILE")
  end
  if spec == "-" or (kind == "tar" and (dest == "-" or not dest)) then
    return "-"
  elseif kind == "tar" then
    unsupported("this --output cannot be brought here", "a tar archive goes to stdout", "-o - > " .. (dest or "FILE"))
  end
  return dest or spec
end

local REPEATED = {
  tag = "--tag", build_arg = "--build-arg", label = "--label", add_host = "--add-host", cache_from = "--cache-from",
  cache_to = "--cache-to", security_opt = "--security-opt", ulimit = "--ulimit", build_context = "--build-context", allow = "--allow",
}
local SINGLE = {
  target = "--target", network = "--network", platform = "--platform", shm_size = "--shm-size", cgroup_parent = "--cgroup-parent",
  memory = "--memory", memory_swap = "--memory-swap", cpu_shares = "--cpu-shares", cpu_period = "--cpu-period",
  cpu_quota = "--cpu-quota", cpuset_cpus = "--cpuset-cpus", cpuset_mems = "--cpuset-mems", progress = "--progress",
}

---The words behind `docker build`, but for secrets and the context.
---@param f table<string, any>
---@param context build.Context
---@param given table<string, boolean>
---@return string[]
function M.words(f, context, given)
  local out = { "--file=" .. context.dockerfile }
  for key, flag in pairs(REPEATED) do
    for _, value in ipairs(f[key] or {}) do
      if key == "build_arg" and not value:find("=", 1, true) and os.getenv(value) then
        value = value .. "=" .. os.getenv(value)
      end
      out[#out + 1] = flag .. "=" .. value
    end
  end
  for key, flag in pairs(SINGLE) do
    if f[key] ~= nil and given[key] then
      out[#out + 1] = flag .. "=" .. tostring(f[key])
    end
  end
  for key, flag in pairs { no_cache = "--no-cache", pull = "--pull", quiet = "--quiet" } do
    if f[key] then
      out[#out + 1] = flag
    end
  end
  table.sort(out)
  return out
end

-- Logins and secrets are for that one build: what the docker program is to find in its folder, in the order in which they are sent.
-- @return {name: string, bytes: string, id?: string}[]
local function files_of(nas, specs)
  local out = {}
  for i, spec in ipairs(specs) do
    out[i] = secret(spec)
    out[i].name = "s" .. i
  end
  local config = require("build.logins").config(nas.name)
  if config then
    out[#out + 1] = { name = "config.json", bytes = config }
  end
  return out
end

-- sh lines for ssh.ladder.with_docker; the files come first on stdin, each read to the byte.
local function script(words, files, iid)
  local quote = require("ssh").quote
  local lines = {
    "umask 077", "t=$(mktemp -d /dev/shm/qnap-docker.XXXXXX 2>/dev/null || mktemp -d) || exit 1",
    [[trap '$u rm -rf "$t"' EXIT; trap 'exit 129' HUP INT TERM]],
  }
  local args = {}
  for i, word in ipairs(words) do
    args[i] = quote(word)
  end
  for _, file in ipairs(files) do
    lines[#lines + 1] = ([[dd bs=1 count=%d of="$t/%s" 2>/dev/null]]):format(#file.bytes, file.name)
    if file.id then
      args[#args + 1] = ([[--secret id=%s,src="$t/%s"]]):format(file.id, file.name)
    end
  end
  if iid then
    args[#args + 1] = [[--iidfile "$t/iid"]]
  end
  lines[#lines + 1] = [[$u env DOCKER_BUILDKIT=1 DOCKER_CONFIG="$t" "$b" -H "unix://$s" build ]] .. table.concat(args, " ") .. " -"
  lines[#lines + 1] = "c=$?"
  if iid then
    lines[#lines + 1] = [[[ "$c" = 0 ] && $u cat "$t/iid"]]
  end
  lines[#lines + 1] = "exit $c"
  return table.concat(lines, "\n")
end

-- A process on the NAS or here, with the same words: read() -> which, bytes.
local function start(nas, options)
  if nas.session then
    local p = nas.profile
    local command = require("ssh.ladder").with_docker(p, nas.route == "sudo", script(options.words, options.files, options.iid))
    local raw = nas.session.raw
    if not raw.exec then
      unsupported("BuildKit cannot be used through ssh itself", "its output needs a channel of the SSH library", "--builder-mode classic")
    end
    return raw:exec(command)
  end
  local line = "b=docker; s=" .. require("ssh").quote(nas.profile.socket) .. "; u=\n" .. script(options.words, options.files, options.iid)
  local process = require("proc").spawn { argv = { "sh", "-c", line }, stdio = { stdin = "pipe", stdout = "pipe", stderr = "pipe" } }
  return setmetatable({
    write = function(_, bytes) process:write(bytes) end, shutdown = function() process:close_stdin() end,
    wait = function() return process:wait().code end,
    reader = function(which) return function() return process:read(64 * 1024, which) end end,
  }, { __close = function() process:close() end })
end

-- Both outputs to their takers, at once where they come apart.
local function drain(child, take)
  if not child.reader then
    for which, bytes in function() return child:read(64 * 1024) end do
      take[which](bytes)
    end
    return
  end
  require("task").map({ "stdout", "stderr" }, function(which)
    for bytes in child.reader(which) do
      take[which](bytes)
    end
  end)
end

local function feed(child, files, context, job)
  for _, file in ipairs(files) do
    if file.bytes ~= "" then
      child:write(file.bytes)
    end
  end
  local pieces <close> = context.open { warn = job.warn }
  for bytes in function() return pieces() end do
    child:write(bytes)
  end
  child:shutdown()
end

-- Sends and reads at once.
local function talk(child, files, context, job, stdout)
  local task = require "task"
  local sender = task.spawn(function()
    local _, err = try(feed, child, files, context, job)
    if err and err.code ~= "reader_gone" then -- it ended before it had read all: its status says why
      error(err, 0)
    end
  end)
  drain(child, { stdout = stdout, stderr = job.err })
  sender:wait()
  return child:wait()
end

local function check_status(nas, status)
  if status == 0 then
    return
  elseif status == 127 then
    unsupported(nas:cannot "build with BuildKit", "no docker program was found there",
      "--builder-mode classic, without what needs BuildKit")
  end
  Error {
    category = "fail", code = "build_failed", message = nas:cannot "build the image", exit_code = 1,
    why = ("docker build on the NAS ended with status %s"):format(status or "unknown"), hint = "what it printed is above",
  }
end

---What is built, and who hears of it.
---@class build.Job
---@field flags table<string, any> of `build`
---@field given table<string, boolean>
---@field warn fun(text: string)
---@field out fun(bytes: string) what the docker program prints
---@field err fun(bytes: string) the same, to its stderr

---Builds with the docker program of the NAS.
---@async
---@param nas docker.Nas
---@param context build.Context
---@param job build.Job
---@return string? id
---@raise unsupported "buildkit_unavailable"
function M.run(nas, context, job)
  local f = job.flags
  if #f.ssh > 0 then
    unsupported("--ssh cannot be used with a NAS", "keys and agents of this machine are not lent to it",
      "copy what is needed into the context")
  elseif not context.open then
    unsupported("BuildKit cannot be used with an address", "the context is sent from here", "clone it, and build the folder")
  end
  local files = files_of(nas, f.secret)
  local words, to = M.words(f, context, job.given), output_of(f.output)
  if to then
    words[#words + 1] = "--output=-"
  end
  local out, unpacked = {}, nil
  local child <close> = start(nas, { words = words, files = files, iid = f.iidfile ~= nil })
  local take = function(bytes)
    if to == "-" or not f.iidfile and not to then
      job.out(bytes)
    elseif not to then
      out[#out + 1] = bytes
    end
  end
  if to and to ~= "-" then
    fs.mkdir(to, { mode = 493, parents = true })
    unpacked = require("core.tar").unpack { dir = to }
    take = function(bytes) unpacked:write(bytes) end
  end
  local _ <close> = unpacked
  check_status(nas, talk(child, files, context, job, take))
  if unpacked then
    unpacked:finish()
  end
  local id = table.concat(out):match "sha256:%x+"
  if id and f.quiet then
    job.out(id .. "\n")
  end
  return id
end

return M
