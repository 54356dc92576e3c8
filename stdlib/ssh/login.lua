-- A login through libssh2: the worker thread's questions are put to the user, or answered with what the caller gave.
-- Dependencies: core.sshlogin, ui.
local M = {}

---@class ssh.LoginOptions
---@field timeout? number seconds for the whole login
---@field password? string answers the first question for a password (--password-stdin)
---@field accept_host_key? string "SHA256:…": a new key with this fingerprint is taken without a question
---@field alone? boolean a connection of its own, not one of the connection holder
---@field libssh2_only? boolean keys that only ssh itself can use are passed over
---@field interactive? boolean false: never ask (default: where stdin is a terminal and --no-input was not given)

local function can_ask(options)
  if options.interactive ~= nil then return options.interactive end
  return require("ui").can_ask()
end

-- "yes" to a new key; anything else declines.
local function host_key(question, options)
  if options.accept_host_key then return options.accept_host_key == question.fingerprint and "yes" or nil end
  if not can_ask(options) then return nil end
  local text = ("%s\n%s key fingerprint is %s"):format(question.text, question.key_type, question.fingerprint)
  return require("ui").confirm(text .. "\ntrust this key and go on?", { default = false, flag = "--accept-host-key" }) and "yes" or nil
end

local function secret(question, options, asked)
  if options.password and not asked.password and question.kind ~= "passphrase" then
    asked.password = true
    return options.password
  end
  if not can_ask(options) then return nil end
  local ui = require "ui"
  if question.echo then return ui.ask(question.text) end
  local text = ui.password(question.text)
  if text and text ~= "" then require("core.log").secret(text) end
  return text
end

local function converse(login, options)
  local asked = {}
  while true do
    local what, value = login:wait()
    if what == "session" then return value end
    if value.kind == "host_key" then
      login:answer(host_key(value, options))
    else
      login:answer(secret(value, options, asked))
    end
  end
end

---@async
---@param settings ssh.Settings
---@param options ssh.LoginOptions
---@param agent? string where the connection holder listens: it logs in, or has done so
---@return userdata session class qd.ssh
function M.login(settings, options, agent)
  local ask = options.password ~= nil or options.accept_host_key ~= nil or can_ask(options)
  local login <close> = require("core.sshlogin").start {
    host = settings.host, alias = settings.alias, host_key_alias = settings.host_key_alias, profile = settings.profile,
    port = settings.port, user = settings.user, identity_files = settings.identity_files, default_identities = settings.default_identities,
    identities_only = settings.identities_only, no_agent = settings.no_agent, agent_socket = settings.agent_socket,
    known_hosts = settings.known_hosts, pinned_key = settings.pinned_key, legacy_crypto = settings.legacy_crypto,
    libssh2_only = options.libssh2_only, no_prompt = not ask, connect_timeout = settings.connect_timeout, login_timeout = options.timeout,
    agent = agent,
  }
  return converse(login, options)
end

return M
