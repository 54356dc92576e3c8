local function editor()
  for _, name in ipairs { "VISUAL", "EDITOR" } do
    local words = require("cli.own_aliases").split(os.getenv(name) or "")
    if words and words[1] then return words end
  end
  return { "vi" }
end

---@type cli.Command
return {
  summary = "Edit a recipe of your own, and check it",
  group = "automation",
  description = "With $VISUAL or $EDITOR. One that was trusted is trusted as you leave it.",
  args = { { "recipe", complete = "recipes" } },
  examples = { { "recipe edit nightly" } },
  run = function(ctx)
    local module = require "recipe"
    local recipe = module.find(ctx.args.recipe)
    if recipe.builtin then
      Error {
        category = "usage", code = "built_in_recipe", message = ("%s comes with the program"):format(recipe.name),
        hint = ("qnap-docker recipe new my-%s --from %s"):format(recipe.name, recipe.name),
      }
    end
    local argv = editor()
    argv[#argv + 1] = recipe.path
    local ended = require("proc").interactive { argv = argv }
    if ended.code ~= 0 then
      Error {
        category = "fail", code = "editor_failed", message = ("the editor '%s' failed"):format(argv[1]),
        why = ("exit code %d"):format(ended.code), hint = "set VISUAL or EDITOR to the one that you use",
      }
    end
    local now = module.find(recipe.path)
    if recipe.trust == "trusted" and now.text ~= recipe.text then
      module.trust(now)
      now = module.find(recipe.path)
    end
    now.name = recipe.name
    for _, text in ipairs(module.check(now)) do ctx:warn(require("ui.text").clean(text)) end
    if now.trust ~= "trusted" then ctx:note(("%s is not trusted: qnap-docker recipe trust %s"):format(now.path, recipe.name)) end
  end,
}
