-- compose rollback: bring an earlier revision of a project back.
local function environment(scope) return scope.project and scope.project.environment or require("sys").environ() end

local function target_of(nas, stored, name, number)
  local store = require "compose.store"
  if number then return store.revision(nas, name, number) end
  local previous = require("compose.revision").previous(stored)
  if not previous then
    Error {
      category = "not_found", code = "no_revision", profile = nas.name, hint = "qnap-docker compose history -p " .. name,
      message = ("project '%s' has no earlier revision on %s to go back to"):format(name, nas.name),
    }
  end
  return store.revision(nas, name, previous.number)
end

-- What the newest revision has, and this one has not.
local function gone(stored, project)
  local out = {}
  for service in pairs(stored.revisions[1] and stored.revisions[1].images or {}) do
    out[service] = project.model.services[service] == nil
  end
  return out
end

local function named_volumes(project)
  local out = {}
  for _, v in pairs(project.model.volumes or {}) do out[#out + 1] = v.name end
  table.sort(out)
  return out
end

-- The copies that bring the data of the revision back, and the question that is asked first.
local function with_data(ctx, reader, project, record, options)
  local snapshots = require "compose.snapshots"
  local found = snapshots.of_revision(snapshots.list(reader, { project = project.name }), record.number)
  local names, without = {}, {}
  for _, name in ipairs(named_volumes(project)) do
    local list = found[name] and names or without
    list[#list + 1] = name
  end
  if #names == 0 then
    Error {
      category = "not_found", code = "no_snapshot", profile = reader.name,
      message = ("there is no copy of the data of revision %d of '%s'"):format(record.number, project.name),
      why = "copies are made when a service is replaced: up --snapshot-volumes auto|always; the newest three stay",
      hint = "qnap-docker compose rollback without --with-data leaves the data as it is",
    }
  end
  for _, name in ipairs(without) do
    ctx:warn(("volume %s stays as it is: there is no copy of it of revision %d"):format(name, record.number))
  end
  options.restore = {}
  for _, name in ipairs(names) do options.restore[name] = found[name] end
  options.confirm = {
    level = 3, force = false, name = project.name,
    question = ("Put the data of revision %d back into %s? What is in there now is kept as a copy"):format(record.number,
      table.concat(names, ", ")),
  }
end

return {
  summary = "Bring an earlier revision of a project back",
  group = "compose",
  writes = true,
  asks = true,
  description = "Model, files and images of a revision that the NAS keeps (compose history), by default of the good one before the "
    .. "newest. Images are taken by their digest, whatever their names mean now. No compose file is needed. Data in volumes and in "
    .. "directories that containers write to stays as it is; --with-data puts the copies of volumes back that 'compose up "
    .. "--snapshot-volumes' made when the revision was replaced, after a question.",
  args = { { "rev", type = "int", optional = true, help = "Number of the revision (compose history)" } },
  uses = { "compose", "plan", "target", "confirm" },
  flags = (function()
    local flags = { { "with-data", help = "Volumes get the data back that the revision had, where there is a copy" } }
    local shared = require("compose.up_flags").of "rollback"
    return table.move(shared, 1, #shared, #flags + 1, flags)
  end)(),
  examples = {
    { "compose rollback", "The good revision before the newest one" },
    { "compose rollback 3 --dry-run", "What going back to revision 3 would change" },
    { "compose rollback -p shop --with-data --confirm shop", "With its data; no file is needed" },
  },
  run = function(ctx)
    local scope, revision = require("compose.cli").scope(ctx), require "compose.revision"
    local nas = ctx:target()
    local reader = require("plan").reader(nas)
    local stored = require("compose.store").read(reader, scope.name)
    local record = target_of(reader, stored, scope.name, ctx.args.rev)
    local project = revision.project(record, scope.name, environment(scope))
    revision.pin(reader, project, record)
    local options = require("compose.up_flags").options(ctx)
    options.prepare, options.gone = revision.prepare(record, project), gone(stored, project)
    options.recorded, options.pull = ("rollback to %d"):format(record.number), "missing"
    if ctx.flags.with_data then
      with_data(ctx, reader, project, record, options)
    elseif #named_volumes(project) > 0 then
      ctx:note(("data is not rolled back: volume%s %s as %s (--with-data)"):format(#named_volumes(project) == 1 and "" or "s",
        table.concat(named_volumes(project), ", "), #named_volumes(project) == 1 and "it is" or "they are"))
    end
    require("compose.up").run(ctx, nas, project, options)
  end,
}
