-- What the two arguments of cp come to: one of them is NAME:PATH. Dependencies: copy.paths.
local paths = require "copy.paths"

local M = {}

---@class copy.Direction
---@field name string of the container or service
---@field into boolean from here into it
---@field source string
---@field destination string

local function usage(message, why)
  Error { category = "usage", code = "bad_arguments", exit_code = 1, message = message, why = why }
end

---@param from string
---@param to string
---@param what "container"|"service"
---@return copy.Direction
---@raise usage "bad_arguments"
function M.of(from, to, what)
  if from == "" then usage "source can not be empty" end
  if to == "" then usage "destination can not be empty" end
  local source, source_path = paths.container(from)
  local target, target_path = paths.container(to)
  if source and target then
    usage(("copying between %ss is not supported"):format(what), "copy to this machine first, or pipe: cp A:PATH - into cp - B:PATH")
  elseif not source and not target then
    usage(("must specify at least one %s source"):format(what), ("neither is %s:PATH"):format(what:upper()))
  end
  return { name = source or target, into = target ~= nil, source = source_path, destination = target_path }
end

---Candidates with the colon that belongs behind them; files are the shell's own.
---@param provider string of cli.candidates
---@return fun(ctx: cli.CompletionContext): cli.Candidate[]
function M.completion(provider)
  return function(ctx)
    if ctx.word:find "[:/.]" then return {} end
    local out = {}
    for i, row in ipairs(require("cli.candidates")[provider](ctx) or {}) do out[i] = { row[1] .. ":", row[2] } end
    return out
  end
end

return M
