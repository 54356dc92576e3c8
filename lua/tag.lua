-- tag: another name for an image. POST /images/{name}/tag.
local reference = require "docker.reference"

return {
  summary = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = {
    { "source", label = "SOURCE_IMAGE[:TAG]", complete = "images" },
    { "target", label = "TARGET_IMAGE[:TAG]", complete = "images" },
  },
  uses = { "targets" },
  examples = { { "tag app:1.2 registry.example:5000/app:1.2", "A name under which it can be pushed" } },
  run = function(ctx)
    local ref = reference.parse(ctx.args.target)
    if ref.digest then
      Error { category = "usage", code = "bad_reference", exit_code = 1, message = "refusing to create a tag with a digest reference" }
    end
    ctx:each_target(function(nas) nas:image(ctx.args.source):tag(ctx.args.target) end)
  end,
}
