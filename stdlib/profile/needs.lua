-- What still needs a profile by its name: other profiles, the default, jobs that were not finished.
local profile = require "profile"

local M = {}

local OVER = { finished = true, undone = true }

---The unfinished jobs of the journal that work on the NAS, the newest first.
---@param name string
---@return plan.Job[]
function M.jobs(name)
  local out = {}
  for _, job in ipairs(require("plan.journal").list()) do
    for _, target in ipairs(OVER[job.state] and {} or job.plan:targets()) do
      if target == name then
        out[#out + 1] = job
      end
    end
  end
  return out
end

---Who needs the profile, in words, and what to do about it; nil when nobody does.
---@param name string
---@return string? why
---@return string? hint
function M.by_profiles(name)
  local list = profile.list()
  for _, item in ipairs(list) do
    if item.keys.jump == name then
      return ("profile '%s' is reached through it"):format(item.name),
        ("qnap-docker profile edit %s --unset jump"):format(item.name)
    elseif item.name == name and item.default and #list > 1 then
      return "it is the default profile", "qnap-docker profile set-default ANOTHER"
    end
  end
end

---The same of jobs: they would find no NAS of that name.
---@param name string
---@return string? why
---@return string? hint
function M.by_jobs(name)
  local job = M.jobs(name)[1]
  if job then
    return ("job %s (%s) is %s, and works on it"):format(job.id, job.command, job.state),
      ("qnap-docker resume %s, or qnap-docker undo %s"):format(job.id, job.id)
  end
end

return M
