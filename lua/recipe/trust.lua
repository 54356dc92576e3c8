-- What it says that it needs, as text: nothing of it has run yet.
local function show(ctx, recipe)
  local style, clean = require("ui").style "stderr", require("ui.text").clean
  ctx:note(style:paint("bold", recipe.path))
  for line in (recipe.text:gsub("\n*$", "") .. "\n"):gmatch "([^\n]*)\n" do ctx:note("  " .. clean(line)) end
end

---@type cli.Command
return {
  summary = "Trust a recipe with the content that it has now",
  group = "automation",
  description = "Shows the recipe and asks. A trusted recipe may do to your NASes and files whatever you may. When it changes it is "
    .. "asked about again.",
  args = { { "recipe", complete = "recipes", help = "Its name, or a file" } },
  flags = { { "revoke", help = "Trust it no longer" } },
  uses = { "confirm" },
  examples = { { "recipe trust ./downloaded.lua" }, { "recipe trust --revoke nightly" } },
  run = function(ctx)
    local module = require "recipe"
    local recipe = module.find(ctx.args.recipe)
    if recipe.builtin then return ctx:note(("%s comes with the program: it needs no trust"):format(recipe.name)) end
    if ctx.flags.revoke then
      if not module.forget(recipe.path) then
        Error { category = "not_found", code = "not_trusted", message = ("%s is not trusted"):format(recipe.path) }
      end
      return ctx:note(("%s is not trusted any more"):format(recipe.path))
    end
    if recipe.trust == "trusted" then return ctx:note(("%s is trusted as it is"):format(recipe.path)) end
    local findings = module.check(recipe)
    for _, text in ipairs(findings) do ctx:warn(require("ui.text").clean(text)) end
    show(ctx, recipe)
    ctx:confirm { level = 2, question = "Trust this recipe: it may do whatever you may?" }
    module.trust(recipe)
    ctx:note(("%s is trusted until it changes"):format(recipe.path))
  end,
}
