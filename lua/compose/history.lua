-- compose history: the revisions that a NAS keeps of a project.
local text = require "listing.text"

local function names_of(r, view)
  local seen, out = {}, {}
  for _, service in ipairs(require("compose.tables").sorted(r.images)) do
    local image = r.images[service]
    local shown = view.no_trunc and image.digest and ("%s@%s"):format(image.image:gsub("@.*$", ""), image.digest) or image.image
    if not seen[shown] then
      seen[shown] = true
      out[#out + 1] = shown
    end
  end
  return table.concat(out, ", ")
end

return {
  summary = "List the revisions of a project",
  group = "compose",
  description = "Every 'compose up' that changes something is written down on the NAS, with the images that it ran; the last ten stay.",
  args = { { "project", optional = true, complete = "compose.projects", help = "Its name, where there is no file" } },
  uses = { "compose", "targets", "output" },
  columns = {
    { "Rev", right = true, get = function(r) return tostring(r.number) end },
    { "When", priority = 2, get = function(r, view) return text.since(r.time, view) end },
    { "Result", color = "state", get = function(r) return r.result end },
    { "Images", priority = 4, get = names_of },
    { "By", priority = 5, get = function(r) return r.by end },
    { "Command", priority = 6, get = function(r) return r.command end },
  },
  quiet = "Rev",
  json = function(r)
    return {
      revision = r.number, time = os.date("!%Y-%m-%dT%H:%M:%SZ", r.time), result = r.result, by = r.by, command = r.command,
      current = r.current, images = r.images, project = r.project,
    }
  end,
  empty = "no revisions",
  pager = true,
  examples = {
    { "compose history", "The newest first" },
    { "compose history shop --json", "With the images' digests" },
  },
  run = function(ctx)
    local name = ctx.args.project and require("compose").project_name(ctx.args.project) or require("compose.cli").scope(ctx).name
    return ctx:each_target(function(nas)
      local stored = require("compose.store").read(nas, name)
      for i, r in ipairs(stored.revisions) do r.current, r.project = i == 1, name end
      return stored.revisions
    end)
  end,
}
