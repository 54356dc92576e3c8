-- The flags of `profile add` and `profile edit`, and the keys they set.
-- Dependencies: core.profile.
local core = require "core.profile"

local M = {}

-- Flag to key of profiles.yaml, where the names differ.
local KEY_OF = { key = "ssh_key_path" }

local function key_names()
  local out = {}
  for _, key in ipairs(core.keys()) do
    if key.type ~= "group" then
      out[#out + 1] = { key.type == "map" and key.name .. ".NAME" or key.name, key.want }
    end
  end
  return out
end

---@type cli.Flag[]
M.flags = {
  { "host", type = "string", value = "HOST", help = "Name or address of the NAS, 'local', or unix:///path of a socket here" },
  { "user", type = "string", value = "USER", help = "Account to log in with (default: what ~/.ssh/config says)" },
  { "port", type = "string", value = "PORT", help = "SSH port (default: 22)" },
  { "key", type = "string", value = "FILE", complete = "files", help = "Private key to log in with" },
  { "identity-agent", type = "string", value = "SOCKET", complete = { "none" }, help = "Agent to ask for keys, or none" },
  { "jump", type = "string", value = "PROFILE|USER@HOST", complete = "profiles", help = "Reach the NAS through this host" },
  { "transport", type = "string", value = "auto|libssh2|openssh", complete = { "auto", "libssh2", "openssh" },
    help = "Who speaks SSH: this program or the installed ssh" },
  { "engine", type = "string", value = "gui|system|PATH", complete = { "gui", "system" },
    help = "Docker engine of the NAS: what Container Station shows (gui), the one of QNAP's own packages (system), or a socket" },
  { "docker-path", type = "string", value = "PATH", help = "The docker program on the NAS (default: found in the package registry)" },
  { "primary-volume", type = "string", value = "VOLUME", help = "Volume for data of projects: CACHEDEV1_DATA, ZFS530_DATA, /path" },
  { "data-root", type = "string", value = "PATH", help = "Directory for data of projects (default: VOLUME/Container)" },
  { "group", type = "string", value = "NAME", help = "Group, for --profile group:NAME" },
  { "label", type = "map", value = "KEY=VALUE", help = "Label (repeatable)" },
  { "color", type = "string", value = "COLOR", complete = { "red", "green", "yellow", "blue", "magenta", "cyan", "white", "none" },
    help = "Colour of the NAS in prompts and prefixes" },
  { "protected", help = "Ask before every change on this NAS" },
  { "read-only", help = "Refuse every change on this NAS" },
  { "host-key", type = "string", value = "SHA256:...", help = "Accept this host key and no other" },
  { "legacy-crypto", help = "Allow outdated SSH algorithms (a standing risk)" },
  { "set", type = "map", value = "KEY=VALUE", complete = key_names,
    help = "Any key of profiles.yaml: defaults.restart=always (repeatable)" },
}

-- A path typed here must mean the same in every directory.
local function absolute(path)
  if path:find "^[/~$]" or path == "none" then
    return path
  end
  return (os.getenv "PWD" or ".") .. "/" .. path:gsub("^%./", "")
end

local PATHS = { ssh_key_path = true, identity_agent = true }

---A key's value as it is typed on a command line or as an answer.
---@param key string
---@param text string
---@return any
---@raise usage
function M.read(key, text)
  if PATHS[key] then
    text = absolute(text)
  end
  return core.parse_value(key, text)
end

---The keys that the flags of a command line set: {port = 22, ["labels.site"] = "home"}. Raises `bad_value`.
---@param ctx cli.Context
---@return table<string, any>
---@raise usage
function M.changes(ctx)
  local out = {}
  for _, flag in ipairs(M.flags) do
    local name = flag[1]:gsub("-", "_")
    local key, value = KEY_OF[name] or name, ctx.flags[name]
    if not ctx.given[name] then
      value = nil
    end
    if name == "label" or name == "set" then
      for k, v in pairs(value or {}) do
        k = name == "label" and "labels." .. k or k
        out[k] = M.read(k, v)
      end
    elseif flag.type and value then
      out[key] = M.read(key, value)
    elseif not flag.type then
      out[key] = value
    end
  end
  return out
end

---Changes as the keys of a new profile: {labels = {site = "home"}}.
---@param changes table<string, any>
---@return table
function M.nested(changes)
  local out = {}
  for key, value in pairs(changes) do
    local outer, inner = key:match "^([^.]+)%.(.+)$"
    if outer then
      out[outer] = out[outer] or {}
      out[outer][inner] = value
    else
      out[key] = value
    end
  end
  return out
end

return M
