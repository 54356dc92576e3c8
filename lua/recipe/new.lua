---@type cli.Command
return {
  summary = "Begin a recipe of your own",
  group = "automation",
  description = "Writes ~/.qnap-docker/recipes/NAME.lua, which is a command from then on. It is trusted as it is; when you change it, "
    .. "trust it again ('recipe edit' does that).",
  args = { { "name" } },
  flags = { { "from", type = "string", value = "RECIPE", complete = "recipes", help = "Begin with the text of another one" } },
  examples = { { "recipe new nightly" }, { "recipe new my-ports --from port-map" } },
  run = function(ctx)
    local fs, recipe, registry = require "fs", require "recipe", require "cli.registry"
    local name = ctx.args.name
    if not recipe.is_name(name) then
      Error { category = "usage", code = "bad_recipe_name", message = ("'%s' is no name of a recipe"):format(name),
        why = "a name has small letters, digits and '-', and begins with a letter" }
    end
    if registry.get(name) or registry.group(name) then
      Error { category = "conflict", code = "recipe_hides_command", message = ("there is a command '%s' already"):format(name),
        hint = "take another name" }
    end
    local from = ctx.flags.from and recipe.find(ctx.flags.from)
    local path = fs.join(recipe.folder(), name .. ".lua")
    if fs.exists(path) then Error { category = "conflict", code = "exists", message = ("there is %s already"):format(path) } end
    fs.mkdir(recipe.folder(), { parents = true })
    fs.write(path, from and from.text or require("recipe.skeleton").text(name), { mode = 384 }) -- 0600
    recipe.trust(recipe.of_user(name))
    ctx:out(path .. "\n")
  end,
}
