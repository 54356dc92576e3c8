-- compose cp: files between the containers of a service and this machine. GET and PUT /containers/{id}/archive.
local direction = require "copy.direction"
local complete = direction.completion "compose.services"

-- Out of the first container, into all of them, running or not; --index means one.
local function containers_of(ctx, scope, way, nas)
  local replica, list = require "compose.replica", require("compose.observe").list(nas, scope.name)
  local index = ctx.flags.index
  local found = replica.all(scope, list, way.name, index)
  for _, c in ipairs(ctx.flags.all and list or {}) do
    if c.oneoff and c.service == way.name then found[#found + 1] = c end
  end
  if #found == 0 then
    Error {
      category = "not_found", code = "no_such_container", object = way.name,
      message = index and ("service '%s' has no container %d"):format(way.name, index)
        or ("no container found for service '%s'"):format(way.name),
      why = ("project '%s' on %s"):format(scope.name, nas.name), hint = "qnap-docker compose up --no-start " .. way.name,
    }
  end
  return way.into and found or { found[1] }
end

return {
  summary = "Copy files and folders between a service's containers and this machine",
  group = "compose",
  docker = true,
  writes = true,
  description = "One of the two is SERVICE:PATH. From a service: out of its first container. To a service: into all of its containers.\n"
    .. "--index means one. '-' is a tar archive on stdin or stdout, as with cp. The containers need not run.",
  args = {
    { "source", label = "SERVICE:SRC_PATH|SRC_PATH|-", complete = complete },
    { "destination", label = "SERVICE:DEST_PATH|DEST_PATH|-", complete = complete },
  },
  flags = {
    { "index", type = "int", value = "N", min = 1, help = "The service's container of this number" },
    { "all", help = "Into containers that 'compose run' made, too" },
    { "archive", short = "a", help = "Archive mode: in the container, files belong to its user; attributes and devices are kept" },
    { "follow-link", short = "L", help = "Always follow a symbolic link in SRC_PATH" },
  },
  uses = { "compose", "target" },
  examples = {
    { "compose cp web:/etc/nginx ./nginx", "A folder out of a service" },
    { "compose cp site/. web:/usr/share/nginx/html", "What is in a folder into all its containers" },
  },
  run = function(ctx)
    local transfer = require "copy.transfer"
    local way = direction.of(ctx.args.source, ctx.args.destination, "service")
    local scope = require("compose.cli").scope(ctx, { way.name })
    local nas = ctx:target()
    local containers = containers_of(ctx, scope, way, nas)
    if way.source == "-" and #containers > 1 then
      Error {
        category = "usage", code = "bad_arguments", message = "standard input can be copied into one container only",
        why = ("service '%s' has %d"):format(way.name, #containers), hint = "--index N",
      }
    end
    ctx:each_item(containers, function(c)
      transfer[way.into and "to_container" or "from_container"] {
        nas = nas, ctx = ctx, container = c.name, source = way.source, destination = way.destination,
        follow = ctx.flags.follow_link, archive = ctx.flags.archive, quiet = not require("tty").isatty(1),
      }
    end, { limit = 4 })
  end,
}
