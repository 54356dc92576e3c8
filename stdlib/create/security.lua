-- Flags that widen or narrow what a container may do -> HostConfig (Engine API 1.41, ContainerCreate).
local problem = require "create.problem"
local json = require "json"

local M = {}

local function some(list) return #list > 0 and json.array(list) or nil end

---The option for a seccomp profile in a file: its own text without white space; member order matters to nobody, but stays.
---@param path string
---@return string
---@raise usage "file_unreadable", "bad_json"
function M.seccomp(path)
  local text, err = try(require("fs").read, path)
  if not text then
    Error {
      category = "usage", code = "file_unreadable", message = "opening seccomp profile (" .. path .. ") failed",
      why = err.why or err.message,
    }
  end
  local profile, bad = try(json.decode, text)
  if profile == nil and bad then
    Error {
      category = "usage", code = "bad_json", message = "compacting json for seccomp profile (" .. path .. ") failed", why = bad.message,
    }
  end
  return "seccomp=" .. json.reformat(text, 0)
end

-----security-opt, sent as it was typed but for profiles in files and for what the client itself does.
---@param list? string[]
---@param host table HostConfig
function M.options(list, host)
  local out = {}
  for _, text in ipairs(list or {}) do
    local key, value = problem.cut(text, "=")
    if not value and key ~= "no-new-privileges" then key, value = problem.cut(text, ":") end
    if key ~= "no-new-privileges" and (value or "") == "" then
      problem.argument("--security-opt", text, "invalid --security-opt: " .. text)
    end
    if text == "systempaths=unconfined" then
      host.MaskedPaths, host.ReadonlyPaths = json.array {}, json.array {}
    elseif key == "seccomp" and value ~= "unconfined" and value ~= "builtin" then
      out[#out + 1] = M.seccomp(value)
    else
      out[#out + 1] = text
    end
  end
  host.SecurityOpt = some(out)
end

---Capabilities by their full names, each once, sorted.
---@param list? string[] "net_admin", "CAP_CHOWN", "ALL"
---@return string[]?
function M.capabilities(list)
  local seen, out = {}, {}
  for _, text in ipairs(list or {}) do
    local name = text:upper()
    if name ~= "ALL" and name:sub(1, 4) ~= "CAP_" then name = "CAP_" .. name end
    if not seen[name] then
      seen[name] = true
      out[#out + 1] = name
    end
  end
  table.sort(out)
  return some(out)
end

local MODES = {
  { "pid", "PidMode", "invalid PID mode", "host", container = true },
  { "uts", "UTSMode", "invalid UTS mode", "host" },
  { "userns", "UsernsMode", "invalid USER mode", "host" },
  { "cgroupns", "CgroupnsMode", "invalid CGROUP mode", "host", "private" },
}

-----pid, --uts, --userns, --cgroupns and --ipc.
---@param flags table
---@param host table HostConfig
function M.namespaces(flags, host)
  for _, mode in ipairs(MODES) do
    local text = flags[mode[1]]
    if text and text ~= "" then
      local known = text == mode[4] or text == mode[5] or (mode.container and text:find "^container:." ~= nil)
      if not known then problem.argument("--" .. mode[1], text, mode[3]) end
      host[mode[2]] = text
    end
  end
  if flags.ipc ~= "" then host.IpcMode = flags.ipc end
end

local SYSCTLS = {}
for name in ("msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced"):gmatch "%S+" do
  SYSCTLS["kernel." .. name] = true
end

---@param list? string[] "net.core.somaxconn=128"
---@return table<string, string>?
function M.sysctls(list)
  local out = {}
  for _, text in ipairs(list or {}) do
    local name, value = problem.cut(text, "=")
    local known = SYSCTLS[name] or name:sub(1, 4) == "net." or name:sub(1, 10) == "fs.mqueue."
    if not value or not known then problem.argument("--sysctl", text, ("sysctl '%s' is not allowed"):format(text)) end
    out[name] = value
  end
  return next(out) and out or nil
end

return M
