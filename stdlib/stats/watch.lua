-- stats that go on: every NAS is measured by a task of its own, and what there is is shown at the interval, so that a NAS
-- which lags is shown with its age and holds nobody up.
local again = require "nas.again"
local compute = require "stats.compute"
local format = require "cli.format"
local load = require "nas.load"
local render = require "cli.render"
local task = require "task"
local ui = require "ui"

local M = {}

---@class stats.State
---@field name string
---@field entries? stats.Entry[]
---@field load? nas.Load
---@field at? number ui.clock() of the last answer
---@field err? Error why the last one failed

local function table_text(ctx, entries)
  local view = render.view(ctx)
  local all = format.columns(ctx.spec.def, false)
  local wanted = ctx.given.format and ctx.flags.format ~= "" and ctx.flags.format or "table"
  local text = format.named(ctx.spec.def, all, entries, view, wanted)
  if text then return text end
  local shown = format.shown(all, ctx)
  return view.tty and render.terminal_text(ctx, shown, entries, view) or format.plain_table(shown, entries, view)
end

local function section(ctx, state)
  if not ctx.several then return "" end
  local style = ui.style "stdout"
  if not state.at then
    local words = state.err and state.err.message or "no answer yet"
    return style:paint(state.err and "bad" or "off", ("%s  %s"):format(state.name, words)) .. "\n"
  end
  local age = ui.clock() - state.at
  local late = age > ctx.flags.interval * 2 + 1
  local text = ("%s  %s%s"):format(state.name, load.text(state.load or {}), late and (", %d s old"):format(age) or "")
  return style:paint(late and "off" or require("cli.targets").color(state.name) or "bold", text) .. "\n"
end

---The entries as the flags want them: sorted, the first ones, with their sum.
---@param flags table
---@param entries stats.Entry[]
---@return stats.Entry[]
function M.shown(flags, entries)
  local out = compute.pick(entries, flags.sort, flags.top)
  if flags.totals then out[#out + 1] = compute.total(entries) end
  return out
end

local function json(ctx, states)
  local encode = require("json").encode
  for _, state in ipairs(states) do
    for _, e in ipairs(state.fresh and M.shown(ctx.flags, state.entries) or {}) do
      e.profile = state.name
      ctx:out(encode(render.json_record(ctx, e)) .. "\n")
    end
    state.fresh = false
  end
end

-- As docker redraws: from the top, each line clearing what stood behind it, then what stood below.
local function draw(ctx, states)
  if ctx.flags.json then return json(ctx, states) end
  local parts = {}
  for _, state in ipairs(states) do
    parts[#parts + 1] = section(ctx, state) .. (state.entries and table_text(ctx, M.shown(ctx.flags, state.entries)) or "")
  end
  local text = table.concat(parts, ctx.several and "\n" or "")
  ctx:out("\27[H" .. text:gsub("\n", " \27[K\n") .. " \27[K\n\27[J")
end

local function measure(ctx, choice, state, nas)
  local sampler = require("stats.sample").new(nas, choice, ctx.flags.all)
  local first = true
  while true do
    local from = ui.clock()
    local entries, failed = try(sampler.read, sampler)
    if not entries then
      if not ctx.several then error(failed, 0) end
      state.err = failed
      if again.broken(failed) then
        nas = again.connect(nas)
        sampler = require("stats.sample").new(nas, choice, ctx.flags.all)
      end
    elseif first and #failed > 0 and not ctx.several then
      return failed
    else
      state.entries, state.at, state.err, state.fresh, first = entries, ui.clock(), nil, true, false
      if ctx.several then state.load = load.read(nas) end
    end
    task.sleep(math.max(ctx.flags.interval - (ui.clock() - from), 0.1))
  end
end

local function drawing(ctx, states)
  while true do
    local any = false
    for _, state in ipairs(states) do any = any or state.at end
    if any then draw(ctx, states) end
    task.sleep(any and math.max(ctx.flags.interval, 0.1) or 0.05)
  end
end

-- The state of a NAS, which stands where its name stands in the selection.
local function state_of(ctx, states, name)
  for _, known in ipairs(states) do
    if known.name == name then return known end
  end
  local place, state = {}, { name = name }
  for i, asked in ipairs(ctx.asked) do place[asked] = i end
  states[#states + 1] = state
  table.sort(states, function(a, b) return place[a.name] < place[b.name] end)
  return state
end

---Shows until interrupted. Returns what was asked for and is not there.
---@async
---@param ctx cli.Context
---@param choice stats.Choice
---@return Error[]?
function M.run(ctx, choice)
  local states, failed = {}, nil
  local painter = task.spawn(drawing, ctx, states)
  local _ <close> = defer(function() painter:cancel() end)
  ctx:each_target(function(nas)
    failed = measure(ctx, choice, state_of(ctx, states, nas.name), nas)
  end, {
    patience = math.huge,
    at_once = function(failure)
      if ctx.flags.json then return ctx:tell_failures { failure } end
      state_of(ctx, states, failure.profile).err = failure.err
    end,
  })
  return failed
end

return M
