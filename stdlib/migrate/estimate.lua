-- How much, how long, how long down: before it is done. Pure.
local M = {}

M.RATE = 30 << 20 -- bytes a second, where nobody limits it: what is said with it
local FILES = 3000 -- files a second
local HASH = 150 << 20

---@class migrate.Estimate
---@field bytes integer of data
---@field files integer
---@field image_bytes integer at most
---@field seconds number in all
---@field downtime number seconds
---@field strategy "warm"|"cold"|"none"
---@field why? string why it is cold

---@param f migrate.Facts
---@param options migrate.Options
---@return migrate.Estimate
function M.of(f, options)
  local planner = require "migrate.planner"
  local bytes, files = require("migrate.preflight").size(f)
  local warm, why = planner.is_warm(f, options)
  local rate = math.min(options.bandwidth or M.RATE, M.RATE)
  local images, seen = 0, {}
  for _, c in ipairs(f.containers) do
    if not seen[c.record.Image] and not f.there.images[c.record.Image] then images = images + (c.image.Size or 0) end
    seen[c.record.Image] = true
  end
  local hashing = options.verify == "size" and 0 or bytes / HASH
  local data = bytes / rate + files / FILES + hashing
  local running = false
  for _, c in ipairs(f.containers) do running = running or c.running end
  local stop = running and 1.5 or 0
  return {
    bytes = bytes, files = files, image_bytes = images, seconds = data + images / rate + stop + 1,
    downtime = not running and 0 or (warm and stop + 1.5 or stop + 0.5 + data), strategy = warm and "warm" or (bytes > 0
      and "cold" or "none"),
    why = why,
  }
end

local function about(seconds) return seconds < 1 and "no time" or "about " .. require("units").human_duration(seconds) end

---@param e migrate.Estimate
---@param options migrate.Options
---@return string[] lines
function M.lines(e, options)
  local human, out = require("units").human_size, {}
  out[1] = ("data: %s in %d entries; images: %s at most; %s in all (at %s a second)"):format(human(e.bytes), e.files, human(e.image_bytes),
    about(e.seconds), human(math.min(options.bandwidth or M.RATE, M.RATE)))
  local how = { warm = "warm: copied while it runs, stopped for what changed meanwhile", cold = "cold: stopped while it is copied",
    none = "no data is copied" }
  out[2] = ("downtime: %s (%s)"):format(about(e.downtime), how[e.strategy])
  if e.why then out[3] = e.why end
  return out
end

---Blocks what would be down for too long.
---@param r migrate.Report
---@param e migrate.Estimate
---@param options migrate.Options
function M.check(r, e, options)
  if options.max_downtime and e.downtime > options.max_downtime then
    table.insert(r.blockers, {
      what = ("it would be down for %s, and --max-downtime allows %g s"):format(about(e.downtime), options.max_downtime),
      hint = e.strategy == "cold" and "--strategy warm, where both NASes give a shell" or "a larger --max-downtime",
    })
  end
end

return M
