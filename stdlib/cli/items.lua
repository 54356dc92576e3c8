-- Several arguments of one command, worked on at once and told in order (rm a b c).
local output = require "cli.output"

local M = {}
local MOST_LINES = 3

-- Prints the results that are complete from the front.
local function printer(ctx, count)
  local results, printed = {}, 0
  return function(i, result)
    results[i] = result
    while printed < count and results[printed + 1] do
      printed = printed + 1
      local line = results[printed].line
      if line and line ~= "" then
        ctx:out(line .. "\n")
      end
    end
  end
end

-- Six lines at most: a headline and its cause each, then what to try and the code where all share it.
local function tell(errors)
  local render = require "cli.render_error"
  local style = require("ui").style "stderr"
  if #errors == 1 then
    return output.err(render.text(errors[1], { style = style }))
  end
  for i = 1, math.min(#errors, MOST_LINES) do
    output.err(render.headline(errors[i], style))
  end
  if #errors > MOST_LINES then
    output.err(("  … and %d more\n"):format(#errors - MOST_LINES))
  end
  for _, err in ipairs(errors) do
    if err.code ~= errors[1].code then
      return
    end
  end
  output.err(render.tail(errors[1], style))
end

-- With several NASes each one's failures are told together, with its name, when the command ends.
local function left_to_end(ctx, failed)
  if not ctx.several then
    return false
  end
  for _, err in ipairs(failed) do
    local profile = require("cli.targets").current() or err.profile
    if not profile then
      return false
    end
    ctx.failures[#ctx.failures + 1] = { profile = profile, err = err }
  end
  return true
end

---Prints what went wrong with some of several things, and sets the exit code they lead to. None: nothing.
---@param ctx cli.Context
---@param failed Error[] in the arguments' order
function M.report(ctx, failed)
  if #failed == 0 or left_to_end(ctx, failed) then
    return
  end
  if ctx.display then
    ctx.display:close()
  end
  if ctx.flags.json then
    for _, err in ipairs(failed) do
      output.err(require("json").encode(require("cli.render_error").object(err)) .. "\n")
    end
  else
    tell(failed)
  end
  local errors, code = require "errors", nil
  for _, err in ipairs(failed) do
    local this = errors.exit_code(err)
    code = (code == nil or code == this) and this or 1
  end
  ctx:exit(code)
end

---See Context:each_item.
---@async
function M.each(ctx, items, fn, options)
  local task = require "task"
  local done, failed = printer(ctx, #items), {}
  task.map(items, function(item, i)
    local line, err = try(fn, item) -- a bug goes on at once
    if err then
      failed[#failed + 1] = { i = i, err = err }
    end
    done(i, { line = line })
  end, { limit = options and options.limit or 50 })
  table.sort(failed, function(a, b)
    return a.i < b.i
  end)
  for i, failure in ipairs(failed) do
    failed[i] = failure.err
  end
  M.report(ctx, failed)
end

return M
