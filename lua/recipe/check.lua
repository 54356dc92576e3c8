---@type cli.Command
return {
  summary = "Say what is wrong with recipes, without running them",
  group = "automation",
  description = "Exit code 8 when something is. Of a recipe that is not trusted only the syntax is read, as its table is made by running "
    .. "its first lines.",
  args = { { "recipe", variadic = true, optional = true, complete = "recipes", help = "Names or files (default: all)" } },
  examples = { { "recipe check" }, { "recipe check ./mine.lua" } },
  run = function(ctx)
    local module, list = require "recipe", {}
    for i, word in ipairs(ctx.args.recipe) do list[i] = module.find(word) end
    if #ctx.args.recipe == 0 then list = module.list() end
    for _, recipe in ipairs(list) do
      local findings = module.check(recipe)
      for _, text in ipairs(findings) do
        ctx:out(("%s: %s\n"):format(recipe.path, require("ui.text").clean(text)))
        ctx:exit(8)
      end
      if #findings == 0 and not recipe.builtin and recipe.trust ~= "trusted" then
        ctx:note(("%s: %s, so that only its syntax was read"):format(recipe.path, recipe.trust))
      end
    end
  end,
}
