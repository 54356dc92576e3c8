-- update --image: containers get a newer image, and everything else stays. The old container comes back when the new one
-- does not prove itself, and its image stays as the point to go back to.
local recreate = require "recreate"

local M = {}

M.MONITOR = 10 -- seconds that a container without a healthcheck has to run

---The flags of update that belong to this.
---@return cli.Flag[]
function M.flags()
  return {
    { "image", type = "string", value = "REF", optional_value = "", complete = "images",
      help = "Recreate with a newer image (--image=REF: another one); goes back when it does not work" },
    { "monitor", type = "duration", value = "DURATION", default = "10s",
      help = "With --image: how long it has to run without a healthcheck" },
    { "pull", type = "enum", values = { "always", "missing", "never" }, value = "POLICY", default = "always",
      help = "With --image: whether to pull first: always, missing, never" },
  }
end

---`--image REF NAME` as it was meant: no container's name has ":" or "/" within, so such a word is the image.
---@param names string[] as they were typed
---@param ref string of --image=REF, or ""
---@return string[] names
---@return string ref
function M.words(names, ref)
  local containers, images = {}, {}
  for _, word in ipairs(names) do
    table.insert(word:find("[:/]", 2) and images or containers, word)
  end
  if #images == 0 then
    return names, ref
  elseif #images > 1 or ref ~= "" or #containers == 0 then
    Error {
      category = "usage", code = "bad_argument", message = ("'%s' is no container's name"):format(images[1]),
      hint = ("qnap-docker update --image=%s CONTAINER"):format(images[1]), exit_code = 1,
    }
  end
  return containers, images[1]
end

local function refuse(nas, name, why, hint)
  Error {
    category = "conflict", code = "not_recreatable", message = nas:cannot(("recreate container '%s'"):format(name)), why = why, hint = hint,
    profile = nas.name,
  }
end

local function image_of(nas, ref)
  local record, err = try(function()
    return nas:image(ref):inspect()
  end)
  if err and err.category ~= "not_found" then
    error(err, 0)
  end
  return record
end

-- A name for the image that is there: a container may have been made from an id, or its name may have moved on.
local function wanted(nas, record, name, ref)
  if ref and ref ~= "" then
    return ref
  elseif record.Config.Image:find "^sha256:" or record.Config.Image:find "^%x+$" then
    refuse(nas, name, "it was made from an image's id, which has nothing newer", "qnap-docker update --image=REF " .. name)
  end
  return record.Config.Image
end

local function pull(nas, ref, options)
  local before = image_of(nas, ref)
  if options.policy == "never" or (options.policy == "missing" and before) then
    return before or image_of(nas, ref)
  end
  nas:pull { ref = ref, on_progress = options.on_progress }
  return image_of(nas, ref)
end

-- The image is fetched when the plan is applied, once for all containers that get it.
local function add_pull(plan, nas, ref, there)
  for _, step in ipairs(plan.steps) do
    if step.op == "image.pull" and step.target == nas.name and step.args.ref == ref then return end
  end
  plan:add {
    target = nas.name, op = "image.pull", verb = "pull", danger = 0, args = { ref = ref, was = there and there.Id or nil },
    object = { kind = "image", name = ref },
  }
end

local function needs_pull(options, there)
  return options.policy == "always" or (options.policy == "missing" and not there)
end

local function add_container(plan, nas, name, options)
  local reader = require("plan").reader(nas)
  local record = reader:container(name):inspect()
  name = record.Name:gsub("^/", "")
  if record.HostConfig.AutoRemove then
    refuse(nas, name, "it was started with --rm: once stopped it is gone, and could not come back")
  end
  local ref, looks = wanted(nas, record, name, options.ref), options.dry_run or options.saved
  local new
  if looks then new = image_of(reader, ref) else new = pull(nas, ref, options) end
  if not new and (not looks or options.policy == "never") then
    refuse(nas, name, ("there is no image '%s'"):format(ref), "qnap-docker pull " .. ref)
  elseif new and new.Id == record.Image and not (looks and needs_pull(options, new)) then
    return name
  end
  if options.saved and needs_pull(options, new) then add_pull(plan, nas, ref, new) end
  local body = require("recreate.body").of(record, image_of(reader, record.Image) or {}, ref)
  recreate.note_points(body.Labels, record)
  local created = recreate.steps(plan, {
    target = nas.name, old = record, name = name, body = body, monitor = options.monitor or M.MONITOR, keep_volumes = true,
  })
  created.before = ("%s (%s)"):format(record.Config.Image, record.Image:sub(8, 19))
  created.after = ("%s (%s)"):format(ref, new and not (looks and needs_pull(options, new)) and new.Id:sub(8, 19) or "to be pulled")
end

---@class recreate.ImageOptions
---@field ref? string
---@field policy? "always"|"missing"|"never" whether to pull
---@field monitor? number seconds
---@field dry_run? boolean nothing is fetched
---@field saved? boolean nor now: fetching is a step of the plan
---@field into? plan.Plan more steps for this one
---@field on_progress? function

---The plan that gives containers an image; the image is fetched before. Containers that have it already are left out.
---@async
---@param nas docker.Nas
---@param names string[]
---@param options recreate.ImageOptions
---@return plan.Plan
---@return string[] unchanged names of containers that run that image already
function M.plan(nas, names, options)
  local unchanged = {}
  local plan = options.into or require("plan").new { command = "update --image " .. table.concat(names, " ") }
  for _, name in ipairs(names) do
    unchanged[#unchanged + 1] = add_container(plan, nas, name, options)
  end
  return plan, unchanged
end

local function say_unchanged(ctx, names)
  for _, name in ipairs(names) do ctx:note(("%s runs the newest image already"):format(name)) end
end

-- All containers of all NASes in one plan, which 'apply' does later.
local function save(ctx, names, ref)
  local plan = require("plan").new { command = "update --image " .. table.concat(names, " ") }
  ctx:each_target(function(nas)
    say_unchanged(ctx, select(2, M.plan(nas, names, {
      ref = ref, policy = ctx.flags.pull, monitor = ctx.flags.monitor, saved = true, into = plan,
    })))
  end)
  if #ctx.failures == 0 then ctx:apply(plan) end
end

-- One plan a container: what works stays when the next one does not.
local function one(ctx, nas, name, ref)
  local f = ctx.flags
  local plan, unchanged = M.plan(nas, { name }, {
    ref = ref, policy = f.pull, monitor = f.monitor, dry_run = f.dry_run or ctx.global.dry_run,
  })
  if #unchanged > 0 then
    say_unchanged(ctx, unchanged)
    return name
  end
  local _, err = try(ctx.apply, ctx, plan)
  if err then
    error(recreate.explain(err, name), 0)
  end
  return not (f.dry_run or ctx.global.dry_run) and name or nil
end

---What `update` does with --image.
---@async
---@param ctx cli.Context with the flags of M.flags()
---@param names string[]
function M.run(ctx, names)
  local ref
  names, ref = M.words(names, ctx.flags.image)
  if ctx.flags.plan_out then return save(ctx, names, ref) end
  ctx:each_target(function(nas)
    ctx:each_item(names, function(name)
      local shown = one(ctx, nas, name, ref)
      return shown and ctx:named(nas, shown)
    end, { limit = 1 })
  end)
end

return M
