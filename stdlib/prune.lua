-- The prunes: docker's flags, question and output; ours is the list of what goes, before the question.
local filters = require "prune.filters"
local output = require "cli.output"

local M = {}

local HEADINGS = {
  { "container", "Deleted Containers:" }, { "network", "Deleted Networks:" }, { "volume", "Deleted Volumes:" },
  { "image", "Deleted Images:" }, { "build cache", "Deleted build cache objects:" },
}
local SURE = "Are you sure you want to continue?"

---@class prune.Command
---@field parts string[] functions of prune.find, in docker's order
---@field warning fun(flags: table, shown: string[]): string docker's question without the last line
---@field total? boolean the sum is printed (default true)
---@field options? fun(part: string, flags: table): table what a part is asked for, beside the filters

-- What was removed from one NAS.
local function result_of(name)
  return { profile = name, reclaimed = 0, container = {}, network = {}, volume = {}, image = {}, ["build cache"] = {} }
end

local function image_lines(list, into)
  for _, item in ipairs(list) do
    into[#into + 1] = item.Untagged and item.Untagged ~= "" and "untagged: " .. item.Untagged or "deleted: " .. (item.Deleted or "")
  end
end

local function gather(result, step, done)
  local kind = step.object.kind
  if kind == "image" then
    image_lines(done.deleted or {}, result.image)
  elseif kind == "build cache" then
    table.move(done.deleted or {}, 1, #(done.deleted or {}), #result[kind] + 1, result[kind])
  else
    table.insert(result[kind], kind == "container" and step.object.id or step.object.name)
  end
  result.reclaimed = result.reclaimed + (done.reclaimed or (kind ~= "build cache" and step.bytes) or 0)
end

local function print_result(ctx, result, with_total)
  for _, heading in ipairs(HEADINGS) do
    local list = result[heading[1]]
    if #list > 0 then
      ctx:out(heading[2] .. "\n" .. table.concat(list, "\n") .. "\n\n")
    end
  end
  if with_total then
    ctx:out(("Total reclaimed space: %s\n"):format(require("units").human_size(result.reclaimed)))
  end
end

local function print_json(ctx, results)
  local json, out = require "json", require("json").array {}
  for i, r in ipairs(results) do
    out[i] = {
      profile = r.profile, reclaimed = r.reclaimed, containers = json.array(r.container), networks = json.array(r.network),
      volumes = json.array(r.volume), images = json.array(r.image), build_cache = json.array(r["build cache"]),
    }
  end
  ctx:out(json.encode(out, { indent = 2 }) .. "\n")
end

local function any_protected(profiles)
  for _, p in ipairs(profiles) do
    if p.protected then
      return true
    end
  end
  return false
end

-- docker's own question, wherever stdin is; on a terminal the list stands above it. True: yes. A protected NAS is asked about
-- whatever -f says.
local function ask(ctx, command, plan, names, shown, protected)
  local ui = require "ui"
  local flags, warning = ctx.flags, command.warning(ctx.flags, shown)
  local several = ctx.several
  if flags.yes or (flags.force and not several and not protected) then
    return true
  end
  if several or ui.is_tty "stderr" then
    output.err(require("plan.show").text(plan))
  end
  local level = plan:danger()
  if several then
    ctx:confirm { level = 2, question = ("Run '%s' on %d NAS%s?"):format(ctx.spec.name, #names, #names == 1 and "" or "es"), items = names }
    return true
  elseif ui.can_ask() and level == 3 then
    ctx:confirm { level = 3, question = warning, name = names[1] }
    return true
  elseif ctx.global.no_input or (protected and not ui.can_ask()) then
    ctx:confirm { level = 2, question = ("Run '%s'?"):format(ctx.spec.name) }
  end
  ctx:out(("%s%s [y/N] "):format(warning, SURE))
  return (ui.read_line() or ""):match "^%s*[yY]%s*$" ~= nil
end

local function steps_on(ctx, command, nas)
  local reader, out, gone = require("plan").reader(nas), {}, {}
  for _, part in ipairs(command.parts) do
    if not command.wants or command.wants(part, ctx.flags) then
      local options = command.options and command.options(part, ctx.flags) or {}
      options.filters, options.gone = filters.parse(ctx.flags.filter), gone
      for _, step in ipairs(require("prune.find")[part](reader, options)) do
        out[#out + 1] = step
        if step.object.kind == "container" then
          gone[step.object.id] = true
        end
      end
    end
  end
  return out
end

-- What goes, and the names of the NASes that could be asked. One of several that could not is left out, and told at the end.
local function make_plan(ctx, command, profiles, nas_of)
  local plan, names = require("plan").new { command = ctx.spec.name, keep_going = true }, {}
  for _, p in ipairs(profiles) do
    local steps, err = try(function() return steps_on(ctx, command, nas_of(p.name)) end)
    if err and (not ctx.several or ctx.global.fail_fast) then
      error(err, 0)
    elseif err then
      ctx.failures[#ctx.failures + 1] = { profile = p.name, err = err }
    else
      names[#names + 1] = p.name
    end
    for _, step in ipairs(steps or {}) do
      plan:add(step)
    end
  end
  return plan, names
end

-- What somebody took meanwhile, or needs by now, is no failure: docker leaves it out, too. The others, and on which NASes they are.
local function real_failures(run)
  local out, on = {}, {}
  for _, failure in ipairs(run and run.failed or {}) do
    local taken = failure.err.category == "conflict" and failure.err.code ~= "read_only_profile"
    if not taken and failure.err.category ~= "not_found" then
      out[#out + 1] = failure.err
      on[failure.step.target] = true
    end
  end
  return out, on
end

---Runs a prune.
---@async
---@param ctx cli.Context
---@param command prune.Command
function M.run(ctx, command)
  local profiles, nas_of = require("cli.targets").select(ctx), require("cli.apply").nas_of(ctx)
  if command.check then
    command.check(ctx.flags)
  end
  local plan, names = make_plan(ctx, command, profiles, nas_of)
  if #names == 0 then
    return
  end
  local results, by_name = {}, {}
  for i, name in ipairs(names) do
    results[i] = result_of(name)
    by_name[name] = results[i]
  end
  local shown_only = ctx.flags.dry_run or ctx.global.dry_run or ctx.flags.plan_out
  if not shown_only and not ask(ctx, command, plan, names, filters.parse(ctx.flags.filter).shown, any_protected(profiles)) then
    return -- docker ends with 0, and without a word
  end
  local run = ctx:apply(plan, {
    asked = true, quiet = true,
    on_done = function(step, done) gather(by_name[step.target], step, done) end,
  })
  local failures, failed_on = real_failures(run)
  if shown_only then
    return
  elseif ctx.flags.json then
    print_json(ctx, results)
  else
    for _, result in ipairs(results) do
      if ctx.several then
        ctx:out(result.profile .. ":\n")
      end
      print_result(ctx, result, command.total ~= false and not failed_on[result.profile])
    end
  end
  require("cli.items").report(ctx, failures)
end

---The flag of prunes that take images.
---@type cli.Flag
M.KEEP_ROLLBACK = {
  "keep-rollback", type = "int", value = "N", default = 1, min = 0, max = 10,
  help = "How many images stay that 'update --image' replaced, for each container",
}

---The flags of a prune.
---@param more cli.Flag[]
---@return cli.Flag[]
function M.flags(more)
  local all = {
    { "filter", type = "list", value = "KEY=VALUE", help = "Only what matches: label=KEY[=VALUE], label!=…, until=TIME" },
    { "force", short = "f", help = "Do not ask" },
  }
  return table.move(more, 1, #more, #all + 1, all)
end

return M
