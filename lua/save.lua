-- save: images with their layers and names as one tar, here. GET /images/get.
local bundles = require "docker.bundles"
local sink = require "transfer.sink"

return {
  summary = "Save images to a tar archive (on this machine)",
  group = "images",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", variadic = true, complete = "images" } },
  flags = {
    { "output", short = "o", type = "string", value = "FILE", complete = "files", help = "Write to a file instead of stdout" },
    { "platform", type = "string", value = "OS/ARCH", help = "Only this variant of the images" },
  },
  uses = { "target" },
  examples = {
    { "save -o app.tar app:1.2", "One image; the file appears when it is complete" },
    { "save -o both.tar app db", "Two; without -o the archive goes to a pipe" },
  },
  run = function(ctx)
    local out <close> = sink.open(ctx, ctx.flags.output, "failed to save image")
    local nas = ctx:target()
    local stream <close> = bundles.save(nas, ctx.args.image, ctx.flags.platform)
    sink.fill(ctx, stream, out, table.concat(ctx.args.image, " "))
  end,
}
