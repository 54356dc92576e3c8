-- compose commit: an image from what a service's container changed. POST /commit.
local commit = require "create.commit"
local verbs = require "compose.verbs"

local flags = commit.flags()
flags[#flags + 1] = verbs.index_flag

return {
  summary = "Create a new image from the changes of a service's container",
  group = "compose",
  docker = true,
  writes = true,
  args = { { "service", complete = "compose.services" }, { "repository", optional = true, label = "REPOSITORY[:TAG]" } },
  flags = flags,
  uses = { "target", "json", "compose" },
  description = "Volumes and bind mounts are not part of the image.",
  examples = { { "compose commit web web:patched" } },
  run = function(ctx)
    local scope = verbs.scope(ctx, { ctx.args.service })
    return commit.run(ctx, ctx.args.repository, function()
      local nas = ctx:target()
      return nas:container(verbs.one(nas, scope, { index = ctx.flags.index }).name)
    end)
  end,
}
