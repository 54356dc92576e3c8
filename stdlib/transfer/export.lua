-- What `export` and `compose export` share: a container's file system as a tar, here. GET /containers/{id}/export.
local sink = require "transfer.sink"

local M = {}

---@return cli.Flag[]
function M.flags()
  return {
    { "output", short = "o", type = "string", value = "FILE", complete = "files", help = "Write to a file instead of stdout" },
  }
end

---@async
---@param ctx cli.Context with the flags of M.flags()
---@param find fun(): docker.Nas, string the container, asked once the file can be written
function M.run(ctx, find)
  local out <close> = sink.open(ctx, ctx.flags.output, "failed to export container")
  local nas, name = find()
  local stream <close> = require("docker.bundles").export(nas, name)
  sink.fill(ctx, stream, out, name)
  ctx:note "note: VOLUMES are not included, nor bind mounts; only the container's own file system"
end

return M
