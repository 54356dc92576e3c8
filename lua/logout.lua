-- logout: forgets the credentials for a registry. Nothing is asked of the NAS.
local credentials = require "registry.credentials"
local server = require "registry.server"

return {
  summary = "Log out from a registry",
  group = "images",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "server", optional = true } },
  uses = { "targets" },
  examples = { { "logout registry.example:5000", "Forget user and password" } },
  run = function(ctx)
    local key = server.key(ctx.args.server)
    for _, profile in ipairs(require("cli.targets").select(ctx)) do
      ctx:out(("Removing login credentials for %s\n"):format(key))
      if credentials.erase(profile.name, key) then
        ctx:warn(("docker's own config.json still holds credentials for %s; 'docker logout %s' removes them"):format(key, key))
      end
    end
  end,
}
