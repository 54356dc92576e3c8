---@type cli.Command
return {
  summary = "List the recipes",
  group = "automation",
  description = "Those that come with the program, and your own in ~/.qnap-docker/recipes. Each is a command: qnap-docker NAME --help.",
  uses = { "output" },
  aliases = { "recipe ls" },
  columns = {
    { "Name", priority = 0 },
    { "Trust", priority = 2 },
    { "Summary", priority = 1 },
    { "Path", hidden = true },
  },
  quiet = "Name",
  pager = true,
  examples = { { "recipe list" }, { "recipe list --format '{{.Name}}: {{.Summary}}'" } },
  run = function()
    local out = require("json").array {}
    for i, r in ipairs(require("recipe").list()) do
      out[i] = { name = r.name, trust = r.trust, summary = require("ui.text").clean(r.summary), path = r.path }
    end
    return out
  end,
}
