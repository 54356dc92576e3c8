-- What `commit` and `compose commit` share. POST /commit.
local reference = require "docker.reference"

local M = {}

---@return cli.Flag[]
function M.flags()
  return {
    { "author", short = "a", type = "string", value = "NAME", help = 'Author ("John Hannibal Smith <hannibal@a-team.com>")' },
    { "change", short = "c", type = "list", value = "LINE", help = "Apply a Dockerfile instruction to the image" },
    { "message", short = "m", type = "string", value = "TEXT", help = "Commit message" },
    { "pause", short = "p", default = true, help = "Pause the container meanwhile" },
  }
end

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

---Makes an image of a container; its id is printed.
---@async
---@param ctx cli.Context with the flags of M.flags() and --json
---@param name? string of the image
---@param find fun(): docker.Container asked once the name is known to be right
function M.run(ctx, name, find)
  local f, ref = ctx.flags, target(name)
  local container = find()
  local function make()
    return container:commit {
      repo = ref and ref.familiar, tag = ref and ref.tag, author = f.author, message = f.message, changes = f.change, pause = f.pause,
    }
  end
  local id = require("ui").is_tty "stderr" and ctx:step("commit " .. container.ref, make) or make()
  if f.json then return { id = id, reference = ref and reference.format(ref) or nil } end
  ctx:out(id .. "\n")
end

return M
