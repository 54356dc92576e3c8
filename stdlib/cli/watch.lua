-- The same list again and again (--watch), until interrupted.
local render = require "cli.render"
local task = require "task"
local ui = require "ui"

local M = {}

---Shows what fn returns every `interval` seconds; on a terminal in place.
---@async
---@param ctx cli.Context
---@param interval number seconds
---@param fn fun(): table[]
function M.run(ctx, interval, fn)
  ctx.rounds, ctx.late = {}, {}
  while true do
    ctx.failures = {}
    local rows = fn()
    if ui.is_tty "stdout" then
      ctx:out "\27[H\27[J"
    end
    render.list(ctx, rows)
    ctx:report_failures()
    task.sleep(math.max(interval, 0.1))
  end
end

---What fn returns, or with --watch (the shared set "watch") the same again and again.
---@async
---@param ctx cli.Context
---@param fn fun(): table[]
---@return table[]?
function M.list(ctx, fn)
  if not ctx.flags.watch then
    return fn()
  end
  M.run(ctx, ctx.flags.watch, fn)
end

return M
