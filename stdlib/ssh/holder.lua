-- The connection holder as commands see it: where it listens, starting it, logging in through it. It is a comfort: whatever is wrong
-- with it, a command goes on by itself. Dependencies: core.agent, fs, profile, sys, ssh.login.
local M = {}

local LONGEST = 107 -- bytes of a socket's path

---Where the holder of this account listens; nil where there is none (QNAP_DOCKER_AGENT=0).
---@return string?
function M.path()
  if os.getenv "QNAP_DOCKER_AGENT" == "0" then return nil end
  local path = require("profile").paths().run .. "/agent.sock"
  return #path <= LONGEST and path or nil
end

local function make_folder(path)
  require("fs").mkdir(path:match "^(.*)/", { parents = true, mode = tonumber("700", 8) })
end

---Holds connections in this process, until it is told to stop or nobody used them for `idle` seconds.
---@async
---@param path string of M.path
---@param idle number seconds
---@param ready? function called once it listens; without it, a line on stdout says so, and the terminal is let go of
function M.serve(path, idle, ready)
  local core = require "core.agent"
  make_folder(path)
  core.serve(path, idle, ready or function()
    io.stdout:write "listening\n"
    io.stdout:flush()
    core.alone()
  end)
end

---Asks the one that listens there.
---@async
---@param path string of M.path
---@param question "status"|"stop"
---@return core.AgentStatus? nil: nobody listens
function M.ask(path, question)
  local status, err = try(require("core.agent").ask, path, question)
  if err and err.code ~= "agent_gone" then error(err, 0) end
  return status
end

---Starts it, unless another command does so just now.
---@async
---@param path string of M.path
---@return boolean listens it did not listen before, and does now
function M.start(path)
  local exe = require("core.sys").program() -- none where a program has this runtime inside
  if not exe then return false end
  make_folder(path)
  return (require("core.agent").start { exe, "agent", "--foreground", "--alone" })
end

-- One that an older version of this program left running makes room; a newer one is left alone.
local function retire(path)
  local core = require "core.agent"
  local status = try(core.ask, path, "status")
  return status ~= nil and status.version < core.VERSION and try(core.ask, path, "retire") ~= nil
end

local SILENT = { agent_gone = true, agent_version = true, bad_agent_frame = true, foreign_socket = true }

---A login through it; nil where it is not to be had. Raises what is wrong with the NAS.
---@async
---@param settings ssh.Settings
---@param options ssh.LoginOptions
---@return userdata? session class qd.ssh
function M.login(settings, options)
  local path = M.path()
  if not path then return nil end
  local login = require("ssh.login").login
  local raw, err = try(login, settings, options, path)
  if err and (err.code == "agent_gone" or (err.code == "agent_version" and retire(path))) and try(M.start, path) ~= nil then
    raw, err = try(login, settings, options, path)
  end
  if raw then return raw end
  if SILENT[err.code] then
    require("core.log").debug("ssh", ("%s: %s"):format(err.message, err.why or ""))
    return nil
  end
  error(err, 0)
end

return M
