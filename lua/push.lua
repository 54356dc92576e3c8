-- push: send an image from the NAS to its registry. POST /images/{name}/push.
local registry = require "transfer.registry"

return {
  summary = "Upload an image to a registry",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", label = "NAME[:TAG]", complete = "images" } },
  flags = {
    { "all-tags", short = "a", help = "Push all tags of the image" },
    { "quiet", short = "q", help = "Print the name only" },
    { "platform", type = "string", value = "OS/ARCH", help = "Push this platform's image alone" },
    require("transfer.trust").flag,
  },
  uses = { "targets" },
  examples = { { "push registry.example:5000/app:1.2", "One tag" }, { "push -a registry.example:5000/app", "All tags" } },
  run = function(ctx)
    local f = ctx.flags
    require("transfer.trust").check(ctx.flags)
    local ref = registry.parse(ctx.args.image, f.all_tags)
    if ref.digest then
      Error {
        category = "usage", code = "bad_reference", exit_code = 1, message = "cannot push a digest reference",
        hint = "name a tag: " .. ref.familiar .. ":TAG",
      }
    end
    ctx:each_target(function(nas)
      ctx:heading(nas)
      require("docker.bundles").need_platform(nas, f.platform, "1.46")
      local show = require("create.pull_output").new(ctx, { quiet = f.quiet, fd = "stdout" })
      local _ <close> = defer(function() show:close() end)
      if ref.implied and not f.all_tags and not f.quiet then show:write "Using default tag: latest\n" end
      local image = nas:image(ctx.args.image)
      local _, err = try(image.push, image, {
        all_tags = f.all_tags, platform = f.platform, on_progress = function(message) show:message(message) end,
      })
      if err then registry.explain(nas, ref, err, "push") end
      if f.quiet then show:write(registry.full_name(ref, f.all_tags) .. "\n") end
    end)
  end,
}
