-- cp: files between a container and this machine. GET and PUT /containers/{id}/archive.
local direction = require "copy.direction"
local complete = direction.completion "containers"

return {
  summary = "Copy files and folders between a container and this machine",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  description = "One of the two is CONTAINER:PATH. '-' as the source reads a tar archive from stdin, which is unpacked into a\n"
    .. "directory of the container; '-' as the destination writes a tar archive to stdout. 'dir/.' means what is in a directory.\n"
    .. "The container need not run.",
  args = {
    { "source", label = "CONTAINER:SRC_PATH|SRC_PATH|-", complete = complete },
    { "destination", label = "CONTAINER:DEST_PATH|DEST_PATH|-", complete = complete },
  },
  flags = {
    { "archive", short = "a", help = "Archive mode: in the container, files belong to its user; attributes and devices are kept" },
    { "follow-link", short = "L", help = "Always follow a symbolic link in SRC_PATH" },
    { "quiet", short = "q", help = "No progress and no summary (so it is anyway where stdout is no terminal)" },
  },
  uses = { "targets" },
  examples = {
    { "cp web:/etc/nginx ./nginx", "A folder out of a container" },
    { "cp index.html web:/usr/share/nginx/html/", "A file into one" },
    { "cp site/. web:/usr/share/nginx/html", "What is in a folder" },
    { "cp web:/var/log - | tar tf -", "A tar archive to stdout" },
  },
  run = function(ctx)
    local transfer = require "copy.transfer"
    local way = direction.of(ctx.args.source, ctx.args.destination, "container")
    local quiet = ctx.flags.quiet
    if not ctx.given.quiet then quiet = not require("tty").isatty(1) end
    transfer[way.into and "to_container" or "from_container"] {
      nas = ctx:target(), ctx = ctx, container = way.name, source = way.source, destination = way.destination,
      follow = ctx.flags.follow_link, archive = ctx.flags.archive, quiet = quiet,
    }
  end,
}
