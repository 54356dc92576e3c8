local function refuse(name, code, why, hint)
  Error { category = "usage", code = code, message = ("'%s' cannot be an alias"):format(name), why = why, hint = hint }
end

local function check_name(name)
  local registry = require "cli.registry"
  if not name:find "^[%w][%w._-]*$" then refuse(name, "bad_alias_name", "a name is one word of letters, digits, '-', '_' and '.'") end
  if registry.get(name) or registry.group(name) then
    refuse(name, "alias_hides_command", ("'%s' is a command of qnap-docker, and none is ever hidden"):format(name), "take another word")
  end
end

-- An alias has to lead to a command.
local function check_words(name, text)
  local registry, own = require "cli.registry", require "cli.own_aliases"
  local words = own.split(text)
  if not words then refuse(name, "bad_alias", "a quote in its words is not closed") end
  local first = words[1]
  if not first then refuse(name, "bad_alias", "it stands for nothing") end
  if first == name then refuse(name, "bad_alias", "it would stand for itself") end
  if first:sub(1, 1) == "-" or registry.get(first) or registry.group(first) or own.all()[first] then return end
  local near = require("cli.suggest").near(first, registry.first_words())
  refuse(name, "bad_alias", ("'%s' is no command of qnap-docker"):format(first),
    near[1] and ("did you mean %s?"):format(require("cli.suggest").either(near)) or "qnap-docker help")
end

---@type cli.Command
return {
  summary = "Give a word of your own to a command with its flags",
  group = "help",
  description = "In the words, $1 to $9 are replaced by arguments, $@ by all of them; arguments that have no place are put behind. "
    .. "Quotes hold words together. No command is ever hidden: one that comes with a later version counts before the alias. They are "
    .. "kept in ~/.qnap-docker/aliases.yaml.",
  args = { { "name", complete = "aliases" }, { "words", label = "WORDS", help = "What it stands for, as one argument" } },
  examples = {
    { "alias set up 'compose up --rolling'", "qnap-docker up web is then: compose up --rolling web" },
    { "alias set sh 'exec -it $1 sh'" },
  },
  run = function(ctx)
    local name, text = ctx.args.name, ctx.args.words
    check_name(name)
    check_words(name, text)
    local before = require("cli.own_aliases").put(name, text)
    if before and before ~= text then ctx:note(("%s stood for: %s"):format(name, before)) end
    ctx:note(("%s stands for: %s"):format(name, text))
  end,
}
