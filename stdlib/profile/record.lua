-- A profile's keys made complete: what a command or a connection asks of it, defaults filled in.
local M = {}

---A profile ready for use.
---@class profile.Profile
---@field name string
---@field host string "nas1.local", "local" or "unix:///path"
---@field kind "ssh"|"local" whether SSH is needed
---@field port? integer
---@field user? string
---@field ssh_key_path? string
---@field identity_agent? string
---@field known_hosts? string|string[]
---@field host_key? string pinned fingerprint, "SHA256:..."
---@field legacy_crypto? boolean
---@field transport "auto"|"libssh2"|"openssh"
---@field jump? string
---@field engine string "gui", "system" or a socket's path on the NAS
---@field socket string path of that engine's socket
---@field docker_path? string
---@field primary_volume? string
---@field data_root? string where project data lives on the NAS
---@field group? string
---@field labels table<string, string>
---@field protected boolean
---@field read_only boolean
---@field color? string
---@field defaults {restart?: string, network?: string, platform?: string}

local SOCKETS = { gui = "/var/run/docker.sock", system = "/var/run/system-docker.sock" }

---The socket that an engine's name means.
---@param engine? string "gui" (default), "system", a path or unix:///path
---@return string
function M.socket(engine)
  return SOCKETS[engine or "gui"] or (engine:gsub("^unix://", ""))
end

local function data_root(p)
  if p.data_root or not p.primary_volume then
    return p.data_root
  end
  local volume = p.primary_volume:sub(1, 1) == "/" and p.primary_volume or "/share/" .. p.primary_volume
  return volume .. "/Container"
end

---@param name string
---@param keys table expanded keys of profiles.yaml; not changed
---@param engine? string another engine than the profile's
---@return profile.Profile
function M.complete(name, keys, engine)
  local p = {}
  for k, v in pairs(keys) do
    p[k] = v
  end
  local path = p.host:match "^unix://(.+)$"
  p.name = name
  p.kind = (path or p.host == "local") and "local" or "ssh"
  p.engine = engine or p.engine or path or "gui"
  p.socket = M.socket(p.engine)
  p.transport = p.transport or "auto"
  p.data_root = data_root(p)
  p.protected, p.read_only = p.protected or false, p.read_only or false
  p.labels, p.defaults = p.labels or {}, p.defaults or {}
  return p
end

---"nas1.local:2222", "local": where the NAS is.
---@param p table keys of a profile
---@return string
function M.place(p)
  if p.host == "local" or p.host:find "^unix://" then
    return p.host
  end
  local host = p.host:find ":" and ("[%s]"):format(p.host) or p.host
  return host .. ((p.port or 22) ~= 22 and ":" .. p.port or "")
end

---"admin@nas1.local:2222", "local": how the NAS is called in notes.
---@param p table keys of a profile
---@return string
function M.address(p)
  local place = M.place(p)
  local remote = p.host ~= "local" and not p.host:find "^unix://"
  return remote and p.user and p.user .. "@" .. place or place
end

return M
