-- update-report: what could be updated, by asking registries for digests alone: nothing is pulled, and no pull limit is touched.

local function report(nas)
  local reader = require("plan").reader(nas)
  local rows = require("listing.images").rows(reader:images {}, false, false)
  local users = require("listing.unused").users(reader)
  local wanted = {}
  for _, row in ipairs(rows) do
    if row.tag ~= "<none>" then wanted[#wanted + 1] = row end
  end
  require("listing.outdated").fill(nas, wanted)
  local out = {}
  for _, row in ipairs(wanted) do
    local names = require("json").array(users[row.image.Id] or {})
    out[#out + 1] = { image = row.repository .. ":" .. row.tag, status = row.outdated, containers = names }
  end
  return out
end

return {
  summary = "Report which images have a newer version in their registry",
  description = "Asks the registries for digests, every six hours at most, and pulls nothing. Says which containers run an image that is "
    .. "outdated, and which images no registry knows any more. 'update --image CONTAINER' brings one up to date.",
  uses = { "targets", "output" },
  flags = {
    { "all", short = "a", help = "Also images that are up to date" },
    { "fail", help = "Exit with 8 where something is outdated" },
  },
  columns = {
    { "Image", priority = 0 },
    { "Status", priority = 1 },
    { "Containers", get = function(row) return table.concat(row.containers, ", ") end, priority = 2 },
  },
  quiet = "Image",
  empty = "everything is up to date",
  pager = true,
  examples = { { "update-report --profile '*'" }, { "update-report --all --json" }, { "update-report --fail -q", "For a script" } },
  needs = { docker = { "read" } },
  run = function(ctx)
    local out, outdated = require("json").array {}, false
    for _, row in ipairs(ctx:each_target(report)) do
      outdated = outdated or row.status == "outdated"
      if ctx.flags.all or (row.status ~= "current" and row.status ~= "local") then out[#out + 1] = row end
    end
    if ctx.flags.fail and outdated then ctx:exit(8) end
    return out
  end,
}
