-- volume update: docker has it for cluster volumes of swarm mode alone, which a NAS does not have.
return {
  summary = "Update a volume (cluster volumes only)",
  group = "volumes",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "volume", complete = "volumes" } },
  flags = { { "availability", type = "string", value = "STATE", default = "active", help = "active, pause or drain" } },
  uses = { "targets" },
  examples = { { "volume update --availability drain data" } },
  run = function(ctx)
    local name = ctx.args.volume
    ctx:each_target(function(nas)
      require("docker.bundles").need(nas, "1.42", "volume update")
      local volume = nas:volume(name):inspect()
      local swarm = type(volume.ClusterVolume) == "table"
      Error {
        category = "unsupported", code = swarm and "no_swarm" or "no_cluster_volume",
        message = nas:cannot(("update volume '%s'"):format(name)),
        why = swarm and "volumes of swarm mode are not managed here" or "can only update cluster volumes, and it is none",
        hint = "a volume is changed by making another one: qnap-docker volume create",
      }
    end)
  end,
}
