-- Credentials of one profile in a file that a passphrase opens: {"servers": […], "sealed": base64}. Which registries there
-- are stands in clear, so that the passphrase is asked for only where it is needed.
-- Dependencies: core.log, core.seal, docker.base64, fs, json, profile, ui.
local fs = require "fs"

local M = {}

local LARGEST = 1 << 20
local passphrases = {} -- by profile, for this command line
local last -- what was typed last: the same one often opens all

local function path_of(profile)
  if not profile:find "^[%w_.-]+$" or profile:find "^%." then
    Error { category = "config", code = "bad_profile_name", message = ("no credentials are kept for '%s'"):format(profile) }
  end
  return fs.join(require("profile").home(), "credentials", profile .. ".json")
end

local function read(profile)
  local path = path_of(profile)
  if not fs.exists(path) then return nil end
  local doc = try(require("json").decode, fs.read(path, LARGEST))
  if type(doc) ~= "table" or type(doc.sealed) ~= "string" or type(doc.servers) ~= "table" then
    Error {
      category = "config", code = "bad_store", message = path .. " is no store of credentials",
      hint = "delete it, and log in again: qnap-docker login REGISTRY",
    }
  end
  return doc
end

---The registries of which it has credentials; nothing is asked.
---@param profile string
---@return table<string, boolean>
function M.servers(profile)
  local doc, out = read(profile), {}
  for _, name in ipairs(doc and doc.servers or {}) do out[name] = true end
  return out
end

local function decode(sealed, passphrase)
  local doc = require("json").decode(require("core.seal").open(passphrase, sealed))
  for _, auth in pairs(doc) do
    for _, key in ipairs { "password", "identitytoken" } do
      if auth[key] then require("core.log").secret(auth[key]) end
    end
  end
  return doc
end

local function ask(question)
  local typed = require("ui").password(question)
  if typed == "" then
    Error { category = "aborted", code = "no_passphrase", message = "an empty passphrase protects nothing", hint = "type a longer one" }
  end
  require("core.log").secret(typed)
  last = typed
  return typed
end

-- Three tries, as everywhere.
local function open(profile, doc)
  local sealed = require("docker.base64").decode(doc.sealed) or ""
  local question = ("Passphrase of the registry credentials of '%s':"):format(profile)
  local passphrase = passphrases[profile] or last or ask(question)
  for try_number = 1, 4 do
    local content, err = try(decode, sealed, passphrase)
    if content then
      passphrases[profile] = passphrase
      return content
    end
    if err.code ~= "wrong_passphrase" or try_number == 4 then error(err, 0) end
    passphrase = ask(question)
  end
end

---All credentials. Asks for the passphrase.
---@async
---@param profile string
---@return table<string, docker.Auth>
---@raise aborted "no_terminal"
function M.all(profile)
  local doc = read(profile)
  return doc and open(profile, doc) or {}
end

local function write(profile, content)
  local path, servers = path_of(profile), {}
  for name in pairs(content) do servers[#servers + 1] = name end
  table.sort(servers)
  if #servers == 0 then
    if fs.exists(path) then fs.remove(path) end
    return
  end
  local json = require "json"
  local sealed = require("core.seal").close(passphrases[profile], json.encode(content))
  fs.mkdir(fs.dirname(path), { parents = true })
  local text = json.encode { servers = json.array(servers), sealed = require("docker.base64").encode_url(sealed) }
  fs.write(path, text .. "\n", { mode = 0x180 })
end

-- A new store: the passphrase is typed twice.
local function choose(profile)
  if last then
    passphrases[profile] = last
    return
  end
  local first = ask "Choose a passphrase for the registry credentials kept on this machine:"
  if ask "The same once more:" ~= first then
    Error { category = "aborted", code = "passphrases_differ", message = "the two passphrases differ", hint = "log in again" }
  end
  passphrases[profile] = first
end

---@async
---@param profile string
---@param auth docker.Auth with its serveraddress
function M.save(profile, auth)
  local doc = read(profile)
  local content = doc and open(profile, doc) or {}
  if not doc then choose(profile) end
  content[auth.serveraddress] = auth
  write(profile, content)
end

---@async
---@param profile string
---@param server string
---@return boolean had
function M.erase(profile, server)
  local doc = read(profile)
  local servers = M.servers(profile)
  if not doc or not servers[server] then return false end
  if next(servers) == server and next(servers, server) == nil then -- the only one: no passphrase is needed to forget it
    fs.remove(path_of(profile))
    return true
  end
  local content = open(profile, doc)
  content[server] = nil
  write(profile, content)
  return true
end

return M
