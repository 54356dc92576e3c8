local help = require "cli.help"
local registry = require "cli.registry"
local topics = require "cli.topics"
local ui = require "ui"

local function unknown(name)
  local suggest = require "cli.suggest"
  local names = registry.first_words()
  table.move(topics.names(), 1, 50, #names + 1, names)
  local near = suggest.near(name, names)
  Error {
    category = "not_found", code = "unknown_topic", message = ("no help for '%s': neither a command nor a topic"):format(name),
    hint = near[1] and ("did you mean %s?\nqnap-docker help"):format(suggest.either(near)) or "qnap-docker help",
  }
end

---@type cli.Command
return {
  summary = "Show help for a command or a topic",
  group = "help",
  args = { { "topic", variadic = true, optional = true, complete = "topics", help = "A command's words, or a topic" } },
  pager = true,
  examples = { { "help run", "What run does, with examples" }, { "help exit-codes" } },
  run = function(ctx)
    local words, width = ctx.args.topic, ui.width()
    if #words == 0 then
      return ctx:out(help.overview(width))
    end
    local name = table.concat(words, " ")
    local text = topics.text(name, width)
    if text then
      return ctx:out(text)
    end
    local entry = registry.get(name)
    if entry then
      return ctx:out(help.command(registry.load(entry), width))
    elseif registry.group(name) then
      return ctx:out(help.group(name, width))
    end
    local own = #words == 1 and require("cli.own_aliases").all()[name]
    if own then
      return ctx:out(("%s is a word of your own. It stands for: %s\n"):format(name, require("ui.text").clean(own)))
    end
    unknown(name)
  end,
}
