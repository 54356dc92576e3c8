-- top: processes of a container, or of all running ones. GET /containers/{id}/top.
local processes = require "listing.processes"
local task = require "task"
local ui = require "ui"

local function running(nas)
  local names = {}
  for i, c in ipairs(nas:containers {}) do names[i] = c.Names[1]:gsub("^/", "") end
  table.sort(names)
  return names
end

-- Lists of one NAS. A container that ended meanwhile is not missed unless it was named.
local function lists(ctx, nas)
  local f, named = ctx.flags, ctx.args.container
  local args = #ctx.args.ps_options > 0 and table.concat(ctx.args.ps_options, " ") or f.ps_args
  local out = {}
  for _, list in ipairs(task.map(named and { named } or running(nas), function(name)
    local list, err = try(processes.get, nas, name, { args = args, ours = not named or f.sort ~= nil })
    if err and (named or (err.category ~= "not_found" and err.category ~= "conflict")) then error(err, 0) end
    return list or {}
  end, { limit = 8 })) do
    if list.titles then
      if f.sort and not processes.sort(list, f.sort) and not ctx.sort_told then
        ctx.sort_told = ctx:warn(("the 'ps' of %s shows no such column: not sorted"):format(nas.name)) or true
      end
      out[#out + 1] = list
    end
  end
  return out
end

local function show(ctx)
  local all = ctx:each_target(function(nas) return lists(ctx, nas) end)
  if ctx.flags.watch and ui.is_tty "stdout" then ctx:out "\27[H\27[J" end
  if ctx.flags.json then return ctx:out(require("json").encode(processes.all(all)) .. "\n") end
  if #all == 0 and #ctx.failures == 0 then ctx:note "no running containers" end
  for i, list in ipairs(all) do
    local headed = ctx.several or not ctx.args.container
    if headed then ctx:out((i > 1 and "\n" or "") .. "── " .. (ctx.several and list.profile .. "/" or "") .. list.container .. " ──\n") end
    ctx:out(ui.is_tty "stdout" and processes.fitted(list) or processes.text(list))
  end
end

return {
  summary = "Display the running processes of a container, or of all",
  group = "containers",
  docker = true,
  usage_exit = { flag = 125, args = 1 },
  args = {
    { "container", optional = true, complete = "containers.running" },
    { "ps-options", optional = true, variadic = true, label = "ps OPTIONS" },
  },
  flags = {
    { "ps-args", type = "string", value = "OPTIONS", help = "Options for the 'ps' of the NAS, as behind a container's name" },
    { "sort", type = "enum", values = { "cpu", "mem" }, value = "KEY", help = "cpu or mem: the most first" },
    { "watch", type = "duration", value = "INTERVAL", optional_value = "2s", plain_seconds = true,
      help = "Show again every INTERVAL (2s) until interrupted" },
  },
  uses = { "targets", "json" },
  stop_at_first_arg = true,
  description = "Flags stand in front of the container's name: what stands behind it is for the 'ps' of the NAS.",
  pager = true,
  examples = {
    { "top web", "Its processes" },
    { "top web -o pid,args", "Columns of your choice" },
    { "top --sort mem", "Every running container's, those with most memory first" },
    { "top --watch --sort cpu web", "Again every two seconds" },
  },
  run = function(ctx)
    if not ctx.flags.watch then return show(ctx) end
    while true do
      ctx.failures = {}
      show(ctx)
      ctx:report_failures()
      task.sleep(math.max(ctx.flags.watch, 0.1))
    end
  end,
}
