-- cp: files between a container and this machine. GET and PUT /containers/{id}/archive.
local function usage(message, why)
  Error { category = "usage", code = "bad_arguments", exit_code = 1, message = message, why = why, hint = "qnap-docker cp --help" }
end

-- Containers with the colon that belongs behind them; files are the shell's own.
local function complete(ctx)
  if ctx.word:find "[:/.]" then return {} end
  local out = {}
  for _, row in ipairs(require("cli.candidates").containers(ctx) or {}) do
    out[#out + 1] = { (type(row) == "table" and row[1] or row) .. ":", type(row) == "table" and row[2] or nil }
  end
  return out
end

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
    local paths, transfer = require "copy.paths", require "copy.transfer"
    local from, to = ctx.args.source, ctx.args.destination
    if from == "" then usage "source can not be empty" end
    if to == "" then usage "destination can not be empty" end
    local source, source_path = paths.container(from)
    local target, target_path = paths.container(to)
    if source and target then
      usage("copying between containers is not supported", "copy to this machine first, or pipe: cp A:PATH - into cp - B:PATH")
    elseif not source and not target then
      usage("must specify at least one container source", "neither is CONTAINER:PATH")
    end
    local quiet = ctx.flags.quiet
    if not ctx.given.quiet then quiet = not require("tty").isatty(1) end
    local job = {
      nas = ctx:target(), ctx = ctx, container = source or target, source = source_path, destination = target_path,
      follow = ctx.flags.follow_link, archive = ctx.flags.archive, quiet = quiet,
    }
    transfer[source and "from_container" or "to_container"](job)
  end,
}
