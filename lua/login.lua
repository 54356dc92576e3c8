-- login: credentials for a registry, checked by the NAS's engine and kept on this machine. POST /auth.
local credentials = require "registry.credentials"
local secret = require "registry.prompt"
local server = require "registry.server"

-- What the engine says about the credentials; what is kept of them.
local function authenticate(nas, auth) ---@endpoint POST /auth
  local body = nas:request {
    method = "POST", path = "/auth", body = auth, what = nas:cannot("log in to " .. server.host(auth.serveraddress)), timeout = 120,
  }.body
  local answer = type(body) == "table" and body or {}
  local token = type(answer.IdentityToken) == "string" and answer.IdentityToken ~= "" and answer.IdentityToken or nil
  local kept = { serveraddress = auth.serveraddress, username = auth.username, password = not token and auth.password or nil }
  kept.identitytoken = token or auth.identitytoken
  return kept, answer.Status or "Login Succeeded"
end

local function explain(err, name)
  if err.category == "auth" then err.hint = "check user and password\nqnap-docker login" .. (name and " " .. name or "") end
  error(err, 0)
end

local function login(ctx, nas)
  local f, name = ctx.flags, ctx.args.server
  local key = server.key(name)
  local known = not ctx.given.username and not ctx.given.password and credentials.for_server(nas.name, name)
  if known then
    ctx:note(("Authenticating with existing credentials... [Username: %s]"):format(known.username or "<token>"))
    local _, status = try(authenticate, nas, known)
    if type(status) == "string" then return status end
    ctx:warn "they are not valid any more"
  end
  local auth = secret.ask(f, key, known or nil)
  credentials.check_place(name)
  local answer, err = try(function() return table.pack(authenticate(nas, auth)) end)
  if err then explain(err, name) end
  local where = credentials.save(nas.name, answer[1])
  ctx:note(("the credentials for %s are kept in %s"):format(server.host(key), where))
  return answer[2]
end

return {
  summary = "Log in to a registry",
  group = "images",
  docker = true,
  writes = true, -- of one NAS after the other: it asks
  usage_exit = { flag = 125, args = 1 },
  args = { { "server", optional = true } },
  flags = {
    { "username", short = "u", type = "string", value = "NAME", help = "User" },
    { "password", short = "p", type = "string", value = "PASSWORD",
      help = "Password or token (others can see it: better --password-stdin)" },
    { "password-stdin", help = "Read the password or token from standard input" },
  },
  uses = { "targets" },
  description = "The NAS asks the registry; the credentials stay on this machine, per profile: in the credential helper that "
    .. "~/.docker/config.json names, else in a file sealed by a passphrase. Nothing is written in clear.",
  examples = {
    { "login registry.example:5000", "Asks for user and password" },
    { "login -u ci --password-stdin ghcr.io", "In a script: the token comes from a pipe, a credential helper keeps it" },
  },
  run = function(ctx)
    secret.check(ctx)
    ctx:each_target(function(nas)
      ctx:heading(nas)
      ctx:out(login(ctx, nas) .. "\n")
    end)
  end,
}
