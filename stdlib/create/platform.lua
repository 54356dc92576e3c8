-- "--platform arm64" -> "linux/arm64": names as containerd's platforms.Parse reads them.
local problem = require "create.problem"

local M = {}

local function set(words)
  local out = {}
  for word in words:gmatch "%S+" do out[word] = true end
  return out
end

local SYSTEMS = set "aix android darwin dragonfly freebsd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos"
local MACHINES = set "386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x sparc64 wasm"
local ALIASES = {
  i386 = { "386" }, ["x86_64"] = { "amd64" }, ["x86-64"] = { "amd64" }, aarch64 = { "arm64" }, armhf = { "arm", "v7" },
  armel = { "arm", "v6" },
}

local function machine(name, variant)
  name, variant = name:lower(), variant:lower()
  local alias = ALIASES[name]
  if alias then name, variant = alias[1], alias[2] or variant end
  if name == "386" or (name == "amd64" and variant == "v1") or (name == "arm64" and (variant == "8" or variant == "v8")) then
    variant = ""
  elseif name == "arm" and (variant == "" or variant == "7") then
    variant = "v7"
  elseif name == "arm" and variant:find "^[568]$" then
    variant = "v" .. variant
  end
  return name, variant
end

local function bad(text, why)
  Error { category = "usage", code = "bad_platform", message = ("error parsing specified platform: %q"):format(text), why = why }
end

---@param text string
---@return string platform "os[/arch[/variant]]"; a system alone stays so: the engine knows its own machine
function M.parse(text)
  local parts = problem.split(text, "/")
  for _, part in ipairs(parts) do
    if not part:find "^[%w_.-]+$" then bad(text, ('"%s" is an invalid component'):format(part)) end
  end
  if #parts > 3 then bad(text, "cannot parse platform specifier") end
  local system = parts[1]:lower():gsub("^macos$", "darwin")
  if #parts == 1 then
    if SYSTEMS[system] then return system end
    table.insert(parts, 1, "linux")
    system = "linux"
    if not MACHINES[(machine(parts[2], ""))] then bad(text, "unknown operating system or architecture") end
  end
  local name, variant = machine(parts[2], parts[3] or "")
  if #parts == 2 and name == "arm" and variant == "v7" then variant = "" end
  if #parts == 3 and name == "arm64" and variant == "" then variant = "v8" end
  return system .. "/" .. name .. (variant ~= "" and "/" .. variant or "")
end

---The flag --platform: as with docker, DOCKER_DEFAULT_PLATFORM counts where it is not given.
---@param help string
---@return cli.Flag
function M.flag(help)
  local default = os.getenv "DOCKER_DEFAULT_PLATFORM"
  return { "platform", type = "string", value = "OS/ARCH", default = default ~= "" and default or nil, help = help }
end

return M
