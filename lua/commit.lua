-- commit: an image from what a container changed. POST /commit.
local reference = require "docker.reference"

local function target(text)
  if not text or text == "" then return nil end
  local ref = reference.parse(text)
  if ref.digest then
    Error {
      category = "usage", code = "bad_reference", message = "refusing to create a tag with a digest reference",
      why = "an image gets its digest from its content", hint = "qnap-docker commit CONTAINER NAME:TAG", exit_code = 1,
    }
  end
  return ref
end

return {
  summary = "Create a new image from a container's changes",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", complete = "containers" }, { "repository", optional = true, label = "REPOSITORY[:TAG]" } },
  flags = {
    { "author", short = "a", type = "string", value = "NAME", help = 'Author ("John Hannibal Smith <hannibal@a-team.com>")' },
    { "change", short = "c", type = "list", value = "LINE", help = "Apply a Dockerfile instruction to the image" },
    { "message", short = "m", type = "string", value = "TEXT", help = "Commit message" },
    { "pause", short = "p", default = true, help = "Pause the container meanwhile" },
  },
  uses = { "target", "json" },
  description = "Volumes and bind mounts are not part of the image.",
  examples = {
    { "commit web web:patched", "With a name" },
    { 'commit -c \'CMD ["nginx"]\' -m "fixed" web web:2', "With another command and a message" },
  },
  run = function(ctx)
    local f, ref = ctx.flags, target(ctx.args.repository)
    local container = ctx:target():container(ctx.args.container)
    local function make()
      return container:commit {
        repo = ref and ref.familiar, tag = ref and ref.tag, author = f.author, message = f.message, changes = f.change, pause = f.pause,
      }
    end
    local id = require("ui").is_tty "stderr" and ctx:step("commit " .. ctx.args.container, make) or make()
    if f.json then return { id = id, reference = ref and reference.format(ref) or nil } end
    ctx:out(id .. "\n")
  end,
}
