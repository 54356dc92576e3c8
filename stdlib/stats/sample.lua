-- Samples of the containers of one NAS: short requests that share connections, never a stream for each container.
local cgroup = require "stats.cgroup"
local compute = require "stats.compute"
local task = require "task"

local M = {}

local DEPTH = 8 -- requests under way at once where they share connections
local WIDTH = 24 -- and where each has one of its own
local APART = 0.1 -- seconds between the two samples of a single look

---@class stats.Sampler
---@field nas docker.Nas
---@field names string[] empty: whatever there is
---@field filters? table
---@field all boolean
---@field last table<string, table> the samples before, by id, or by what it was asked for
local Sampler = {}
Sampler.__index = Sampler

---@param nas docker.Nas
---@param choice stats.Choice
---@param all boolean
---@return stats.Sampler
function M.new(nas, choice, all)
  local once, seen = {}, {}
  for _, name in ipairs(choice.names) do
    if not seen[name] then once[#once + 1] = name end
    seen[name] = true
  end
  return setmetatable({ nas = nas, names = once, filters = choice.filters, all = all, last = {} }, Sampler)
end

-- {ref =, id =, name =, net =} of what is measured; net is the network mode.
local function wanted(self)
  local out = {}
  for i, name in ipairs(self.names) do out[i] = { ref = name } end
  if #self.names > 0 then return out end
  for i, c in ipairs(self.nas:containers { all = self.all, filters = self.filters }) do
    out[i] = {
      ref = c.Id:sub(1, 12), id = c.Id, name = (c.Names[1] or ""):gsub("^/", ""), net = c.HostConfig and c.HostConfig.NetworkMode,
    }
  end
  return out
end

-- Ids and names of what is named: the kernel's files know ids only, and engine 26 leaves both out of one-shot answers. A name
-- that is none is told by the measurement.
local function identify(self, list)
  task.map(list, function(c)
    local found = not c.id and try(function() return self.nas:container(c.ref):inspect() end)
    if found then c.id, c.name, c.net = found.Id, found.Name:gsub("^/", ""), found.HostConfig.NetworkMode end
  end, { limit = DEPTH })
end

-- Engines before API 1.44 answer with the next beat of a clock of one second, a one-shot request, too: there all go out at
-- once on connections of their own, and of a first look the engine takes the two samples.
local function measure(self, list, how)
  return task.map(list, function(c)
    local sample, err = try(function() return self.nas:container(c.id or c.ref):stats(how) end)
    if not sample then return { err = err } end
    sample.key = sample.id or c.id or c.ref -- some engines leave the id out of a one-shot answer
    sample.id, sample.name = sample.id or c.id, sample.name or c.name
    return sample
  end, { limit = how.pipeline and DEPTH or WIDTH })
end

-- The kernel's files need no clock. What is not found there (it does not run, or the files cannot be read) the engine measures.
local function from_files(self, list, reader)
  local files, samples, rest, places = reader:wait(), {}, {}, {}
  for i, c in ipairs(list) do
    local s = c.id and files[c.id]
    if s and c.net == "host" then s.networks = {} end -- the engine counts none for these
    if s and s.networks then
      s.name = c.name
      s.key = s.id
      samples[i], self.last[c.id] = s, { cpu_stats = s.precpu_stats }
    else
      rest[#rest + 1], places[#places + 1] = c, i
    end
  end
  for n, s in ipairs(measure(self, rest, { one_shot = false })) do samples[places[n]] = s end
  return samples
end

local function first_look(self, list)
  local now = require("sys").now()
  local samples = measure(self, list, { one_shot = true, pipeline = true })
  for _, s in ipairs(samples) do
    if not s.err then self.last[s.key] = s end
  end
  if not next(self.last) then return samples end
  task.sleep(math.max(APART - (require("sys").now() - now), 0.001))
  return measure(self, list, { one_shot = true, pipeline = true })
end

---Measures everything once. CPU is counted since the call before; the first one looks twice, shortly apart.
---@async
---@return stats.Entry[]
---@return Error[] failed of containers that were named
function Sampler:read()
  local samples, reader
  if not next(self.last) and not self.nas:supports "1.44" then reader = task.spawn(cgroup.read, self.nas) end
  local list = wanted(self)
  if reader or self.nas:supports "1.44" then identify(self, list) end
  if reader then
    samples = from_files(self, list, reader)
  elseif next(self.last) then
    samples = measure(self, list, { one_shot = self.nas:supports "1.41", pipeline = self.nas:supports "1.44" })
  else
    samples = first_look(self, list)
  end
  local entries, failed, last = {}, {}, {}
  for i, s in ipairs(samples) do
    local c = list[i]
    if not s.err then
      entries[#entries + 1] = compute.entry(c.ref, s, self.last[s.key])
      last[s.key] = s
    elseif #self.names > 0 then
      failed[#failed + 1] = s.err
      entries[#entries + 1] = compute.invalid(c.ref)
    elseif s.err.category ~= "not_found" then -- what has gone since the list was made is left out
      entries[#entries + 1] = compute.invalid(c.ref, c.id, c.name)
    end
  end
  self.last = last
  return entries, failed
end

return M
