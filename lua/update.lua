-- update: other limits and another restart policy for containers, while they run (POST /containers/{id}/update);
-- with --image another image, by way of another container. Both as a plan with --plan-out.
local limits = require("create.flags").update()
local image = require("recreate.image").flags()
local flags = table.move(image, 1, #image, #limits + 1, table.move(limits, 1, #limits, 1, {}))

-- The first flag of a list that was given.
local function given(ctx, list)
  for _, flag in ipairs(list) do
    if ctx.given[(flag[1]:gsub("-", "_"))] then return flag[1] end
  end
end

local function conflicting(flag, why)
  Error { category = "usage", code = "conflicting_flags", message = ("--%s %s"):format(flag, why), exit_code = 125 }
end

return {
  summary = "Update configuration of one or more containers",
  group = "containers",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "container", variadic = true, complete = "containers" } },
  flags = flags,
  uses = { "targets", "plan", "confirm" },
  description = "Nothing is changed unless all containers that are named can be. --memory keeps the swap on top of it as it was. "
    .. "With --image each container is made anew, with all its settings, volumes and networks; when the new one does not work "
    .. "the old one comes back, and the image it ran is kept for that.",
  examples = {
    { "update web --memory 1g --cpus 1.0", "Other limits, at once" },
    { "update db --memory 512m --swap 1g", "Half a gigabyte of memory and one of swap" },
    { "update --restart unless-stopped web db", "Another restart policy" },
    { "update --image web", "The newest image of the same name; the old container comes back when it does not work" },
    { "update --image=nginx:1.27 web", "Another image" },
    { "update web --memory 1g --dry-run", "Only what would change" },
    { "update --image --plan-out p.json web db", "A plan of it; 'apply p.json' does it later" },
  },
  run = function(ctx)
    if ctx.given.image then
      local limit = given(ctx, limits)
      if limit then conflicting(limit, "and --image are two steps: give one after the other") end
      return require("recreate.image").run(ctx, ctx.args.container)
    end
    local alone = given(ctx, image)
    if alone then conflicting(alone, "goes with --image") end
    if not given(ctx, limits) then
      Error {
        category = "usage", code = "nothing_to_change", message = "you must provide one or more flags when using this command",
        hint = "for example: qnap-docker update web --memory 1g", exit_code = 1,
      }
    end
    local plan = ctx.flags.plan_out and require("plan").new { command = "update " .. table.concat(ctx.args.container, " ") } or nil
    ctx:each_target(function(nas) require("update.apply").run(ctx, nas, plan) end)
    if plan and #ctx.failures == 0 and not ctx.code then ctx:apply(plan) end
  end,
}
