-- commit: an image from what a container changed. POST /commit.
local commit = require "create.commit"

return {
  summary = "Create a new image from a container's changes",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" }, { "repository", optional = true, label = "REPOSITORY[:TAG]" } },
  flags = commit.flags(),
  uses = { "target", "json" },
  description = "Volumes and bind mounts are not part of the image.",
  examples = {
    { "commit web web:patched", "With a name" },
    { 'commit -c \'CMD ["nginx"]\' -m "fixed" web web:2', "With another command and a message" },
  },
  run = function(ctx)
    return commit.run(ctx, ctx.args.repository, function() return ctx:target():container(ctx.args.container) end)
  end,
}
