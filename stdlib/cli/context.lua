-- What a command's run(ctx) gets: flags, arguments, targets, output, questions. One per command line.
local output = require "cli.output"

local M = {}

---@class cli.Context
---@field spec cli.Spec
---@field flags table<string, any>
---@field given table<string, boolean>
---@field global table<string, any>
---@field args table<string, any>
---@field base? cli.Parsed what was typed in front of the command
---@field rest string[]
---@field asked string[] the NASes that are addressed
---@field origin? string the project file that chose the NAS
---@field rounds? table<string, docker.Nas> with --watch: connections that the next round uses
---@field late? table<string, true> with --watch: NASes that were late in the last round
---@field several? boolean more than one NAS is addressed
---@field connections docker.Nas[] closed when the command ends
---@field failures cli.Failure[] of NASes and of things on them, when there are several
---@field code? integer what ctx:exit said
local Context = {}
Context.__index = Context

---Writes bytes to stdout as they are.
---@async
---@param bytes string
function Context:out(bytes) -- luacheck: ignore self
  output.out(bytes)
end

---A line for the reader, on stderr; above the progress where that is shown.
---@param text string
function Context:note(text)
  if self.display then
    return self.display:log(text)
  end
  output.err(text .. "\n")
end

---A line on stderr that begins "warning:".
---@param text string
function Context:warn(text)
  self:note(require("ui").style("stderr"):paint("warn", "warning:") .. " " .. text)
end

---The exit code when run() returns: `return ctx:exit(code)`.
---@param code integer
function Context:exit(code)
  self.code = code
end

---Asks before a change, by danger level; raises `aborted` when the answer is no.
---@async
---@param question cli.Question
function Context:confirm(question) -- luacheck: ignore self
  require("cli.confirm").ask(question, self.global)
end

---Runs fn with a line of progress; it is marked done or failed when fn ends.
---@async
---@param name string
---@param fn function called with the progress item
---@return any ... what fn returns
function Context:step(name, fn)
  return self:progress():step(name, fn)
end

---The progress display of this command line.
---@return progress.Display
function Context:progress()
  if not self.display then
    local ui = require "ui"
    self.display = require("progress").new {
      mode = self.global.progress ~= "auto" and self.global.progress or nil,
      quiet = self.flags.quiet or false, style = ui.style "stderr",
    }
  end
  return self.display
end

---The one NAS the command works on.
---@async
---@return docker.Nas
function Context:target()
  return require("cli.targets").one(self)
end

---Runs fn(nas, profile) for every NAS that was selected, at once, and returns all rows, each with its `profile`.
---When several are addressed, those that fail are reported at the end (exit code 7); a single one's error is raised.
---@async
---@param fn fun(nas: docker.Nas, profile: table): table[] | table | nil
---
---For commands that go on until interrupted there are options. at_once is called when one of several fails (true: it was told, and is
---not told again at the end). patience: so many seconds one that could not be reached is asked again, while another one goes on; then
---all are begun at once, however many --parallel says.
---@param options? {at_once?: (fun(failure: cli.Failure): boolean?), patience?: number}
---@return table[]
function Context:each_target(fn, options)
  return require("cli.targets").each(self, fn, options)
end

---The options of each_target for what goes on until it is interrupted: what fails is told at once.
---@param patience? number see each_target
---@return table
function Context:going_on(patience)
  return { patience = patience, at_once = function(failure) return self:tell_failures { failure } end }
end

---Whether more than one NAS is addressed, before anything is asked of them.
---@return boolean
function Context:has_several()
  return #require("cli.targets").select(self) > 1
end

---Does what a plan says, by --dry-run, --plan-out, --exit-code and the danger of its steps (see cli.apply).
---@async
---@param plan plan.Plan
---@param options? {asked?: boolean, quiet?: boolean, on_done?: function}
---@return plan.Run?
function Context:apply(plan, options)
  return require("cli.apply").apply(self, plan, options)
end

---A line of output about something on a NAS, which is named where there are several: "nas1/web".
---@param nas docker.Nas
---@param text string
---@return string
function Context:named(nas, text)
  return self.several and nas.name .. "/" .. text or text
end

---Names the NAS, on stderr, that the output which follows is from, where there are several.
---@param nas docker.Nas
function Context:heading(nas)
  if self.several then
    local color = require("cli.targets").color(nas.name)
    self:note(require("ui").style("stderr"):paint(color, "── " .. nas.name .. " ──"))
  end
end

---Runs fn(item) for every argument, at once, and prints what each returns (a line) in the arguments' order. Items that
---fail are reported together at the end.
---@async
---@param items string[]
---@param fn fun(item: string): string?
---@param options? {limit?: integer}
function Context:each_item(items, fn, options)
  return require("cli.items").each(self, items, fn, options)
end

---Prints engine documents as `inspect` does: by --format, else as an indented array. What could not be had, or does not
---fit the template, is reported behind them.
---@async
---@param documents (string|table)[] JSON texts as the engine sent them (order and numbers stay), or decoded ones
---@param options? cli.DocumentOptions
---@param failed? Error[] of objects that could not be had
function Context:documents(documents, options, failed)
  local all = table.move(failed or {}, 1, #(failed or {}), 1, {})
  local unfit = require("cli.documents").print(self, documents, options)
  require("cli.items").report(self, table.move(unfit, 1, #unfit, #all + 1, all))
end

-- Each NAS's together, in the order in which they were named.
local function sort_failures(ctx)
  local out = {}
  for _, name in ipairs(ctx.asked) do
    for _, failure in ipairs(ctx.failures) do
      out[#out + 1] = failure.profile == name and failure or nil
    end
  end
  ctx.failures = out
end

---Prints failures of some of several NASes.
---@param failures cli.Failure[]
---@return boolean true
function Context:tell_failures(failures)
  local render = require "cli.render_error"
  if self.flags.json then
    local json = require "json"
    for _, failure in ipairs(failures) do
      local object = render.object(failure.err)
      object.error.profile = failure.profile
      output.err(json.encode(object) .. "\n")
    end
  else
    output.err(render.failures(failures, { debug = self.global.debug, style = require("ui").style "stderr" }))
  end
  return true
end

---Prints the failures that were not told yet, and gives the exit code that all lead to.
---@return integer? code nil when there are none
function Context:report_failures()
  if #self.failures == 0 then
    return nil
  end
  sort_failures(self)
  local untold = {}
  for _, failure in ipairs(self.failures) do
    untold[#untold + 1] = not failure.told and failure or nil
  end
  self:tell_failures(untold)
  return require("cli.render_error").exit_code(self.failures, #self.asked)
end

-- --dry-run must never be taken for a run that changes nothing by a command that does not know it.
local function check(ctx)
  local command, def = require "cli.command", ctx.spec.def
  if def.writes and ctx.global.dry_run and not (command.uses(ctx.spec, "dry_run") or command.uses(ctx.spec, "plan")) then
    Error {
      category = "usage", code = "no_dry_run", message = ("'%s' cannot say beforehand what it would do"):format(ctx.spec.name),
      why = "it has no --dry-run; nothing was done",
    }
  end
  local names = not command.uses(ctx.spec, "targets") and (ctx.typed.profile and "--profile" or ctx.typed.all_profiles and "--all-profiles")
  if names and not (command.uses(ctx.spec, "target") and names == "--profile") then
    Error {
      category = "usage", code = "no_target", message = ("'%s' takes no %s"):format(ctx.spec.name, names),
      why = command.uses(ctx.spec, "target") and "it works on one NAS" or "it does not work on a NAS",
    }
  end
end

-- What --verbose, --debug and --debug-file ask for.
local function start_log(global)
  if global.debug or global.debug_file or global.verbose > 0 then
    local level = (global.debug or global.debug_file or global.verbose > 1) and "debug" or "verbose"
    require("core.log").setup(level, global.debug_file)
  end
end

-- What modules have to tell (profiles.yaml is readable by others, ...).
local function listen(ctx)
  require("notices").listen(function(kind, text)
    if kind == "warning" then
      ctx:warn(text)
    else
      ctx:note("note: " .. text)
    end
  end)
end

-- Whatever happened: the terminal is left clean and connections are closed.
local function tidy(ctx)
  if ctx.display then
    ctx.display:close()
  end
  for _, nas in ipairs(ctx.connections) do
    if nas.close then
      nas:close()
    end
  end
end

local function run(ctx)
  local _ <close> = defer(function()
    tidy(ctx)
  end)
  local pager <close> = ctx.spec.def.pager and require("ui").is_tty "stdout" and require("cli.pager").begin(ctx) or nil
  local result = ctx.spec.def.run(ctx)
  if ctx.display then
    ctx.display:close()
  end
  require("cli.render").result(ctx, result)
  if pager then
    pager:finish()
  end
  return ctx:report_failures() or ctx.code or 0
end

---Runs a command and prints its result.
---@async
---@param spec cli.Spec
---@param parsed cli.Parsed
---@param base? cli.Parsed what was typed in front of the command
---@return integer exit code
function M.run(spec, parsed, base)
  local command = require "cli.command"
  local typed = {}
  for key in pairs(parsed.given) do
    typed[key] = not (base and base.given[key])
  end
  local ctx = setmetatable({
    spec = spec, flags = parsed.flags, given = parsed.given, global = parsed.global, args = parsed.args, rest = parsed.rest,
    typed = typed, base = base, failures = {}, connections = {}, asked = {},
  }, Context)
  require("ui").setup(parsed.global)
  start_log(parsed.global)
  listen(ctx)
  check(ctx)
  if command.uses(spec, "targets") or command.uses(spec, "target") then
    require("cli.objects").resolve(ctx)
  end
  return run(ctx)
end

return M
