---@type cli.Command
return {
  summary = "List the words of your own",
  group = "help",
  uses = { "output" },
  aliases = { "alias ls" },
  columns = {
    { "Name", priority = 0 },
    { "Words", priority = 1 },
    { "State", color = "state", priority = 2 },
  },
  quiet = "Name",
  empty = "there are none: qnap-docker alias set NAME 'WORDS'",
  examples = { { "alias list" }, { "alias list --json" } },
  run = function()
    local registry, out = require "cli.registry", require("json").array {}
    for name, words in pairs(require("cli.own_aliases").all()) do
      local hidden = registry.get(name) or registry.group(name)
      out[#out + 1] = { name = name, words = words, state = hidden and "hidden by a command" or "" }
    end
    table.sort(out, function(a, b) return a.name < b.name end)
    return out
  end,
}
