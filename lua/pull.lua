-- pull: fetch images onto the NAS. POST /images/create.
local pull_output = require "create.pull_output"
local registry = require "transfer.registry"

local function pull(nas, name, f, show)
  local ref = registry.parse(name, f.all_tags)
  local _, err = try(nas.pull, nas, {
    ref = name, all_tags = f.all_tags, platform = f.platform, on_progress = function(message) show:message(message) end,
  })
  if err then registry.explain(nas, ref, err, "pull") end
end

-- Whether the policy says that nothing is to be fetched.
local function is_settled(nas, name, policy)
  if policy == "always" then return false end
  if nas:image(name):exists() then return true end
  if policy == "missing" then return false end
  Error {
    category = "not_found", code = "no_such_image", message = nas:cannot(("find image '%s'"):format(name)),
    why = "it is not there, and --policy never forbids to fetch it", hint = "qnap-docker pull " .. name,
  }
end

-- Returns the lines of one of several images, so that they stay together; a single one's are written as they come.
local function one(ctx, nas, name, several)
  local f = ctx.flags
  local lines = several and {} or nil
  local show = pull_output.new(ctx, { quiet = f.quiet, fd = "stdout", into = lines, prefix = several and name .. " " or "" })
  local _ <close> = defer(function() show:close() end)
  local ref = registry.parse(name, f.all_tags)
  if not is_settled(nas, name, f.policy) then
    if ref.implied and not f.all_tags and not f.quiet then show:write "Using default tag: latest\n" end
    pull(nas, name, f, show)
  end
  show:write(registry.full_name(ref, f.all_tags) .. "\n")
  return lines and table.concat(lines):gsub("\n$", "")
end

-- The first NAS that pulls is the source of the others; the order is that of the profiles.
local function relay(ctx, images)
  local source
  for _, name in ipairs(images) do require("transfer.relay").check(registry.parse(name, ctx.flags.all_tags)) end
  ctx.given.parallel = nil -- one after the other: the source comes first
  ctx:each_target(function(nas)
    for _, name in ipairs(images) do
      local ref = registry.parse(name, ctx.flags.all_tags)
      if not source then
        one(ctx, nas, name, false)
      else
        if not is_settled(nas, name, ctx.flags.policy) then require("transfer.relay").copy(ctx, source, nas, ref, ctx.flags.all_tags) end
        ctx:out(registry.full_name(ref, ctx.flags.all_tags) .. "\n")
      end
    end
    source = source or nas
  end)
end

return {
  summary = "Download images from a registry",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", variadic = true, label = "IMAGE" } },
  flags = {
    { "all-tags", short = "a", help = "Download all tagged images of the repository" },
    { "quiet", short = "q", help = "Print the name only" },
    require("create.platform").flag "os[/arch[/variant]] of the image",
    { "policy", type = "enum", values = { "always", "missing", "never" }, value = "WHEN", default = "always",
      help = "always; missing: only what the NAS does not have; never: fail then" },
    { "relay", help = "With several NASes: pull on the first, and copy to the others through this machine" },
    require("transfer.trust").flag,
  },
  uses = { "targets" },
  examples = {
    { "pull nginx", "The tag latest" },
    { "pull postgres:16 redis:7", "Several at once" },
    { "pull --policy missing app:1.2", "Only when it is not there" },
    { "pull --relay --all-profiles nginx", "On every NAS, asking the registry once" },
  },
  run = function(ctx)
    local images = ctx.args.image
    for _, image in ipairs(images) do require("transfer.trust").check(ctx.flags, image) end
    if ctx.flags.relay then return relay(ctx, images) end
    ctx:each_target(function(nas)
      ctx:heading(nas)
      if #images == 1 then return one(ctx, nas, images[1], false) end
      ctx:each_item(images, function(name) return one(ctx, nas, name, true) end, { limit = 3 })
    end)
  end,
}
