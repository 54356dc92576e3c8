-- What a command's run(ctx) gets: flags, arguments, output, targets.
local M = {}
local Context = {}
Context.__index = Context
function Context:out(bytes)
  io.stdout:write(bytes)
end
function M.run(spec, parsed)
  local ctx = setmetatable({ spec = spec, flags = parsed.flags, given = parsed.given, args = parsed.args, rest = parsed.rest }, Context)
  spec.def.run(ctx)
  return ctx.exit_code or 0
end
return M
