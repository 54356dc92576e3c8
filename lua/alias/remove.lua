---@type cli.Command
return {
  summary = "Forget words of your own",
  group = "help",
  args = { { "name", variadic = true, complete = "aliases" } },
  aliases = { "alias rm" },
  examples = { { "alias remove up" } },
  run = function(ctx)
    local own = require "cli.own_aliases"
    local all = own.all()
    for _, name in ipairs(ctx.args.name) do
      if not all[name] then
        local hint = "qnap-docker alias list"
        Error { category = "not_found", code = "no_alias", message = ("there is no alias '%s'"):format(name), hint = hint }
      end
    end
    for _, name in ipairs(ctx.args.name) do
      own.put(name, nil)
      ctx:out(name .. "\n")
    end
  end,
}
