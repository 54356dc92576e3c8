-- system prune: remove unused containers, networks, images and build cache; with --volumes anonymous volumes.
local prune = require "prune"

local function warning(flags, shown)
  local out = { "WARNING! This will remove:", "  - all stopped containers", "  - all networks not used by at least one container" }
  if flags.volumes then out[#out + 1] = "  - all anonymous volumes not used by at least one container" end
  out[#out + 1] = flags.all and "  - all images without at least one container associated to them" or "  - all dangling images"
  out[#out + 1] = (flags.all or flags.build_cache) and "  - all build cache" or "  - unused build cache"
  if #shown > 0 then
    out[#out + 1] = "\n  Items to be pruned will be filtered with:"
    for _, filter in ipairs(shown) do out[#out + 1] = "  - " .. filter end
  end
  return table.concat(out, "\n") .. "\n\n"
end

local function options(part, flags)
  return { all = part ~= "volumes" and flags.all or (part == "cache" and flags.build_cache), keep_rollback = flags.keep_rollback }
end

local function check(flags)
  if not flags.volumes then return end
  for _, filter in ipairs(flags.filter) do
    if filter:find "^until=" then
      Error {
        category = "usage", code = "conflicting_flags", message = 'The "until" filter is not supported with "--volumes"',
        why = "volumes do not tell when they were used", exit_code = 1,
      }
    end
  end
end

return {
  summary = "Remove unused data",
  group = "system",
  description = "Lists what goes before it asks. What bears the label qnap-docker.keep=true, and images that a container would be\n"
    .. "rolled back to, stay.",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  flags = prune.flags {
    { "all", short = "a", help = "All unused images, not just dangling ones" },
    { "volumes", help = "Anonymous volumes, too" },
    { "build-cache", help = "All unused build cache, not just dangling one" },
    prune.KEEP_ROLLBACK,
  },
  uses = { "targets", "plan", "json", "confirm" },
  examples = {
    { "system prune --dry-run", "What would go, and how many bytes" },
    { "system prune -af", "All unused images, without a question" },
  },
  run = function(ctx)
    prune.run(ctx, {
      parts = { "containers", "networks", "volumes", "images", "cache" },
      wants = function(part, flags) return part ~= "volumes" or flags.volumes end,
      options = options,
      check = check,
      warning = warning,
    })
  end,
}
