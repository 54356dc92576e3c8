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

---The plan that gives containers an image; the image is fetched before. Containers that have it already are left out.
---@async
---@param nas docker.Nas
---@param names string[]
---@param options {ref?: string, policy?: string, monitor?: number, dry_run?: boolean, on_progress?: function}
---@return plan.Plan
---@return string[] unchanged names of containers that run that image already
function M.plan(nas, names, options)
  local reader, unchanged = require("plan").reader(nas), {}
  local plan = require("plan").new { command = "update --image " .. table.concat(names, " ") }
  for _, name in ipairs(names) do
    local record = reader:container(name):inspect()
    name = record.Name:gsub("^/", "")
    if record.HostConfig.AutoRemove then
      refuse(nas, name, "it was started with --rm: once stopped it is gone, and could not come back")
    end
    local ref = wanted(nas, record, name, options.ref)
    local new = options.dry_run and image_of(reader, ref) or not options.dry_run and pull(nas, ref, options)
    if not options.dry_run and not new then
      refuse(nas, name, ("there is no image '%s'"):format(ref), "qnap-docker pull " .. ref)
    elseif new and new.Id == record.Image and not options.dry_run then
      unchanged[#unchanged + 1] = name
    else
      local body = require("recreate.body").of(record, image_of(reader, record.Image) or {}, ref)
      body.Labels[recreate.ROLLBACK] = record.Image
      local created = recreate.steps(plan, {
        target = nas.name, old = record, name = name, body = body, monitor = options.monitor or M.MONITOR, keep_volumes = true,
      })
      created.before = ("%s (%s)"):format(record.Config.Image, record.Image:sub(8, 19))
      created.after = ("%s (%s)"):format(ref, new and new.Id:sub(8, 19) or "to be pulled")
    end
  end
  return plan, unchanged
end

-- One plan a container: what works stays when the next one does not.
local function one(ctx, nas, name, ref)
  local f = ctx.flags
  local plan, unchanged = M.plan(nas, { name }, {
    ref = ref, policy = f.pull, monitor = f.monitor, dry_run = f.dry_run or ctx.global.dry_run,
  })
  if #unchanged > 0 then
    ctx:note(("%s runs the newest image already"):format(name))
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
  ctx:each_target(function(nas)
    ctx:each_item(names, function(name)
      local shown = one(ctx, nas, name, ref)
      return shown and ctx:named(nas, shown)
    end, { limit = 1 })
  end)
end

return M
