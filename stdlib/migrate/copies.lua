-- Copies of a tree that moves: all of it, or what differs; and what they come to. Dependencies: carry, task.
local carry = require "carry"

local M = {}

---@param args migrate.TreeArgs
---@param what string
function M.debug(args, what) require("core.log").debug("migrate", ("%s: %s"):format(args.key, what)) end

---@param t migrate.OpenTree
---@param args migrate.TreeArgs
---@param options table of the step: bandwidth, direct
---@param log fun(text: string)
---@return fun(paths?: string[], frozen: boolean, manifest?: carry.Manifest): carry.Copied copy
function M.copier(t, args, options, log)
  local human = require("units").human_size
  return function(paths, frozen, manifest)
    return carry.copy {
      from = t.from, from_way = t.from_way, to = t.to, to_way = t.to_way, paths = paths, frozen = frozen, bandwidth = options.bandwidth,
      direct = options.direct or nil, manifest = manifest, bytes = manifest and manifest.bytes or nil,
      progress = function(bytes) log(("%s: %s"):format(args.key, human(bytes))) end,
    }
  end
end

local function add(sum, copied)
  sum.bytes, sum.files = sum.bytes + copied.bytes, sum.files + copied.files
  for _, item in ipairs(copied.unsupported or {}) do sum.unsupported[#sum.unsupported + 1] = item end
  for _, note in ipairs(copied.notes or {}) do sum.notes[#sum.notes + 1] = note end
end

---What copies come to, to begin with.
---@return {bytes: integer, files: integer, unsupported: table[], notes: string[]}
function M.new_sum()
  local json = require "json"
  return { bytes = 0, files = 0, unsupported = json.array {}, notes = json.array {} }
end

-- What is written or removed in a folder changes the folder's own times.
local function with_folders(d)
  local seen, out = {}, table.move(d.changed, 1, #d.changed, 1, {})
  for _, path in ipairs(d.changed) do seen[path] = true end
  for _, list in ipairs { d.changed, d.removed } do
    for _, path in ipairs(list) do
      local above = path ~= "." and (path:match "^(.*)/[^/]*$" or ".")
      if above and not seen[above] then
        seen[above], out[#out + 1] = true, above
      end
    end
  end
  d.changed = out
end

---Removes on the target what has gone, and copies what has changed.
---@async
---@param t migrate.OpenTree
---@param d carry.Delta
---@param copy function of copier()
---@param sum table of new_sum()
---@param frozen boolean
function M.apply_delta(t, d, copy, sum, frozen)
  with_folders(d)
  if #d.removed > 0 then carry.remove(t.to, t.to_way, d.removed) end
  if #d.changed > 0 then add(sum, copy(d.changed, frozen)) end
end

---Copies all of it; of what an earlier try left on the target only what differs.
---@async
---@param t migrate.OpenTree
---@param args migrate.TreeArgs
---@param copy function of copier()
---@param sum table of new_sum()
---@param frozen boolean
---@return carry.Manifest source before the copy
function M.fill(t, args, copy, sum, frozen)
  M.debug(args, "listing")
  local source, there = table.unpack(require("task").all {
    function() return carry.manifest(t.from, t.from_way) end,
    function() return t.to_way.warm and t.from_way.warm and carry.manifest(t.to, t.to_way) end,
  })
  M.debug(args, "copying")
  if not there or there.count <= 1 then
    add(sum, copy(nil, frozen, source))
  else
    M.apply_delta(t, carry.delta(there, source), copy, sum, frozen)
  end
  return source
end

return M
