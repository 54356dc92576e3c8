-- volume create: POST /volumes/create.
local cluster_volume = require "create.cluster_volume"

local function name_of(ctx)
  local named, given = ctx.flags.name, ctx.args.volume
  if named and named ~= "" and given then
    Error {
      category = "usage", code = "conflicting_names", message = "the volume is named twice", exit_code = 1,
      why = "conflicting options: cannot specify a volume-name through both --name and as a positional arg",
    }
  end
  return given or named -- empty: an anonymous one
end

-- The engine gives back the volume that is there, whatever its options; docker passes that on in silence.
local function warn_difference(ctx, made, wanted)
  for _, pair in ipairs { { "option", wanted.driver_opts, made.Options }, { "label", wanted.labels, made.Labels } } do
    local kind, mine, theirs = pair[1], pair[2], type(pair[3]) == "table" and pair[3] or {}
    for key, value in pairs(mine) do
      if theirs[key] ~= value then
        ctx:warn(("volume '%s' was there already, and its %s '%s' is not what was asked for"):format(made.Name, kind, key))
        return true
      end
    end
  end
  return false
end

return {
  summary = "Create a volume",
  group = "volumes",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  description = "A volume of that name and driver that exists already is left as it is and named again, as docker does. "
    .. "With --exact that is a failure (exit code 6) when its options or labels differ from what was asked for.",
  args = { { "volume", optional = true } },
  flags = table.move(cluster_volume.flags, 1, #cluster_volume.flags, 6, {
    { "driver", short = "d", type = "string", value = "NAME", default = "local", help = "Volume driver" },
    { "label", type = "list", value = "K=V", help = "Set a label" },
    { "opt", short = "o", type = "list", value = "K=V", help = "Option of the driver" },
    { "name", type = "string", hidden = true, help = "Its name" },
    { "exact", help = "Fail when it exists with other options" },
  }),
  uses = { "targets" },
  examples = {
    { "volume create data" },
    { "volume create -o type=none -o o=bind -o device=/share/CACHEDEV1_DATA/Public/data data", "A folder of the NAS as a volume" },
  },
  run = function(ctx)
    local f = ctx.flags
    local wanted = {
      name = name_of(ctx), driver = f.driver, driver_opts = require("create.network").map(f.opt),
      labels = require("create.env").labels(nil, f.label), cluster = cluster_volume.spec(f, ctx.given),
    }
    ctx:each_target(function(nas)
      for _, flag in ipairs(cluster_volume.given(ctx.given)) do require("docker.bundles").need(nas, "1.42", flag) end
      local made = nas:create_volume(wanted)
      if wanted.name and warn_difference(ctx, made, wanted) and f.exact then
        Error {
          category = "conflict", code = "volume_differs", message = nas:cannot(("create volume '%s'"):format(wanted.name)),
          why = "it exists with other options or labels, and a volume's cannot be changed",
          hint = ("qnap-docker volume inspect %s"):format(wanted.name),
        }
      end
      ctx:out(ctx:named(nas, made.Name) .. "\n")
    end)
  end,
}
