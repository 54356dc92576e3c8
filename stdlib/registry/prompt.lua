-- User and password of a login: from flags, from standard input, or asked for. Dependencies: core.log, core.tty, ui.
local M = {}

local LONGEST = 64 * 1024 -- tokens are long

local function refuse(message, hint)
  Error { category = "usage", code = "bad_login", exit_code = 1, message = message, hint = hint }
end

local function read_all()
  local tty, parts, n = require "core.tty", {}, 0
  for bytes in function() return tty.read(0, 4096) end do
    parts[#parts + 1], n = bytes, n + #bytes
    if n > LONGEST then refuse "the password on standard input is too long" end
  end
  return (table.concat(parts):gsub("\n$", ""):gsub("\r$", ""))
end

---Checks the flags as docker does, and takes the password of --password-stdin.
---@async
---@param ctx cli.Context
function M.check(ctx)
  local f, given = ctx.flags, ctx.given
  if given.password_stdin and given.password then
    refuse "conflicting options: cannot specify both --password and --password-stdin"
  end
  if given.password_stdin and not given.username then
    refuse("the --password-stdin option requires --username to be set", "add -u NAME")
  end
  if given.username and f.username == "" then refuse "username is empty" end
  if given.password and f.password == "" then refuse "password is empty" end
  if given.password then
    require("core.log").secret(f.password)
    require("cli.output").err "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n"
  end
  if f.password_stdin then
    f.password = read_all()
    if f.password == "" then refuse "password is empty" end
    require("core.log").secret(f.password)
  end
end

local function must_ask()
  if require("ui").can_ask() then return end
  Error {
    category = "aborted", code = "no_terminal", message = "Cannot perform an interactive login from a non TTY device",
    hint = "qnap-docker login -u NAME --password-stdin REGISTRY < FILE",
  }
end

---What is not known yet is asked for.
---@async
---@param flags {username?: string, password?: string}
---@param key string the registry's
---@param known? docker.Auth
---@return docker.Auth
function M.ask(flags, key, known)
  local ui = require "ui"
  local name, password = flags.username, flags.password
  if not name then
    must_ask()
    local before = known and known.username
    name = ui.ask(before and ("Username (%s):"):format(before) or "Username:")
    if name == "" then name = before or "" end
    if name == "" then refuse "username is empty" end
  end
  if not password then
    must_ask()
    password = ui.password "Password:"
    if password == "" then refuse "password is empty" end
    require("core.log").secret(password)
  end
  return { username = name, password = password, serveraddress = key }
end

return M
