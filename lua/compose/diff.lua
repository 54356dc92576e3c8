-- compose diff: what the compose files differ in from what was brought up. Reads only.
local function shown(value, view)
  if value == nil then return "" end
  local text = type(value) == "table" and require("json").encode(value) or tostring(value)
  return view.no_trunc and text or require("listing.text").ellipsis(text, 45)
end

-- The project's own files, where the comparison is with what is there now.
local function file_changes(nas, project, rows)
  local sync, store = require "compose.sync", require "compose.store"
  local stored = store.read(nas, project.name, { paths = sync.paths(nas, project) })
  local prepared = sync.prepare(nas, project, stored)
  for _, line in ipairs(prepared.changes) do
    local symbol, path = line:match "^(.) (.*)$"
    rows[#rows + 1] = { symbol = symbol, field = "file " .. path }
  end
  return prepared.notices
end

local function wanted(nas, project, number)
  local store = require "compose.store"
  if number then return store.revision(nas, project.name, number) end
  local stored = store.read(nas, project.name)
  if stored.revision == 0 then
    Error {
      category = "not_found", code = "no_revision", profile = nas.name,
      message = ("project '%s' has no revision on %s"):format(project.name, nas.name), hint = "qnap-docker compose up makes the first",
    }
  end
  return store.revision(nas, project.name, stored.revision)
end

return {
  summary = "Show what the files differ in from a revision",
  group = "compose",
  description = "Field by field, from the newest revision that the NAS keeps, or REV, to the files here. Values of environment variables,\n"
    .. "build arguments and contents are not shown.",
  args = { { "rev", type = "int", optional = true, help = "Number of a revision (compose history)" } },
  uses = { "compose", "target", "output" },
  flags = { { "exit-code", help = "Exit with 10 when there is a difference" } },
  columns = {
    { "Change", header = "", get = function(c) return c.symbol end },
    { "Field", get = function(c) return c.field end },
    { "Was", priority = 3, get = function(c, view) return shown(c.was, view) end },
    { "Is", priority = 4, get = function(c, view) return shown(c.is, view) end },
  },
  json = function(c) return { change = c.symbol, field = c.field, was = c.was, is = c.is } end,
  empty = "no differences",
  pager = true,
  examples = {
    { "compose diff", "What 'compose up' would bring up anew" },
    { "compose diff 3 --exit-code", "Whether the files are as they were in revision 3" },
  },
  run = function(ctx)
    local project = require("compose.cli").expanded(ctx)
    local nas = ctx:target()
    local record = wanted(nas, project, ctx.args.rev)
    if type(record.model) ~= "table" then
      Error {
        category = "conflict", code = "no_model", profile = nas.name, message = ("revision %d has no model"):format(record.number),
        why = "its files had changed before it could be written down", hint = "name another one: qnap-docker compose history",
      }
    end
    local rows = require("compose.difference").models(record.model, project.model)
    if not ctx.args.rev then
      local notices, err = try(file_changes, nas, project, rows)
      for _, line in ipairs(notices or { err.message .. (err.why and ": " .. err.why or "") }) do ctx:warn(line) end
    end
    if ctx.flags.exit_code then ctx:exit(#rows > 0 and 10 or 0) end
    return rows
  end,
}
