-- update: other limits and another restart policy for containers, while they run. POST /containers/{id}/update.
local flags = require("create.flags").update()

local function any_given(ctx)
  for _, flag in ipairs(flags) do
    if ctx.given[(flag[1]:gsub("-", "_"))] then return true end
  end
  return false
end

return {
  summary = "Update configuration of one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers" } },
  flags = flags,
  uses = { "targets", "dry_run" },
  description = "Nothing is changed unless all containers that are named can be. --memory keeps the swap on top of it as it was.",
  examples = {
    { "update web --memory 1g --cpus 1.0", "Other limits, at once" },
    { "update db --memory 512m --swap 1g", "Half a gigabyte of memory and one of swap" },
    { "update --restart unless-stopped web db", "Another restart policy" },
    { "update web --memory 1g --dry-run", "Only what would change" },
  },
  run = function(ctx)
    if not any_given(ctx) then
      Error {
        category = "usage", code = "nothing_to_change", message = "you must provide one or more flags when using this command",
        hint = "for example: qnap-docker update web --memory 1g", exit_code = 1,
      }
    end
    ctx:each_target(function(nas) require("update.apply").run(ctx, nas) end)
  end,
}
