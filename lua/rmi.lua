-- rmi: take names of images away, and images with their last name. DELETE /images/{name}.
local unused = require "listing.unused"

local function print_answer(ctx, steps)
  for _, step in ipairs(steps) do
    if step.Deleted then ctx:out(("Deleted: %s\n"):format(step.Deleted)) end
    if step.Untagged then ctx:out(("Untagged: %s\n"):format(step.Untagged)) end
  end
end

-- One after the other, as docker does: what a name means may depend on those before it.
local function remove(ctx, nas, names)
  local f, failed, all_absent = ctx.flags, {}, true
  for _, name in ipairs(names) do
    local steps, err = try(function()
      return nas:image(name):remove { force = f.force, keep_parents = f.no_prune, platforms = f.platform }
    end)
    if steps then
      print_answer(ctx, steps)
    else
      failed[#failed + 1] = unused.explain(nas, err)
      all_absent = all_absent and err.category == "not_found"
    end
  end
  if f.force and all_absent then -- docker says so, and goes on
    for _, err in ipairs(failed) do ctx:note("Error response from daemon: " .. (err.engine or err.why or err.message)) end
    return
  end
  if #failed == 1 then error(failed[1], 0) end
  require("cli.items").report(ctx, failed)
end

local function names_of(image)
  local names = {}
  for _, tag in ipairs(image.RepoTags or {}) do
    if not tag:find "<none>" then names[#names + 1] = tag end
  end
  return #names > 0 and names or { image.Id }
end

local function remove_unused(ctx, nas)
  local images, spared = unused.images(nas, unused.age(ctx.flags.older_than), ctx.flags.include_rollback)
  if #spared > 0 then
    local what = #spared == 1 and "image is kept that a container" or "images are kept that containers"
    ctx:note(("%d %s can be rolled back to (--include-rollback removes %s)"):format(#spared, what, #spared == 1 and "it" or "them"))
  end
  if #images == 0 then return ctx:note(("no unused image on %s"):format(nas.name)) end
  local items, names, bytes = {}, {}, 0
  for i, image in ipairs(images) do
    items[i], bytes = unused.describe(image), bytes + image.Size
    table.move(names_of(image), 1, #names_of(image), #names + 1, names)
  end
  ctx:confirm {
    level = 2, items = items, question = ("Remove %d unused image%s on %s?"):format(#images, #images == 1 and "" or "s", nas.name),
  }
  local before = nas:df().LayersSize
  remove(ctx, nas, names)
  local after = nas:df().LayersSize
  local freed = before and after and math.max(0, before - after)
  ctx:note(("freed %s"):format(require("units").human_size(freed or bytes, 4)))
end

local function check(ctx)
  local f, given = ctx.flags, #ctx.args.image > 0
  if f.unused and given then
    Error { category = "usage", code = "conflicting_flags", message = "name images, or give --unused; not both" }
  elseif f.older_than and not f.unused then
    Error { category = "usage", code = "conflicting_flags", message = "--older-than goes with --unused" }
  elseif f.include_rollback and not f.unused then
    Error { category = "usage", code = "conflicting_flags", message = "--include-rollback goes with --unused" }
  elseif not given and not f.unused then
    Error {
      category = "usage", code = "missing_argument", exit_code = 1, message = "'rmi' needs at least one image",
      hint = "qnap-docker rmi IMAGE [IMAGE...]\nor --unused",
    }
  end
end

return {
  summary = "Remove one or more images",
  group = "images",
  docker = true,
  writes = true,
  usage_exit = { flag = 125, args = 1 },
  args = { { "image", variadic = true, optional = true, complete = "images" } },
  flags = {
    { "force", short = "f", help = "Also when several names, or stopped containers, use it" },
    { "no-prune", help = "Keep untagged parents" },
    { "platform", type = "list", value = "OS/ARCH", help = "Only this variant of the image (repeatable)" },
    { "unused", help = "All images that no container uses, after a question" },
    { "older-than", type = "string", value = "AGE", check = unused.bad_age, help = "With --unused: only those created longer ago (30d)" },
    { "include-rollback", help = "With --unused: also what 'update --image' keeps to go back to" },
  },
  uses = { "targets", "confirm" },
  examples = {
    { "rmi app:1.1", "One name" },
    { "rmi --unused --older-than 30d", "Old images that no container uses" },
  },
  run = function(ctx)
    check(ctx)
    ctx:each_target(function(nas)
      ctx:heading(nas)
      if ctx.flags.platform[1] then require("docker.bundles").need_platform(nas, ctx.flags.platform[1], "1.50") end
      if ctx.flags.unused then return remove_unused(ctx, nas) end
      remove(ctx, nas, ctx.args.image)
    end)
  end,
}
