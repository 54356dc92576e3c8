-- The data of what moves: copied while it is written to, then, frozen, the rest of it, and compared. What was found on the way is kept
-- for this process alone: another one that goes on copies and compares all of it again.
-- Dependencies: carry, migrate.ahead, migrate.copies, task.
local ahead = require "migrate.ahead"
local carry = require "carry"
local copies = require "migrate.copies"
local task = require "task"

local M = {}

M.HELPER = "qnap-docker.helper" -- label of the containers that a copy works through
local ROUNDS, SMALL, FEW = 3, 1 << 20, 200 -- a further round while written to: at most so many; not for less than so many bytes, entries
local AHEAD = 1 -- copies that are begun beside the one whose turn it is

---A tree in a plan. JSON.
---@class migrate.TreeArgs
---@field key string for people
---@field from {target: string, volume?: string, path?: string, file?: boolean}
---@field to {volume?: string, path?: string, file?: boolean}
---@field images_from string[]
---@field images_to string[]

---@class migrate.OpenTree
---@field from carry.Tree
---@field to carry.Tree
---@field from_way carry.Way
---@field to_way carry.Way
---@field manifest? carry.Manifest of the source, before the last round of the warm copy
---@field after? carry.Manifest of the source, frozen
---@field delta? carry.Delta between these
---@field there? carry.Manifest of the target, before its hashes
---@field hashes_from? carry.Hashes of the warm copy
---@field hashes_to? carry.Hashes

local memory = {} -- id of a job -> key of a tree -> migrate.OpenTree

---Forgets what a job found.
---@param run plan.Run
function M.forget(run) memory[run.id] = nil end

local function tree_of(nas, place)
  return { nas = nas, volume = place.volume, path = place.path, file = place.file }
end

local function prepare(run, step, tree, images, read_only)
  local way = carry.way(tree, { images = images, target = not read_only or nil })
  local labels = run:labels(step)
  labels[M.HELPER] = tree.volume or tree.path
  carry.helper(tree, way, { labels = labels, read_only = read_only })
  return way
end

---@async
---@param run plan.Run
---@param step plan.Step on the target
---@param args migrate.TreeArgs
---@return migrate.OpenTree
function M.open(run, step, args)
  memory[run.id] = memory[run.id] or {}
  local known = memory[run.id][args.key]
  if known then return known end
  local from, to = tree_of(run.options.nas_of(args.from.target), args.from), tree_of(run:nas(step), args.to)
  local ways = task.all {
    function() return prepare(run, step, from, args.images_from, true) end,
    function() return prepare(run, step, to, args.images_to) end,
  }
  local open = { from = from, to = to, from_way = ways[1], to_way = ways[2] }
  memory[run.id][args.key] = open
  return open
end

---Whether this process has a warm copy of a tree.
---@param run plan.Run
---@param args migrate.TreeArgs
---@return boolean
function M.is_warm(run, args)
  local known = (memory[run.id] or {})[args.key]
  return known ~= nil and known.manifest ~= nil
end

local function both(a, b)
  local results = task.all { a, b }
  return results[1], results[2]
end

local function hash_warm(t)
  t.hashes_from, t.hashes_to = both(function() return carry.hash(t.from, t.from_way) end, function()
    t.there = carry.manifest(t.to, t.to_way)
    return carry.hash(t.to, t.to_way)
  end)
end

local function copy_warm(run, step, log)
  local args, options = step.args.tree, step.args
  local t, sum = M.open(run, step, args), copies.new_sum()
  local copy = copies.copier(t, args, options, log)
  local before = copies.fill(t, args, copy, sum, false)
  for _ = 1, ROUNDS do
    local after = carry.manifest(t.from, t.from_way)
    local d = carry.delta(before, after)
    if #d.changed + #d.removed == 0 then break end
    copies.debug(args, ("%d have changed"):format(#d.changed))
    before = after
    copies.apply_delta(t, d, copy, sum, false)
    if d.bytes < SMALL and #d.changed < FEW then break end
  end
  if options.verify ~= "size" then
    log(args.key .. ": hashing")
    copies.debug(args, "hashing")
    hash_warm(t)
  end
  t.manifest, t.empty = before, before.count <= 1
  copies.debug(args, "copied")
  return sum
end

-- What is copied next. A limited link is not shared, and copies past this machine write to one list of keys.
local function next_copies(run, step)
  if step.args.bandwidth or step.args.direct then return { step } end
  local out, here = {}, false
  for _, s in ipairs(run.plan.steps) do
    here = here or s.id == step.id
    if here and s.op == step.op and #out <= AHEAD then out[#out + 1] = s end
  end
  return out
end

---Copies a tree while it is written to, and again what changed meanwhile. The next one is begun, too.
---@async
---@param run plan.Run
---@param step plan.Step of a warm copy
---@return {bytes: integer, files: integer, unsupported: table[], notes: string[]}
function M.precopy(run, step)
  local done = false
  local _ <close> = defer(function()
    if not done then ahead.stop(run.id) end
  end)
  for _, s in ipairs(next_copies(run, step)) do
    local key = s.args.tree.key
    if s.id == step.id or not M.is_warm(run, s.args.tree) then
      ahead.begin(run.id, key, function(log) return copy_warm(run, s, log) end)
    end
  end
  local sum = ahead.take(run.id, step.args.tree.key, run.log)
  done = true
  return sum
end

---Copies what is left, now that nobody writes to it: all of it, where there is no warm copy.
---@async
---@param run plan.Run
---@param step plan.Step
---@param args migrate.TreeArgs
---@param options table
---@return {bytes: integer, files: integer, unsupported: table[], notes: string[]}
function M.delta(run, step, args, options)
  local t, sum = M.open(run, step, args), copies.new_sum()
  local copy = copies.copier(t, args, options, run.log)
  if t.manifest then
    t.after = carry.manifest(t.from, t.from_way)
    t.delta = carry.delta(t.manifest, t.after)
    copies.debug(args, ("copying the rest (%d)"):format(#t.delta.changed))
    copies.apply_delta(t, t.delta, copy, sum, true)
  else
    t.after = copies.fill(t, args, copy, sum, true)
  end
  t.empty = t.after.count <= 1
  return sum
end

local function renewed(hashes, delta, fresh)
  for _, list in ipairs { delta.changed, delta.removed } do
    for _, path in ipairs(list) do hashes[path] = nil end
  end
  for path, hash in pairs(fresh) do hashes[path] = hash end
  return hashes
end

local function hash_both(t, paths)
  if paths and #paths == 0 then return {}, {} end
  return both(
    function() return carry.hash(t.from, t.from_way, { paths = paths }) end, function() return carry.hash(t.to, t.to_way,
      { paths = paths }) end)
end

-- What somebody changed on the target since it was hashed, other than the copy itself.
local function tampered(t, now)
  local own, out = {}, {}
  for _, path in ipairs(t.delta.changed) do own[path] = true end
  for _, path in ipairs(carry.delta(t.there, now).changed) do
    if not own[path] then out[#out + 1] = path end
  end
  return out
end

-- Only what may differ is hashed again, while the target is looked at.
local function look(t, verify)
  local warm = t.delta and t.there
  local results = task.all {
    function() return carry.manifest(t.to, t.to_way) end,
    function()
      if verify == "size" then return {} end
      return table.pack(hash_both(t, warm and t.delta.changed or nil))
    end,
  }
  local now, from, to = results[1], results[2][1], results[2][2]
  if not warm or verify == "size" then return now, from, to end
  from, to = renewed(t.hashes_from, t.delta, from), renewed(t.hashes_to, t.delta, to)
  local more = { changed = tampered(t, now), removed = {} }
  local again_from, again_to = hash_both(t, more.changed)
  return now, renewed(from, more, again_from), renewed(to, more, again_to)
end

---Raises unless source and target are equal.
---@async
---@param run plan.Run
---@param step plan.Step
---@param args migrate.TreeArgs
---@param options table
---@raise fail "not_equal"
function M.verify(run, step, args, options)
  local t = M.open(run, step, args)
  local now, hashes_from, hashes_to = look(t, options.verify)
  local differences, count = carry.compare {
    manifest_from = t.after or carry.manifest(t.from, t.from_way), manifest_to = now, hashes_from = hashes_from, hashes_to = hashes_to,
    max = 5,
  }
  if #differences == 0 then return end
  Error {
    category = "fail", code = "not_equal", profile = run:nas(step).name,
      message = ("the copy of %s is not what was copied"):format(args.key),
    why = table.concat(differences, "\n") .. ((count or 0) > #differences and ("\nand %d more"):format(count - #differences) or ""),
  }
end

---Takes away what the engine filled a volume with, that is empty on the source, when it created a container with it.
---@async
---@param run plan.Run
---@param step plan.Step
---@param args migrate.TreeArgs
function M.clear_filled(run, step, args)
  local t = M.open(run, step, args)
  if not t.empty or not t.to_way.warm then return end
  local source = t.after or t.manifest
  local removed = carry.delta(carry.manifest(t.to, t.to_way), source).removed
  if #removed == 0 then return end
  carry.remove(t.to, t.to_way, removed)
  carry.copy { from = t.from, from_way = t.from_way, to = t.to, to_way = t.to_way, paths = { "." } }
end

---Whether a tree that was copied is empty, and what the engine fills it with cannot be taken away.
---@param run plan.Run
---@param args migrate.TreeArgs
---@return boolean
function M.must_stay_empty(run, args)
  local known = (memory[run.id] or {})[args.key]
  return known ~= nil and known.empty == true and not known.to_way.warm
end

return M
