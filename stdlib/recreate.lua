-- Another container in the place of one: the old one is kept, stopped and renamed, until the new one has proved itself.
-- Its steps stand in a plan (plan.*), so a failure, Ctrl-C or a crash leads back to the old one.
local M = {}

M.ROLLBACK = "qnap-docker.rollback" -- label: id of the image that the replaced container ran
M.OLDER = "qnap-docker.rollback-older" -- label: ids of images before that, the newest first

local MOST_OLDER = 9

---Ids of the images that a container could go back to, the newest first.
---@param labels? table<string, string> of the container
---@return string[]
function M.points(labels)
  labels = labels or {}
  local out = { labels[M.ROLLBACK] }
  for id in (labels[M.OLDER] or ""):gmatch "%S+" do out[#out + 1] = id end
  return out
end

---Notes in the labels of a new container which images it could go back to.
---@param labels table<string, string>
---@param old table inspect record of the one that it replaces
function M.note_points(labels, old)
  local older = {}
  for _, id in ipairs(M.points(old.Config.Labels)) do
    if id ~= old.Image and #older < MOST_OLDER then older[#older + 1] = id end
  end
  labels[M.ROLLBACK], labels[M.OLDER] = old.Image, #older > 0 and table.concat(older, " ") or nil
end

---@class recreate.Options
---@field target string profile
---@field old table inspect record of the container that goes
---@field name string that the new one gets
---@field body table of the new one, as the engine takes it
---@field platform? string
---@field start? boolean default: the old one runs
---@field monitor? number seconds that the new one has to run before the old one is removed
---@field timeout? number seconds until it has to be healthy
---@field keep_volumes? boolean anonymous volumes of the old one stay (the new one has them)
---@field prove? boolean default true: the new one has to prove itself before the old one is removed
---@field may_end? boolean a new one that ends with code 0 has proved itself, too

-- A name that says what it is, and that two runs do not share.
local function aside(name, old)
  return ("%s-replaced-%s"):format(name, old.Id:sub(1, 8))
end

---Adds the steps of a replacement to a plan. What the new container's image needs must be there.
---@param plan plan.Plan
---@param options recreate.Options
---@return plan.Step created the step that creates the new container
function M.steps(plan, options)
  local old, name, target = options.old, options.name, options.target
  local start = options.start
  if start == nil then
    start = old.State.Running
  end
  plan.undo_on_failure = true
  local object = { kind = "container", name = name, id = old.Id }
  local function add(op, args, more)
    local step = { target = target, op = op, args = args, verb = op:match "%a+$", object = object, danger = 0, quiet = true }
    for key, value in pairs(more or {}) do
      step[key] = value
    end
    return plan:add(step)
  end
  local spare = ("%s-new-%s"):format(name, old.Id:sub(1, 8))
  local created = add("container.create", { name = spare, body = options.body, platform = options.platform, secrets_from = old.Id }, {
    verb = "replace", quiet = false, danger = 1, before = old.Config.Image, after = options.body.Image,
  })
  local old_name = old.Name:gsub("^/", "")
  if old.State.Running then
    add("container.stop", { container = old.Id })
  end
  add("container.rename", { container = old.Id, to = aside(name, old), was = old_name })
  add("container.rename", { from = created.id, to = name, was = spare })
  if start then
    add("container.start", { from = created.id })
    if options.prove ~= false then
      local proof = { from = created.id, monitor = options.monitor, timeout = options.timeout, may_end = options.may_end }
      add("container.prove", proof)
    end
  end
  add("container.remove", { container = old.Id, volumes = not options.keep_volumes })
  return created
end

---A failed replacement, in words of what became of the old container.
---@param err Error
---@param name string
---@return Error
function M.explain(err, name)
  if err.undone then
    err.why = ("%s; the old container '%s' is back as it was"):format(err.engine or err.why or err.code or "it failed", name)
  end
  return err
end

return M
