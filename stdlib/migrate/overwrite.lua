-- A copy of a volume beside it, before it gets other data; and the way back. Dependencies: carry, plan.ops.migrate (labels).
local carry = require "carry"

local M = {}

local LABEL, STEP = "qnap-docker.journal", "qnap-docker.step"
M.OF = "qnap-docker.copy-of" -- label of the copy: the volume

local function refuse_used(nas, volume)
  for _, c in ipairs(nas:containers { filters = { volume = { volume } } }) do
    if not (c.Labels or {})[require("migrate.trees").HELPER] then
      Error {
        category = "conflict", code = "volume_in_use", profile = nas.name, message = nas:cannot(("overwrite volume '%s'"):format(volume)),
        why = ("container %s has it and runs"):format(c.Names[1]:gsub("^/", "")), hint = "stop it first: qnap-docker stop",
      }
    end
  end
end

local function opened(nas, step, run, volume)
  local tree = { nas = nas, volume = volume }
  local way = carry.way(tree, { images = step.args.images })
  local labels = run:labels(step)
  labels[require("migrate.trees").HELPER] = volume
  carry.helper(tree, way, { labels = labels })
  return tree, way
end

-- One volume gets the content of another on the same NAS.
local function pour(nas, step, run, from, to)
  local a, way_a = opened(nas, step, run, from)
  local b, way_b = opened(nas, step, run, to)
  if not (way_a.warm and way_b.warm) then
    Error {
      category = "unsupported", code = "no_shell", profile = nas.name, message = nas:cannot(("overwrite volume '%s'"):format(to)),
      why = way_a.why or way_b.why, hint = "use an account that is an administrator",
    }
  end
  local is, was = carry.manifest(a, way_a), carry.manifest(b, way_b)
  local d = carry.delta(was, is)
  if #d.removed > 0 then carry.remove(b, way_b, d.removed) end
  carry.copy { from = a, from_way = way_a, to = b, to_way = way_b, frozen = true }
  local differences = carry.compare {
    manifest_from = is, manifest_to = carry.manifest(b, way_b), hashes_from = carry.hash(a, way_a), hashes_to = carry.hash(b, way_b),
  }
  if #differences > 0 then
    Error {
      category = "fail", code = "not_equal", profile = nas.name, message = ("the copy of volume '%s' is not what was copied"):format(from),
      why = table.concat(differences, "\n", 1, math.min(5, #differences)),
    }
  end
end

local function spare_of(nas, step, run)
  for _, v in ipairs((nas:volumes {})) do
    local labels = v.Labels or {}
    if labels[LABEL] == run.id and labels[STEP] == step.id and labels[M.OF] == step.args.volume then return v end
  end
end

---@async
---@param nas docker.Nas
---@param step plan.Step
---@param run plan.Run
---@return {spare: string}
function M.keep(nas, step, run)
  refuse_used(nas, step.args.volume)
  local old = spare_of(nas, step, run)
  local name = old and old.Name or ("%s-before-%s"):format(step.args.volume, run.id)
  if not old then
    local labels = run:labels(step)
    labels[M.OF] = step.args.volume
    require("plan.made").surely(nas.create_volume, nas, { name = name, labels = labels })
  end
  pour(nas, step, run, step.args.volume, name)
  run.log(("what it held is in volume %s"):format(name))
  require("notices").note(("what volume %s of %s held is in volume %s"):format(step.args.volume, nas.name, name))
  return { spare = name }
end

---@async
---@param nas docker.Nas
---@param step plan.Step
---@param run plan.Run
function M.bring_back(nas, step, run)
  local spare = spare_of(nas, step, run)
  if not spare then return end
  -- Half a copy is known by its record: only a whole one was ever followed by other data.
  if (run.results[step.id] or {}).spare then
    refuse_used(nas, step.args.volume)
    pour(nas, step, run, spare.Name, step.args.volume)
  end
  require("plan.ops.migrate").remove_helpers(nas, run)
  nas:volume(spare.Name):remove()
end

return M
