-- volume rm: DELETE /volumes/{name}.

-- Who holds it, so that the reader knows what to remove first.
local function explain(nas, name, err)
  local ok, users = pcall(require("listing.volumes").consumers, nas, name)
  if not ok or #users == 0 then return end
  err.code = "volume_in_use"
  err.why = ("it is used by %s %s"):format(#users == 1 and "container" or "containers", table.concat(users, ", "))
  err.hint = ("qnap-docker rm -f %s"):format(table.concat(users, " "))
end

-- On a protected NAS data does not go by a single letter.
local function ask(ctx, nas, name)
  if not nas.profile.protected then return end
  local volumes = require "listing.volumes"
  local volume = try(function() return nas:volume(name):inspect() end)
  if not volume then return end -- the removal says what is wrong
  local list = { volume }
  try(volumes.add_sizes, nas, list)
  local size, project = volumes.size_text(volume), volumes.project(volume)
  ctx:confirm {
    level = 3, name = name, question = ("Remove volume '%s' of %s, and the data in it?"):format(name, nas.name),
    items = { ("%s  %s%s"):format(name, size, project and ", project " .. project or "") },
  }
end

return {
  summary = "Remove one or more volumes",
  group = "volumes",
  docker = true,
  writes = true,
  asks = true,
  usage_exit = { flag = 125, args = 1 },
  description = "A volume that a container uses, running or not, cannot be removed. Its data is gone afterwards; on a\n"
    .. "protected NAS its name has to be typed.",
  args = { { "volume", variadic = true, complete = "volumes" } },
  flags = { { "force", short = "f", help = "Do not mind volumes that do not exist" } },
  uses = { "targets", "confirm" },
  examples = { { "volume rm data" }, { "volume rm old-1 old-2", "Several at once" } },
  run = function(ctx)
    ctx:each_target(function(nas)
      for _, name in ipairs(ctx.args.volume) do ask(ctx, nas, name) end
      ctx:each_item(ctx.args.volume, function(name)
        local _, err = try(function() nas:volume(name):remove { force = ctx.flags.force } end)
        if not err then return ctx:named(nas, name) end
        if err.category == "conflict" then explain(nas, name, err) end
        error(err, 0)
      end)
    end)
  end,
}
