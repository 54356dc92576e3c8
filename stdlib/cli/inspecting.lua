-- `volume inspect`, `network inspect` and their like: the engine's documents of objects of one kind.
local types = require "docker.types"

local M = {}

---@async
---@param ctx cli.Context with the flag --format
---@param kind string of docker.types: "volume", "network"
---@param names string[]
---@param fetch fun(nas: docker.Nas, name: string): string JSON text of one object
---@param look? fun(nas: docker.Nas, name: string): pretty.Section[]? what a terminal shows beside it
function M.run(ctx, kind, names, fetch, look)
  local format = ctx.flags.format
  if format and format ~= "" and format ~= "json" then require("cli.format").compile(format) end
  local beside = look and not format and not ctx.flags.json and require("ui").is_tty "stdout"
  M.show(ctx, ctx:each_target(function(nas)
    return M.find(names, function(name)
      local text = fetch(nas, name)
      return { text = text, kind = kind, more = beside and try(look, nas, name) or nil }
    end)
  end))
end

---@class cli.Inspected
---@field text? string JSON
---@field kind? string "container", ...
---@field more? pretty.Section[] what a terminal shows beside it
---@field err? Error why there is none
---@field profile? string filled in by each_target

---Looks all names up at once.
---@async
---@param names string[]
---@param find fun(name: string): cli.Inspected
---@return cli.Inspected[]
function M.find(names, find)
  return require("task").map(names, function(name)
    local found, err = try(find, name)
    return found or { err = err }
  end, { limit = 8 })
end

---Prints what was found, and reports what was not.
---@async
---@param ctx cli.Context
---@param rows cli.Inspected[]
function M.show(ctx, rows)
  local texts, failed = {}, {}
  local options = { types = types.get(), type_name = {}, profiles = {}, kinds = {}, more = {} }
  for _, row in ipairs(rows) do
    if row.err then
      failed[#failed + 1] = row.err
    else
      local n = #texts + 1
      texts[n], options.type_name[n], options.profiles[n] = row.text, types.names[row.kind], row.profile
      options.kinds[n], options.more[n] = row.kind, row.more
    end
  end
  ctx:documents(texts, options, failed)
end

return M
