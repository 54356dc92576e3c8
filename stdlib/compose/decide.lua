-- Which containers of a service stay, which go, which are made. Pure.
local body = require "compose.body"
local kept = require "compose.kept"

local M = {}

---One place of a service: a number, and what is to stand there.
---@class compose.Slot
---@field number integer
---@field name string of the container
---@field keep? compose.Container it fits
---@field old compose.Container[] that have to go, the one in use first
---@field reasons string[] why the old one does not fit; empty where there is none

---@class compose.Decision
---@field slots compose.Slot[]
---@field surplus compose.Container[] too many, or left behind by a failed update

local ALIVE = { running = 3, restarting = 2, paused = 2 }

local function by_number(containers)
  local out, numbers = {}, {}
  for _, c in ipairs(containers) do
    if not out[c.number] then
      out[c.number], numbers[#numbers + 1] = {}, c.number
    end
    table.insert(out[c.number], c)
  end
  return out, numbers
end

-- What serves comes first.
local function in_use_first(list)
  table.sort(list, function(a, b)
    local x, y = ALIVE[a.state] or 0, ALIVE[b.state] or 0
    if x ~= y then return x > y end
    return a.id < b.id
  end)
end

---Decides for one service.
---@param project compose.Project
---@param service string
---@param count integer how many containers it is to have
---@param containers compose.Container[] of the service, without one-offs
---@param reasons_of fun(c: compose.Container): string[]? why it does not fit; nil: it does
---@return compose.Decision
function M.service(project, service, count, containers, reasons_of)
  local all, surplus = {}, {}
  for _, c in ipairs(containers) do
    if kept.is_failed(c) then surplus[#surplus + 1] = c else all[#all + 1] = c end
  end
  local groups, numbers = by_number(all)
  local slots = {}
  for _, number in ipairs(numbers) do
    local slot = { number = number, name = body.container_name(project, service, number), old = {}, reasons = {} }
    in_use_first(groups[number])
    for _, c in ipairs(groups[number]) do
      local reasons = reasons_of(c)
      if not reasons and not slot.keep then
        slot.keep = c
      else
        table.insert(slot.old, c)
        if #slot.reasons == 0 then slot.reasons = reasons or {} end
      end
    end
    slots[#slots + 1] = slot
  end
  table.sort(slots, function(a, b) -- what fits stays before what does not, low numbers before high ones
    if (a.keep ~= nil) ~= (b.keep ~= nil) then return a.keep ~= nil end
    return a.number < b.number
  end)
  while #slots > count do
    local slot = table.remove(slots)
    table.insert(surplus, slot.keep)
    table.move(slot.old, 1, #slot.old, #surplus + 1, surplus)
  end
  local highest = 0
  for _, number in ipairs(numbers) do highest = math.max(highest, number) end
  while #slots < count do
    highest = highest + 1
    slots[#slots + 1] = { number = highest, name = body.container_name(project, service, highest), old = {}, reasons = {} }
  end
  table.sort(slots, function(a, b) return a.number < b.number end)
  return { slots = slots, surplus = surplus }
end

---How many containers a service is to have.
---@param service table of the model
---@param scale? integer of --scale
---@return integer
function M.count(service, scale)
  local deploy = service.deploy or {}
  return scale or service.scale or deploy.replicas or 1
end

return M
