-- `volume inspect`, `network inspect` and their like: the engine's documents of objects of one kind.
local M = {}

---@async
---@param ctx cli.Context with the flag --format
---@param kind string of docker.types: "volume", "network"
---@param names string[]
---@param fetch fun(nas: docker.Nas, name: string): string JSON text of one object
---@param look? fun(nas: docker.Nas, name: string): pretty.Section[]? what a terminal shows beside it
function M.run(ctx, kind, names, fetch, look)
  local types = require "docker.types"
  local format = ctx.flags.format
  if format and format ~= "" and format ~= "json" then require("cli.format").compile(format) end
  local texts, more, kinds, failed = {}, {}, {}, {}
  local beside = look and not format and not ctx.flags.json and require("ui").is_tty "stdout"
  ctx:each_target(function(nas)
    local found = require("task").map(names, function(name)
      local text, err = try(fetch, nas, name)
      return { text = text, err = err, more = text and beside and try(look, nas, name) or {} }
    end, { limit = 8 })
    for _, one in ipairs(found) do
      if one.err then
        failed[#failed + 1] = one.err
      else
        texts[#texts + 1], more[#more + 1], kinds[#kinds + 1] = one.text, one.more, kind
      end
    end
  end)
  ctx:documents(texts, { types = types.get(), type_name = types.names[kind], kinds = kinds, more = more }, failed)
end

return M
