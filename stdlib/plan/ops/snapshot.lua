-- Operations on copies of volumes (compose.snapshots). A copy counts as soon as its helper container is gone: a run that is cut off
-- leaves none that is taken for a whole one.
local snapshots = require "compose.snapshots"

local M = {}

local function drop(fn, ...)
  local _, err = try(fn, ...)
  if err and err.category ~= "not_found" then error(err, 0) end
end

local function remove_helper(nas, to)
  local helper = nas:container(to .. "-helper")
  drop(helper.remove, helper, { force = true, volumes = true })
end

local function remove(nas, to)
  remove_helper(nas, to)
  local volume = nas:volume(to)
  drop(volume.remove, volume)
end

-- Never started: the engine mounts the volumes of a container that does not run, too. It makes the new volume with its labels.
local function make_helper(nas, args)
  local at = require("compose.volume_copy").AT .. "/" .. args.at:match "[^/]+$"
  require("plan.made").surely(nas.create, nas, {
    Image = args.image, Cmd = { "true" }, Labels = { [snapshots.HELPER] = args.to },
    HostConfig = {
      NetworkMode = "none",
      Mounts = { { Type = "volume", Source = args.to, Target = at, VolumeOptions = { NoCopy = true, Labels = args.labels } } },
    },
  }, { name = args.to .. "-helper" })
end

-- The newest ones stay.
local function prune(nas, args, log)
  for i, s in ipairs(snapshots.list(nas, { volume = args.volume })) do
    if i > args.keep and s.name ~= args.to and s.name ~= args.spare then
      local volume = nas:volume(s.name)
      local _, err = try(volume.remove, volume)
      log(err and ("%s stays: %s"):format(s.name, err.message) or "removed " .. s.name)
    end
  end
end

local function copy(nas, args, log)
  remove(nas, args.to) -- half of one, of a run that was cut off
  make_helper(nas, args)
  local from = { volume = args.volume, container = args.container, at = args.at }
  local how = require("compose.volume_copy").fill(nas, from, { volume = args.to, container = args.to .. "-helper" }, log)
  remove_helper(nas, args.to)
  return how
end

---A volume becomes the content of another one, while nothing writes to it.
---args: volume, to, container (that has it mounted at `at`, and does not run), image, labels, keep (so many of them), spare (one that stays
---in any case), required: no room is an error
M.copy = {
  observe = function(nas, step) return nas:volume(step.args.to):exists() end,
  check = function(nas, step)
    for _, s in ipairs(snapshots.list(nas, { volume = step.args.volume })) do
      if s.name == step.args.to then return { volume = s.name } end
    end
  end,
  apply = function(nas, step, run)
    local args = step.args
    local how, err = try(copy, nas, args, run.log)
    if err then
      local _ <close> = defer(function() remove(nas, args.to) end)
      if err.code ~= "no_space" or args.required then error(err, 0) end
      require("notices").note(("volume %s is not copied: %s"):format(args.volume, err.why))
      return { skipped = true }
    end
    prune(nas, args, run.log)
    return { volume = args.to, how = how }
  end,
  undo = function() end, -- a copy of what was there harms nobody
}

local function check_unused(nas, volume)
  local running = nas:containers { filters = { volume = { volume } } }
  if #running == 0 then return end
  Error {
    category = "conflict", code = "volume_in_use", profile = nas.name, message = nas:cannot(("put data into volume '%s'"):format(volume)),
    why = ("container %s is writing to it"):format(running[1].Names[1]:gsub("^/", "")), hint = "qnap-docker stop it first",
  }
end

---The other way round. args: volume, from (a copy), kept (the copy of what was there before)
M.restore = {
  observe = function(nas, step) return nas:volume(step.args.from):exists() end,
  apply = function(nas, step)
    check_unused(nas, step.args.volume)
    require("compose.volume_copy").replace(nas, step.args.from, step.args.volume)
  end,
  undo = function(nas, step)
    if not nas:volume(step.args.kept):exists() then return end
    check_unused(nas, step.args.volume)
    require("compose.volume_copy").replace(nas, step.args.kept, step.args.volume)
  end,
}

return M
