-- load: images from a tar that save wrote. POST /images/load.
local bundles = require "docker.bundles"
local source = require "transfer.source"

return {
  summary = "Load images from a tar archive or standard input",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = {
    { "input", short = "i", type = "string", value = "FILE", complete = "files", help = "Read from a file instead of standard input" },
    { "platform", type = "string", value = "OS/ARCH", help = "Only this variant of the images" },
    { "quiet", short = "q", help = "No progress" },
  },
  uses = { "target" },
  examples = { { "load -i app.tar", "The images of a file" }, { "load -q -i app.tar.gz", "Compressed; a pipe is read without -i" } },
  run = function(ctx)
    local f = ctx.flags
    if (f.input or "") == "" and require("ui").is_tty "stdin" then
      Error {
        category = "fail", code = "no_input", message = "requested load from stdin, but stdin is empty",
        hint = "qnap-docker load -i FILE",
      }
    end
    local from <close> = source.open(f.input)
    local nas = ctx:target()
    bundles.need_platform(nas, f.platform, "1.48")
    local lines = {} -- shown when the line of progress is gone
    local show = require("create.pull_output").new(ctx, { fd = "stdout", plain = true, into = lines })
    local _, err = try(source.feed, ctx, from, function(pieces)
      bundles.load(nas, pieces, { quiet = true, platform = f.platform, on_message = function(m) show:message(m) end })
    end)
    show:flush()
    if not err then return end
    if not err.hint and err.category ~= "connect" then
      err.hint = "an archive of 'export', without layers, is for 'import'"
    elseif err.category == "connect" then
      err.hint = "run it again: the engine keeps what it has, and names images only when they are complete"
    end
    error(err, 0)
  end,
}
