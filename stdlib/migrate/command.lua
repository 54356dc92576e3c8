-- migrate: from the flags to a plan, and what is told before and after. Dependencies: migrate.*, plan.
local M = {}

local function takes_volume(text)
  if text == "all" or text == "none" then return function() return text == "all" end end
  local names = {}
  for name in text:gmatch "[^,]+" do names[name] = true end
  return function(name) return names[name] == true end
end

local function conflicting(message, hint)
  Error { category = "usage", code = "conflicting_flags", message = message, hint = hint }
end

---@param ctx cli.Context
---@return migrate.Options
---@raise usage
function M.options(ctx)
  local f = ctx.flags
  local start
  if f.start and f.no_start then conflicting("--start and --no-start contradict each other", "leave one of them out") end
  if f.start then start = true elseif f.no_start then start = false end
  if f.keep_source == "running" and start ~= false then
    conflicting("--keep-source running needs --no-start", "both would run, and write to what was one; profile sync copies")
  end
  if f.direct and f.bandwidth then conflicting("--direct and --bandwidth contradict each other", "the limit is kept by this machine") end
  return {
    maps = require("migrate.maps").parse(f.map), takes_volume = takes_volume(f.volumes), binds = f.bind_mounts, rename = f.rename,
    image = f.with_image, strategy = f.strategy, keep = f.keep_source, start = start, verify = f.verify, max_downtime = f.max_downtime,
    bandwidth = f.bandwidth, direct = f.direct,
  }
end

local function check_words(ctx)
  local f, names = ctx.flags, ctx.args.name or {}
  if f.project and #names > 0 then conflicting("--project moves a whole project, and takes no names of containers",
    "leave the names out") end
  if not f.project and #names == 0 then
    Error { category = "usage", code = "missing_argument", message = "what is to move?", hint = "qnap-docker migrate NAME --from A --to B\n"
      .. "qnap-docker migrate --project SHOP --from A --to B" }
  end
  if f.rename and (f.project or #names > 1) then conflicting("--rename is for one container", "move them one by one") end
end

-- The containers that a job has stopped, by id.
local function frozen_by(job)
  local out = {}
  for _, step in ipairs(job.plan.steps) do
    local state = step.op == "cutover.freeze" and job.steps[step.id]
    for _, level in ipairs(state and state.state ~= "undone" and step.args.levels or {}) do
      for _, c in ipairs(level) do out[c.id] = true end
    end
  end
  return out
end

-- A move that was cut off has switched the restart policy of its source off: it is finished or taken back first.
local function refuse_unfinished(containers)
  for _, job in ipairs(require("plan.journal").list()) do
    local frozen = (job.state == "interrupted" or job.state == "failed") and frozen_by(job) or {}
    for _, c in ipairs(containers) do
      if frozen[c.id] then
        Error {
          category = "conflict", code = "unfinished", message = ("container '%s' is in the middle of job %s"):format(c.name, job.id),
          why = ("'%s' %s"):format(job.command, job.state == "failed" and "failed" or "was interrupted"),
          hint = ("qnap-docker resume %s\nor qnap-docker undo %s"):format(job.id, job.id),
        }
      end
    end
  end
end

local function check_volumes(f, text)
  if text == "all" or text == "none" then return end
  for name in text:gmatch "[^,]+" do
    if not f.volumes[name] then
      local known = require("compose.tables").sorted(f.volumes)
      Error {
        category = "not_found", code = "no_such_volume", message = ("nothing that moves has a volume '%s'"):format(name),
        hint = #known > 0 and "--volumes " .. table.concat(known, ",") or "--volumes none",
      }
    end
  end
end

local function command_line(ctx, from, to)
  local what = ctx.flags.project and "--project " .. ctx.flags.project or table.concat(ctx.args.name, " ")
  return ("migrate %s --from %s --to %s"):format(what, from.name, to.name)
end

local function confirmation(f, options, estimate)
  local down = estimate.downtime > 0 and ("; down for about %s"):format(require("units").human_duration(math.max(1,
    estimate.downtime))) or ""
  local removes = options.keep == "remove" and " The source's containers are removed afterwards, their data is not." or ""
  return {
    level = options.keep == "remove" and 3 or 2, name = f.project or f.containers[1].name,
    question = ("Move %s FROM %s TO %s%s.%s"):format(f.name, f.from.name, f.to.name, down, removes):gsub("%.$", ""),
  }
end

---The plan, and what it was made from.
---@async
---@param ctx cli.Context
---@return plan.Plan
---@return migrate.Facts
---@return migrate.Estimate
---@return table args of its last step
function M.plan(ctx)
  check_words(ctx)
  local options = M.options(ctx)
  local from, to = require("migrate.sides").connect(ctx, ctx.flags.from, ctx.flags.to)
  local reader, chosen = require("plan").reader, require "migrate.chosen"
  local a, b = reader(from), reader(to)
  local found = ctx.flags.project and chosen.project(a, ctx.flags.project) or chosen.containers(a, ctx.args.name)
  local f = require("migrate.facts").gather(a, b, found, options)
  refuse_unfinished(f.containers)
  check_volumes(f, ctx.flags.volumes)
  local preflight, estimates = require "migrate.preflight", require "migrate.estimate"
  local report, estimate = preflight.check(f, options), estimates.of(f, options)
  estimates.check(report, estimate, options)
  for _, text in ipairs(report.warnings) do ctx:warn(text) end
  preflight.refuse(report, ("%s cannot move from %s to %s"):format(f.name, from.name, to.name))
  local plan = require("plan").new {
    command = command_line(ctx, from, to), undo_on_failure = true, in_order = true, confirm = confirmation(f, options, estimate),
  }
  plan.estimate = estimate
  for _, line in ipairs(estimates.lines(estimate, options)) do ctx:note(line) end
  return plan, f, estimate, require("migrate.planner").add(plan, f, options)
end

local function collect(run, ids, field)
  local out = require("json").array {}
  for _, id in ipairs(ids) do
    for _, item in ipairs((run.results[id] or {})[field] or {}) do out[#out + 1] = item end
  end
  return out
end

---What became of a move, as --json shows it. Pure.
---@param run plan.Run
---@param f migrate.Facts
---@param args table of the last step
---@param began number seconds since the epoch
---@param ended number
---@return table
function M.record(run, f, args, began, ended)
  local json, last = require "json", run.plan.steps[#run.plan.steps]
  local measured = run.results[last.id] or {}
  local containers, volumes = json.array {}, json.array {}
  for i, c in ipairs(f.containers) do
    containers[i] = { name = c.name, to = c.to, image = c.ref, running = c.running and args.started ~= nil or false }
  end
  for _, tree in ipairs(f.trees) do
    if tree.moves then volumes[#volumes + 1] = { name = tree.volume or tree.path, to = tree.to, bytes = tree.bytes, files = tree.files } end
  end
  return {
    job = run.id, from = f.from.name, to = f.to.name, project = f.project, containers = containers, data = volumes,
    bytes = measured.bytes, entries = measured.files, downtime = measured.downtime, healthy_after = measured.healthy_after,
    seconds = ended - began, unsupported = collect(run, args.copies, "unsupported"), notes = collect(run, args.copies, "notes"),
  }
end

local function address(nas) return nas.profile and nas.profile.host or nas.name end

---What is told at the end: the downtime, and what is to be changed so that others find it. Pure.
---@param record table of M.record
---@param f migrate.Facts
---@param options migrate.Options
---@return string[] lines
function M.lines(record, f, options)
  local human, out = require("units").human_size, {}
  out[1] = ("moved: %s FROM %s TO %s (%s in %d entries, %.1f s)"):format(f.name, record.from, record.to, human(record.bytes or 0),
    record.entries or 0, record.seconds)
  if record.downtime then
    out[#out + 1] = ("downtime: %.2f s%s"):format(record.downtime, record.healthy_after
      and ("; healthy after %.2f s"):format(record.healthy_after) or "")
  end
  for i, item in ipairs(record.unsupported) do
    if i <= 10 then out[#out + 1] = ("not copied: %s (%s)"):format(item.path, item.what) end
  end
  if #record.unsupported > 10 then out[#out + 1] = ("and %d more of that kind"):format(#record.unsupported - 10) end
  local ports = {}
  for _, c in ipairs(f.containers) do
    for _, p in ipairs(require("migrate.body").published(c.body)) do
      ports[#ports + 1] = require("migrate.maps").port(options.maps, p.port, p.protocol)
    end
  end
  if #ports > 0 then
    out[#out + 1] = ("cut-over: what used %s now finds port %s at %s (DNS, reverse proxies, bookmarks)"):format(address(f.from),
      table.concat(ports, ", "), address(f.to))
  end
  if options.keep == "stopped" then
    out[#out + 1] = ("the source is kept, stopped, and does not start by itself; back: qnap-docker undo %s"):format(record.job)
  end
  return out
end

local function now()
  local seconds, ns = require("sys").time()
  return seconds + ns / 1e9
end

---@async
---@param ctx cli.Context
---@return table? record
function M.run(ctx)
  local plan, f, _, args = M.plan(ctx)
  local began = now()
  local run, err = try(ctx.apply, ctx, plan)
  if err then
    if err.undone then err.why = ("%s; %s is as it was, and runs on %s"):format(err.engine or err.why or err.code, f.name, f.from.name) end
    error(err, 0)
  end
  if not run then return nil end
  local record = M.record(run, f, args, began, now())
  if ctx.flags.json then return record end
  for _, line in ipairs(M.lines(record, f, M.options(ctx))) do ctx:note(line) end
end

return M
