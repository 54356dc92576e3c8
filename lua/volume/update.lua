-- volume update: docker has it for cluster volumes of swarm mode alone, which a NAS does not have.
return {
  summary = "Update a volume (cluster volumes only)",
  group = "volumes",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "volume", optional = true, complete = "volumes" } },
  flags = { { "availability", type = "string", value = "STATE", default = "active", help = "active, pause or drain" } },
  uses = { "targets" },
  examples = { { "volume update --availability drain data" } },
  run = function(ctx)
    Error {
      category = "unsupported", code = "no_swarm", message = ("cannot update volume '%s'"):format(ctx.args.volume or ""),
      why = "only cluster volumes of swarm mode can be updated, and those are not managed here",
      hint = "a volume is changed by making another one: qnap-docker volume create",
    }
  end,
}
