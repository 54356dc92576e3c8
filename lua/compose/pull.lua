-- compose pull: fetch the images of services. POST /images/create. Restarts nothing.
local pull = require "compose.pull"
local tables = require "compose.tables"

local MISSING = { missing = true, if_not_present = true }

-- Services to fetch for, by the image that they run and the policy that counts.
local function wanted(project, names, f)
  local out = { always = {}, missing = {} }
  local skipped = {}
  for _, name in ipairs(names) do
    local service = project.model.services[name]
    local why = pull.skipped(service, f)
    if why then
      skipped[#skipped + 1] = { name, why }
    else
      local of = out[MISSING[f.policy or service.pull_policy] and "missing" or "always"]
      of[service.image] = of[service.image] or {}
      table.insert(of[service.image], name)
    end
  end
  return out, skipped
end

-- Fetches one policy's images, with a line for each service.
local function fetch(ctx, nas, project, by_image, policy, tree)
  local refs, platforms = tables.sorted(by_image), {}
  local function each(ref, fn)
    for _, name in ipairs(by_image[ref]) do fn(tree:service(name), name) end
  end
  for _, ref in ipairs(refs) do
    each(ref, function(line, name)
      platforms[ref] = platforms[ref] or project.model.services[name].platform
      line:update { state = "pulling" }
    end)
  end
  return pull.images(nas, refs, {
    policy = policy, platforms = platforms, limit = ctx.given.parallel and ctx.global.parallel or nil,
    on_progress = function(ref, message)
      local words = (message.id and message.id .. " " or "") .. (message.status or "")
      each(ref, function(line) line:update { state = "pulling", msg = words } end)
    end,
    on_end = function(ref, result)
      each(ref, function(line)
        if result.err then return line:fail(result.err.why or result.err.message) end
        line:done(result.fetched and (result.id == result.was and "up to date" or "pulled") or "already there")
      end)
    end,
  })
end

-- What would be asked for.
local function show(ctx, nas, by_policy)
  for _, policy in ipairs { "always", "missing" } do
    for _, ref in ipairs(tables.sorted(by_policy[policy])) do
      if policy == "always" or not nas:image(ref):exists() then
        ctx:out(("pull %s for %s\n"):format(ref, table.concat(by_policy[policy][ref], ", ")))
      end
    end
  end
end

-- Failures that count; of what can be built instead, it is said how.
local function report(ctx, by_image, results)
  local errors, buildable = {}, {}
  for _, ref in ipairs(tables.sorted(results)) do
    local err = results[ref].err
    if err then
      errors[#errors + 1] = err
      for _, name in ipairs(by_image[ref]) do
        if ctx.project.model.services[name].build then buildable[#buildable + 1] = name end
      end
    end
  end
  if #buildable > 0 then
    table.sort(buildable)
    ctx:warn("some images must be built: qnap-docker compose build " .. table.concat(buildable, " "))
  end
  if not ctx.flags.ignore_pull_failures then return require("cli.items").report(ctx, errors) end
  for _, err in ipairs(errors) do ctx:warn(err.message .. (err.why and ": " .. err.why or "")) end
end

-- Services whose containers run an image that their name no longer stands for.
local function tell_newer(ctx, nas, by_image, results)
  local newer, ids = {}, {}
  for ref, names in pairs(by_image) do
    for _, name in ipairs(names) do ids[name] = results[ref] and results[ref].id end
  end
  for _, c in ipairs(require("compose.observe").list(nas, ctx.project.name)) do
    if not c.oneoff and ids[c.service] and c.image_id ~= ids[c.service] then newer[c.service] = true end
  end
  local names = tables.sorted(newer)
  if #names == 0 then return end
  ctx:note(("newer than %s container%s: %s"):format(#names == 1 and "its" or "their", #names == 1 and "" or "s", table.concat(names, ", ")))
  ctx:note("'qnap-docker compose up' applies " .. (#names == 1 and "it" or "them"))
end

return {
  summary = "Pull the images of services",
  group = "compose",
  docker = true,
  writes = true,
  description = "Fetches what the files name, and says afterwards which services have a newer image than their containers. Nothing is\n"
    .. "restarted: 'compose up' applies it.",
  args = { { "service", variadic = true, optional = true, complete = "compose.services", help = "Only these services" } },
  flags = {
    { "include-deps", help = "The services that they depend on, too" },
    { "ignore-buildable", help = "Not the images that can be built" },
    { "ignore-pull-failures", help = "Pull what can be pulled, and warn of the others" },
    { "policy", type = "enum", values = { "missing", "always" }, value = "POLICY", help = "missing: only what the NAS does not have" },
    { "quiet", short = "q", help = "No progress" },
  },
  uses = { "compose", "target", "dry_run" },
  examples = { { "compose pull", "The images of all services" }, { "compose pull --policy missing web", "One, unless it is there" } },
  run = function(ctx)
    local f = ctx.flags
    local project = require("compose.up").load(ctx, ctx.args.service)
    ctx.project = project
    local names = require("compose.chosen").services(project, ctx.args.service, f.include_deps)
    local by_policy, skipped = wanted(project, names, f)
    local nas = ctx:target()
    if f.dry_run then return show(ctx, nas, by_policy) end
    local tree = require("compose.tree").new(ctx:progress(), nas.name)
    for _, row in ipairs(skipped) do tree:service(row[1]):skip(row[2]) end
    local by_image, results = {}, {}
    for _, policy in ipairs { "missing", "always" } do
      for ref, result in pairs(fetch(ctx, nas, project, by_policy[policy], policy, tree)) do results[ref] = result end
      for ref, list in pairs(by_policy[policy]) do by_image[ref] = list end
    end
    if ctx.display then ctx.display:close() end
    report(ctx, by_image, results)
    tell_newer(ctx, nas, by_image, results)
  end,
}
