-- What a profile and ~/.ssh/config together say about reaching a host. The profile wins; nothing is connected here.
-- Dependencies: core.ssh_config, profile, proc, sys.
local M = {}

---@class ssh.Settings
---@field alias string the host as the profile names it
---@field host string where to connect to
---@field port integer
---@field user string
---@field profile string its name, for advice
---@field host_key_alias? string
---@field known_name string what known_hosts calls the host
---@field known_port integer
---@field identity_files string[] the profile's: one that cannot be used is an error
---@field default_identities string[] those of ~/.ssh/config, or ssh's standard list
---@field identities_only boolean
---@field no_agent boolean
---@field agent_socket? string
---@field known_hosts string[] ours first
---@field pinned_key? string
---@field host_key_types? string for ssh's HostKeyAlgorithms
---@field legacy_crypto boolean
---@field connect_timeout number seconds
---@field jump? ssh.Settings of the host that it is reached through, which may have one of its own
---@field known_profile boolean `profile` names a profile (and is not the words of a jump)
---@field needs_openssh? string why libssh2 is not enough

local CONNECT = 15 -- seconds

-- ssh itself knows what our parser does not evaluate (Match exec, canonical names).
local function ask_ssh(query, found)
  local config = require "core.ssh_config"
  local result = try(function() return require("proc").run { argv = { "ssh", "-G", "--", query.alias }, timeout = 10 } end)
  if not result or result.code ~= 0 then return found end
  return config.parse_g(result.stdout, query)
end

local function known_hosts(p, config)
  local files = { require("profile").paths().known_hosts }
  local own = p.known_hosts
  for _, file in ipairs(type(own) == "table" and own or { own }) do files[#files + 1] = file end
  for _, list in ipairs { config.user_known_hosts, config.global_known_hosts } do
    for _, file in ipairs(list) do files[#files + 1] = file end
  end
  return files
end

-- One host of a jump that is no profile: [user@]host[:port].
local function hop_of(words, before)
  local user, place = words:match "^(.+)@(.+)$"
  place = place or words
  local host, port = place:match "^%[(.+)%]:?(%d*)$"
  if not host then
    host, port = place:match "^([^:]+):?(%d*)$"
  end
  return { name = words, host = host or place, user = user, port = tonumber(port), transport = "openssh", jump = before }
end

local MOST = 8 -- hosts on the way; more is a circle

-- profile.jump is a profile's name, or what ssh -J takes: hosts with commas between, the nearest first.
local function jump_of(p, depth)
  if not p.jump then return nil end
  if depth > MOST then
    Error {
      category = "config", code = "jump_circle", message = ("'%s' is reached through itself"):format(p.name),
      why = "the profiles' jumps lead in a circle", hint = ("qnap-docker profile edit %s --unset jump"):format(p.name),
    }
  end
  local profile = require "profile"
  local before, last = p.jump:match "^(.+),([^,]+)$"
  last = last or p.jump
  if before or not profile.exists(last) then return M.of(hop_of(last, before), depth) end
  return M.of(profile.get(last), depth)
end

-- With what to log in. Only the profile's file must be there: like ssh, we pass over what ~/.ssh/config names and this machine lacks.
local function identities(p, config, out)
  out.identity_files = p.ssh_key_path and { p.ssh_key_path } or {}
  out.default_identities = p.ssh_key_path and {} or config.identity_files
  out.key_given, out.identities_only = p.ssh_key_path ~= nil, config.identities_only
  if p.identity_agent then
    out.no_agent = p.identity_agent == "none"
    out.agent_socket = not out.no_agent and p.identity_agent or nil
  else
    out.no_agent, out.agent_socket = config.no_agent, config.identity_agent
  end
end

-- What known_hosts calls the host: an alias never carries a port.
local function known_as(config, out)
  out.host_key_alias = config.host_key_alias
  out.known_name = config.host_key_alias or out.host
  out.known_port = config.host_key_alias and 22 or out.port
end

---@param p profile.Profile
---@param depth? integer hosts that come behind it on the way
---@return ssh.Settings
function M.of(p, depth)
  local query = { alias = p.host, user = p.user }
  local config = require("core.ssh_config").resolve(query)
  if config.needs_openssh and p.transport == "auto" and not p.jump then config = ask_ssh(query, config) end
  local jump = jump_of(p, (depth or 0) + 1)
  local _, me = require("sys").user()
  local out = {
    profile = p.name, known_profile = p.kind ~= nil, alias = p.host, host = config.host_name, port = p.port or config.port or 22,
    user = p.user or config.user or me or "admin",
    known_hosts = known_hosts(p, config), pinned_key = p.host_key,
    legacy_crypto = p.legacy_crypto or false, connect_timeout = config.connect_timeout or CONNECT, jump = jump,
    needs_openssh = jump and "a jump host" or config.needs_openssh,
  }
  identities(p, config, out)
  known_as(config, out)
  return out
end

return M
