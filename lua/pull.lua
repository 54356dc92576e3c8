-- pull: fetch images onto the NAS. POST /images/create.
local pull_output = require "create.pull_output"
local reference = require "docker.reference"

-- What docker prints last: the full reference.
local function full_name(text)
  local ref = reference.parse(text)
  return ref.name .. (ref.digest and "@" .. ref.digest or ":" .. ref.tag)
end

local function one(ctx, nas, name)
  local f = ctx.flags
  if reference.parse(name).implied and not f.all_tags and not f.quiet then ctx:out "Using default tag: latest\n" end
  local show = pull_output.new(ctx, { quiet = f.quiet, fd = "stdout" })
  local _ <close> = defer(function() show:close() end)
  nas:pull {
    ref = name, all_tags = f.all_tags, platform = f.platform,
    on_progress = function(message) show:message(message) end,
  }
  ctx:out(full_name(name) .. "\n")
end

return {
  summary = "Download images from a registry",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", variadic = true, label = "IMAGE" } },
  flags = {
    { "all-tags", short = "a", help = "Download all tagged images of the repository" },
    { "quiet", short = "q", help = "Print the name only" },
    { "platform", type = "string", value = "OS/ARCH", help = "os[/arch[/variant]] of the image" },
    { "disable-content-trust", hidden = true, default = true, help = "Ignored" },
  },
  uses = { "targets" },
  examples = { { "pull nginx", "The tag latest" }, { "pull postgres:16 redis:7", "Several at once" } },
  run = function(ctx)
    ctx:each_target(function(nas)
      require("task").map(ctx.args.image, function(name) one(ctx, nas, name) end, { limit = 3 })
    end)
  end,
}
